"""What a loss and a metric must be.

The engine's own errors for these come from deep inside, or when a graph is compiled: too far from
the line that has the mistake.
"""

from __future__ import annotations

from typing import Any

from minitheanonet.engine import Variable


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
