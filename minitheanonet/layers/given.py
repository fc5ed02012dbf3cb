"""What a parameter may be given as, and what is wrong with anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitheanonet.checks import as_real_array
from minitheanonet.engine import SharedVariable, Variable, floats, static_shape


def checked_array(label: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return `value` as a real array, if its shape is `shape`."""
    try:
        array = as_real_array(value, label)
    except TypeError as error:
        raise TypeError(
            f"{label} must be an initialiser, an array of real numbers, a shared or a symbolic "
            f"variable, got {type(value).__name__} {value!r:.60}."
        ) from error
    if array.shape != shape:
        raise ValueError(f"{label} has shape {array.shape}, expected {shape}.")
    return array


def drawn(
    label: str,
    initializer: Callable[[tuple[int, ...], np.random.Generator], Any],
    shape: tuple[int, ...],
    rng: np.random.Generator,
) -> np.ndarray:
    """Return what an initialiser draws, once memory is known to hold it."""
    if isinstance(initializer, type):
        raise TypeError(f"{label} is the class {initializer.__name__}. Did you leave out the ()?")
    return checked_array(label, initializer(shape, rng), shape)


def check_symbolic(label: str, given: Variable, shape: tuple[int, ...], dtype: str) -> None:
    """Refuse a symbolic parameter that is known to have another shape or dtype."""
    known = static_shape(floats(given, label))
    if isinstance(given, SharedVariable):
        known = given.get_value(borrow=True).shape
    fits = len(known) == len(shape) and all(
        length in (None, wanted) for length, wanted in zip(known, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{label} has shape {shown(known)}, expected {shape}.")
    if given.dtype != dtype:
        raise TypeError(
            f"{label} is {given.dtype}, but the layer computes in {dtype}: cast it, or build the "
            f'layer with dtype="{given.dtype}".'
        )


def shown(shape: tuple[int | None, ...]) -> str:
    """Return a shape as text, with ? where a length is not known."""
    lengths = ", ".join("?" if length is None else str(length) for length in shape)
    return f"({lengths},)" if len(shape) == 1 else f"({lengths})"
