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
    def __call__(self, x, training=None):
        return x + x


class Dense(mtn.Dense):
    """A subclass by the same name: what it computes, no file can know."""


def chain(count):
    return mtn.Sequential(mtn.Dense(2, 2), *[mtn.ReLU() for _ in range(count)], seed=0)


unsaveable = {
    "tied": (tied, "mirror: its W is a symbolic expression"),
    "frozen": (
        lambda: mtn.Sequential(mtn.Dense(2, 2, b=T.constant(np.ones(2, "float32")), name="ice")),
        "ice: its b is a symbolic",
    ),
    "shared": (shared_weights, "echo: its W is the same variable as that of dense_1"),
    "a layer twice": (twice, "'again' stands for two places"),
    "a layer of one's own": (
        lambda: mtn.Sequential(mtn.Dense(2, 2), Double(name="mine"), seed=0),
        "mine is a Double",
    ),
    "a subclass": (lambda: mtn.Sequential(Dense(2, 2, name="sub"), seed=0), "sub is a Dense"),
    "no input shape": (lambda: mtn.Sequential(mtn.Flatten(name="flat")), "since flat takes any"),
    "two dtypes": (
        lambda: mtn.Sequential(mtn.Dense(2, 2), mtn.Dense(2, 2, dtype="float64", name="other")),
        "other is float64",
    ),
    "a path for a name": (
        lambda: mtn.Sequential(mtn.Dense(2, 2, name="a/b"), seed=0),
        "'a/b' can't stand in a file",
    ),
    "a long name": (lambda: mtn.Sequential(mtn.Dense(2, 2, name="ñ" * 61), seed=0), "too long"),
    "many layers": (lambda: chain(512), "more than 512 layers"),
    "networks in networks": (lambda: nested(8), "nested more than 8 deep"),
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
    layers = [mtn.ReLU(name=f"{number:0120d}") for number in range(511)]
    net = mtn.Sequential(mtn.Dense(2, 2), *layers, seed=0)
    save_model(net, tmp_path / "m.h5")
    assert len(load_model(tmp_path / "m.h5").layers) == 512


def test_as_many_networks_in_networks_as_are_allowed(tmp_path):
    save_model(nested(7), tmp_path / "m.h5")
    assert len(load_model(tmp_path / "m.h5").params) == 2


def test_a_description_that_is_too_long(tmp_path):
    with pytest.raises(ModelFileError, match="takes 67,[0-9,]+ bytes, and at most 67,108,864"):
        save_model(nested(0), tmp_path / "m.h5", classes=["x" * 2**26, "y"])
    assert not list(tmp_path.iterdir())
