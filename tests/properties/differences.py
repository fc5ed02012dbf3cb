"""Gradients by central differences, the yardstick for those that the engine derives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STEP = 1e-5


def central_difference(f: Callable[..., float], values: list[np.ndarray], index: int) -> np.ndarray:
    """Return df/dvalues[index], entry by entry, in float64."""
    gradient = np.zeros_like(values[index])
    for position in np.ndindex(gradient.shape):
        ends = []
        for sign in (1, -1):
            moved = [value.copy() for value in values]
            moved[index][position] += sign * STEP
            ends.append(float(f(*moved)))
        gradient[position] = (ends[0] - ends[1]) / (2 * STEP)
    return gradient


def assert_gradients_agree(f: Callable, gradients: Callable, values: list[np.ndarray]) -> None:
    """Hold the gradients of f, in all of its arguments, against central differences.

    What f rounds, a few of its last places, the difference divides by the step.
    """
    rounding = 8 * np.finfo("float64").eps * abs(float(f(*values))) / STEP
    for index, gradient in enumerate(gradients(*values)):
        expected = central_difference(f, values, index)
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8 + rounding)
