"""What arguments must be: numbers, seeds, shapes, paths, arrays. An error names the argument.

Whatever takes an argument from a user's hand asks here first, so that a mistake is told where it
was made and not by the code, deep down, that can't go on with it.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "as_array",
    "as_real_array",
    "checked_column",
    "checked_path",
    "checked_seed",
    "checked_shape",
    "float_dtype",
    "is_number",
    "is_whole",
    "number",
    "positive_int",
    "positive_number",
]

# What a SeedSequence draws for itself, and what a checkpoint keeps.
_SEED_LIMIT = 2**128


def is_number(value: Any) -> bool:
    """Say whether `value` is a real number, Python's or NumPy's; a truth value is none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Say whether `value` is an integer, Python's or NumPy's; a truth value is none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def number(value: Any, what: str, wanted: str, fits: Callable[[float], bool]) -> float:
    """Return `value` as a float, if it is a real number that fits; `wanted` says which ones do."""
    if not is_number(value) or not fits(value):
        raise ValueError(f"{what} must be {wanted}, got {value!r:.60}.")
    return float(value)


def positive_number(value: Any, what: str) -> float:
    """Return `value` as a float, if it is above 0 and finite."""
    return number(value, what, "a positive number", lambda x: 0 < x < float("inf"))


def positive_int(value: Any, what: str) -> int:
    """Return `value` as an int, if it is a positive whole number."""
    if not is_whole(value) or value < 1:
        raise ValueError(f"{what} must be a positive whole number, got {value!r:.60}.")
    return int(value)


def checked_seed(value: Any, what: str = "seed") -> int:
    """Return `value` as an int, if it can seed a generator and be kept in a file."""
    if not is_whole(value) or not 0 <= value < _SEED_LIMIT:
        raise ValueError(f"{what} must be a whole number from 0 to 2**128 - 1, got {value!r:.60}.")
    return int(value)


def checked_shape(value: Any, what: str) -> tuple[int, ...]:
    """Return `value` as a tuple of ints, if it is a sequence of positive whole numbers."""
    if not isinstance(value, tuple | list) or not all(is_whole(n) and n > 0 for n in value):
        raise ValueError(
            f"{what} must be a tuple of positive whole numbers, (784,) say, got {value!r:.60}."
        )
    return tuple(map(int, value))


def float_dtype(value: Any, what: str) -> str:
    """Return the name of a dtype, if it is one in which networks compute."""
    try:
        name = np.dtype(value).name
    except TypeError:
        name = ""
    if value is None or name not in ("float32", "float64"):
        raise ValueError(f'{what} must be "float32" or "float64", got {value!r:.60}.')
    return name


def checked_path(value: Any, what: str) -> Path:
    """Return `value` as a path, if it is one: an open file and a file's number are none."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(
            f"{what} must be a path, a str or an os.PathLike, got {type(value).__name__} "
            f"{value!r:.60}."
        )
    if "\0" in os.fsdecode(value):
        raise ValueError(f"{what} has a NUL character in it, which no path can have: {value!r}.")
    return Path(value)


def checked_column(values: Any, what: str) -> list[float | int | None]:
    """Return `values` as a list, if they are a sequence of numbers, None among them perhaps."""
    is_sequence = isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping)
    column = list(values) if is_sequence else [values]
    wrong = [value for value in column if value is not None and not is_number(value)]
    if wrong or not is_sequence:
        raise TypeError(
            f"{what} must be a list of numbers, with None where one is missing, got "
            f"{[*wrong, values][0]!r:.60}."
        )
    return [value.item() if isinstance(value, np.generic) else value for value in column]


def as_array(values: Any, what: str) -> np.ndarray:
    """Return `values` as an array of whatever dtype they have."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what NumPy 1 warns of here, NumPy 2 refuses
            return np.asarray(values)
    except (ValueError, Warning) as error:
        raise ValueError(
            f"{what} don't form an array: their rows differ in length. Give every one the same."
        ) from error


def as_real_array(values: Any, what: str) -> np.ndarray:
    """Return `values` as an array of real numbers, of whatever dtype they have."""
    array = as_array(values, what)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{what} must be an array of real numbers, got {type(values).__name__} "
            f"of dtype {array.dtype}."
        )
    return array
