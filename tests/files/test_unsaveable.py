"""Networks that a file can't hold faithfully: an error when they are saved, by the layer's name."""

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T
from minitheanonet.files import ModelFileError, load_model, save_model


def tied():
    first = mtn.Dense(3, 2, seed=0)
    return mtn.Sequential(first, mtn.Dense(2, 3, W=first.W.T, name="mirror"), seed=0)


def shared_weights():
    first = mtn.Dense(3, 3, seed=0)
    return mtn.Sequential(first, mtn.Dense(3, 3, W=first.W, name="echo"), seed=0)


def twice():
    layer = mtn.ReLU(name="again")
    return mtn.Sequential(mtn.Dense(2, 2), layer, mtn.Dense(2, 2), layer, seed=0)


class Double(mtn.Layer):
    def forward(self, x, training=None):
        return x + x


class Dense(mtn.Dense):
    """A subclass by the same name: what it computes, no file can know."""


def chain(count, prefix):
    layers = [mtn.ReLU(name=f"{prefix}{number}") for number in range(count)]
    return mtn.Sequential(mtn.Dense(2, 2), *layers, seed=0)


def misshapen():
    net = mtn.Sequential(mtn.Dense(2, 2), seed=0)
    net.params[0].set_value(np.ones((5, 5), "float32"))
    return net


unsaveable = {
    "tied": (tied, "mirror: its W is symbolic"),
    "frozen": (
        lambda: mtn.Sequential(mtn.Dense(2, 2, b=T.constant(np.ones(2, "float32")), name="ice")),
        "ice: its b is symbolic",
    ),
    "shared": (shared_weights, "echo/kernel is the same variable as dense_1/kernel"),
    "a layer twice": (twice, "'again' stands in two places"),
    "a layer of one's own": (
        lambda: mtn.Sequential(mtn.Dense(2, 2), Double(name="mine"), seed=0),
        "mine is a Double",
    ),
    "a residual": (
        lambda: mtn.Sequential(mtn.Residual(mtn.Dense(2, 2)), seed=0), "residual_1 is a Residual",
    ),
    "a residual alone": (lambda: mtn.Residual(mtn.Dense(2, 2)), "network is a Residual, no Seq"),
    "branches": (
        lambda: mtn.Sequential(
            mtn.Concatenate(mtn.Flatten(), name="both"), mtn.Dense(2, 2), input_shape=(2,)
        ),
        "both is a Concatenate",
    ),
    "much noise": (
        lambda: mtn.Sequential(mtn.Dense(2, 2), mtn.GaussianNoise(1.5)), "deviation above 1, which"
    ),
    "a subclass": (lambda: mtn.Sequential(Dense(2, 2, name="sub"), seed=0), "sub is a Dense"),
    "no input shape": (lambda: mtn.Sequential(mtn.Flatten(name="flat")), "since flat takes any"),
    "a name that is a place": (
        lambda: mtn.Sequential(mtn.Dense(2, 2, name=".."), seed=0), "'..' .*can't stand in a file"
    ),
    "long names": (lambda: chain(512, "x" * 200), "names of its layers take more than 64 KiB"),
    "strides and dilation": (
        lambda: mtn.Sequential(mtn.Conv2D(1, 1, 2, 2, dilation=2), input_shape=(9, 9, 1)),
        r"Conv2D\(1, 1, 2, strides=2, dilation=2\) has strides and dilation, .* one of",
    ),
    "a weight of another shape": (misshapen, "the network: dense_1/W was set to shape"),
    "another network": (lambda: Double(), "the network is a Double, no Sequential"),
    "a layer alone": (lambda: mtn.Dense(2, 2), "the network is a Dense, no Sequential"),
    "networks in networks": (lambda: nested(9), "a Sequential, which a model file doesn't know"),
}  # fmt: skip


def nested(depth):
    net = mtn.Sequential(mtn.Dense(2, 2), seed=0)
    for _ in range(depth):
        net = mtn.Sequential(net, seed=0)
    return net


@pytest.mark.parametrize(("make", "reason"), unsaveable.values(), ids=unsaveable)
def test_what_a_file_cannot_hold_is_refused_by_name(tmp_path, make, reason):
    with pytest.raises(ModelFileError, match=reason):
        save_model(make(), tmp_path / "m.h5")
    assert not list(tmp_path.iterdir())


def test_as_many_layers_with_as_long_names_as_are_allowed(tmp_path):
    save_model(chain(500, "x" * 120), tmp_path / "m.h5")
    assert len(load_model(tmp_path / "m.h5").layers) == 501


def test_as_many_networks_in_networks_as_are_allowed(tmp_path):
    save_model(nested(8), tmp_path / "m.h5")
    assert len(load_model(tmp_path / "m.h5").params) == 2


def test_a_description_that_is_too_long(tmp_path):
    with pytest.raises(ModelFileError, match="takes 67,[0-9,]+ bytes, and at most 67,108,864"):
        save_model(nested(0), tmp_path / "m.h5", classes=["x" * 2**26, "y"])
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_program_s_own_is_no_fault_of_the_file(tmp_path):
    class Unspeakable:
        def __str__(self):
            raise ZeroDivisionError

    net = mtn.Sequential(mtn.Dense(2, 2), seed=0)
    with pytest.raises(ZeroDivisionError):
        mtn.save_model(net, tmp_path / "m.h5", classes=[Unspeakable(), Unspeakable()])
    assert not list(tmp_path.iterdir())
