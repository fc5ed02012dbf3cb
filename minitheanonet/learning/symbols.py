"""What symbolic arguments of losses, penalties and optimizers must be.

The engine's own errors for these come from deep inside, or when a graph is compiled: too far from
the line that has the mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minitheanonet.engine import Variable, floats


def variables(values: Any, what: str) -> list[Variable]:
    """Return a sequence's entries as symbolic variables of real numbers."""
    if isinstance(values, Variable) or not isinstance(values, Iterable):
        raise TypeError(
            f"{what} must be a list of symbolic variables, [layer.W] or net.params say, got "
            f"{values!r:.60}."
        )
    return [floats(value, f"{what}: number {i}") for i, value in enumerate(values)]


def scalar_of(value: Any, what: str) -> Variable:
    """Return what a function returned, if it is a symbolic scalar of real numbers."""
    if not isinstance(value, Variable):
        raise TypeError(
            f"{what} must be a symbolic scalar, written with the engine's T, got {value!r:.60}."
        )
    if value.ndim != 0:
        raise ValueError(f"{what} must be a scalar, got ndim {value.ndim}: take its mean().")
    if value.dtype not in ("float32", "float64"):
        raise TypeError(
            f'{what} must be float32 or float64, got {value.dtype}: T.cast(x, "float32"). No '
            "gradient flows through whole numbers."
        )
    return value
