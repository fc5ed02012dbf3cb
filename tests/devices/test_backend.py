"""What says where a training runs, and what it refuses."""

import importlib.util

import pytest

import minitheanonet as mtn
from minitheanonet import engine


def trainer(backend):
    net = mtn.Sequential(mtn.Dense(2, 1), seed=0)
    return mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(), backend=backend)


@pytest.mark.parametrize("backend", ["jax", mtn.Jax, 4])
def test_a_backend_is_one(backend):
    with pytest.raises(TypeError, match="backend must be mtn.Jax"):
        trainer(backend)


def test_theano_is_refused(monkeypatch):
    monkeypatch.setattr(engine, "name", "theano")
    with pytest.raises(ImportError, match="MINITHEANONET_ENGINE=pytensor"):
        mtn.Jax()


class TestOnPyTensor:
    @pytest.fixture(autouse=True)
    def installed(self, monkeypatch):
        monkeypatch.setattr(engine, "name", "pytensor")
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())

    def test_without_jax_it_says_what_to_install(self, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        with pytest.raises(ImportError, match=r"pip install 'minitheanonet\[jax\]'"):
            mtn.Jax()

    @pytest.mark.parametrize("devices", [0, "two", 1.5])
    def test_devices_are_counted(self, devices):
        with pytest.raises(ValueError, match="devices"):
            mtn.Jax(devices=devices)

    def test_resident_is_a_truth_value(self):
        with pytest.raises(ValueError, match="resident must be True"):
            mtn.Jax(resident="yes")


def test_more_devices_than_there_are():
    pytest.importorskip("jax")
    if engine.name != "pytensor":
        pytest.skip("Theano doesn't run on JAX")
    with pytest.raises(ValueError, match="devices=1000, and JAX has"):
        trainer(mtn.Jax(devices=1000))
