from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.datasets import digits


def test_shapes_types_ranges_and_name():
    for part, n in zip(digits(), (1437, 360), strict=True):
        assert (part.inputs.shape, part.inputs.dtype) == ((n, 64), np.float32)
        assert (part.targets.shape, part.targets.dtype) == ((n,), np.int32)
        assert (part.inputs.min(), part.inputs.max()) == (0, 1)
        assert set(part.targets) == set(range(10))
        assert (part.classes, part.name) == (tuple("0123456789"), "UCI's digits")


def test_they_are_scikit_learns():
    theirs = pytest.importorskip("sklearn.datasets").load_digits()
    train, test = digits()
    np.testing.assert_array_equal(np.r_[train.inputs, test.inputs] * 16, theirs.data)
    np.testing.assert_array_equal(np.r_[train.targets, test.targets], theirs.target)


def test_a_network_learns_to_read_them():
    train, test = digits()
    net = mtn.Sequential(mtn.Dense(64, 32), mtn.ReLU(), mtn.Dense(32, 10), mtn.Softmax(), seed=0)
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.01), [mtn.accuracy])
    trainer.fit(train, epochs=10, progress=False)
    assert trainer.evaluate(test)["accuracy"] > 0.9
