"""What every optimizer can: factors and constraints by path, averages of weights."""

from fnmatch import fnmatch

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared

START = np.array([[1.0, -2.0], [0.5, 3.0]])
# A gradient that differs from step to step, and from entry to entry.
GRADIENTS = [np.array([[0.3, -1.0], [2.0, 0.01]]) * (-0.7) ** k for k in range(6)]


class TestByPath:
    def test_factors_of_the_learning_rate(self):
        params = {path: shared(START, path) for path in ("a/W", "a/b", "b/W")}
        optimizer = mtn.SGD(1.0, rates={"a/*": 0.5, "*/W": 0.1})
        g = T.dmatrix("g")
        step = function([g], [], updates=optimizer.updates([g] * 3, params))
        step(GRADIENTS[0])
        for path, factor in (("a/W", 0.5), ("a/b", 0.5), ("b/W", 0.1)):
            moved = params[path].get_value()
            np.testing.assert_allclose(moved, START - factor * GRADIENTS[0], rtol=1e-12)

    def test_constraints(self):
        params = {path: shared(START, path) for path in ("a/W", "a/b")}
        optimizer = mtn.SGD(0.0, constraints={"*/W": mtn.MaxNorm(1.0)})
        g = T.dmatrix("g")
        function([g], [], updates=optimizer.updates([g] * 2, params))(GRADIENTS[0])
        norms = np.linalg.norm(START, axis=0)
        expected = START * np.minimum(1, 1 / norms)
        np.testing.assert_allclose(params["a/W"].get_value(), expected, rtol=1e-12)
        np.testing.assert_array_equal(params["a/b"].get_value(), START)

    def test_a_weight_within_the_norm_keeps_its_bits(self):
        w = shared(0.1 * START, "w")
        np.testing.assert_array_equal(mtn.MaxNorm(3)(w).eval(), 0.1 * START)
        np.testing.assert_array_equal(mtn.MaxNorm(3)(shared(np.zeros((2, 2)))).eval(), 0)

    def test_what_may_not_be_negative(self):
        np.testing.assert_array_equal(mtn.NonNegative()(shared(START)).eval(), START.clip(0))

    @pytest.mark.parametrize("given", [{"rates": {"c/*": 2}}, {"constraints": {"c/*": abs}}])
    def test_a_pattern_that_fits_nothing(self, given):
        assert not fnmatch("w", "c/*")
        with pytest.raises(ValueError, match=r"the pattern 'c/\*' fits no parameter; they are w"):
            mtn.SGD(**given).updates([T.dmatrix()], [shared(START, "w")])


def test_patterns_are_told_with_the_names_of_functions():
    optimizer = mtn.SGD(0.1, rates={"a/*": 0.5}, constraints={"*/W": np.abs, "b": mtn.MaxNorm(3)})
    assert repr(optimizer) == (
        "SGD(learning_rate=0.1, rates={'a/*': 0.5}, "
        "constraints={'*/W': absolute, 'b': MaxNorm(limit=3, axis=0)})"
    )


def test_averaged_weights():
    w, g = shared(START, "w"), T.dmatrix("g")
    updates = mtn.SGD(0.1, average=0.75).updates([g], [w])
    average = next(v for v in updates if v.name == "w/average")
    step = function([g], [], updates=updates)
    p, expected = START, START
    for gradient in GRADIENTS:
        step(gradient)
        p = p - 0.1 * gradient
        expected = 0.75 * expected + 0.25 * p
    np.testing.assert_allclose(average.get_value(), expected, rtol=1e-12)
