"""The one door: what comes from a user's hand is looked at here, once, and trusted after.

An error names the thing and how to mend it. A compiled function is told to trust its inputs, so
nothing unchecked may reach one. This is the bottom of the house: it knows no engine.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

Shape = tuple[int, ...]

# What a SeedSequence draws for itself, and what a checkpoint keeps.
_SEED_LIMIT = 2**128
_CHUNK = 2**20  # numbers looked at at a time: a memory map is never read as a whole


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
    return number(value, what, "a positive number", lambda x: 0 < x < math.inf)


def not_negative(value: Any, what: str) -> float:
    """Return `value` as a float, if it is finite and 0 or more."""
    return number(value, what, "a number, 0 or more", lambda x: 0 <= x < math.inf)


def share(value: Any, what: str) -> float:
    """Return `value` as a float, if it lies in [0, 1)."""
    return number(value, what, "in [0, 1)", lambda x: 0 <= x < 1)


def positive_int(value: Any, what: str) -> int:
    """Return `value` as an int, if it is a positive whole number."""
    if not is_whole(value) or value < 1:
        raise ValueError(f"{what} must be a positive whole number, got {value!r:.60}.")
    return int(value)


def pair(value: Any, what: str) -> tuple[int, int]:
    """Return `value` as two ints, for rows and columns: a positive whole number is both of them."""
    both = value if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or not all(is_whole(n) and n > 0 for n in both):
        raise ValueError(
            f"{what} must be a positive whole number, or two of them, (rows, columns), "
            f"got {value!r:.60}."
        )
    return int(both[0]), int(both[1])


def checked_seed(value: Any, what: str = "seed") -> int:
    """Return `value` as an int, if it can seed a generator and be kept in a file."""
    if not is_whole(value) or not 0 <= value < _SEED_LIMIT:
        raise ValueError(f"{what} must be a whole number from 0 to 2**128 - 1, got {value!r:.60}.")
    return int(value)


def checked_shape(value: Any, what: str) -> Shape:
    """Return `value` as a tuple of ints, if it is a sequence of positive whole numbers."""
    if not isinstance(value, tuple | list) or not all(is_whole(n) and n > 0 for n in value):
        raise ValueError(
            f"{what} must be a tuple of positive whole numbers, (784,) say, got {value!r:.60}."
        )
    return tuple(map(int, value))


def float_dtype(value: Any, what: str) -> str:
    """Return the name of a dtype, if it is one in which networks compute."""
    name = "" if value is None else np.dtype(value).name  # NumPy takes None for float64
    if name not in ("float32", "float64"):
        raise ValueError(f'{what} must be "float32" or "float64", got {value!r:.60}.')
    return name


def checked_path(value: Any, what: str) -> Path:
    """Return `value` as a path, if it is one: an open file and a file's number are none."""
    if not isinstance(value, str | os.PathLike):
        raise TypeError(
            f"{what} must be a path, a str or an os.PathLike, got {type(value).__name__} "
            f"{value!r:.60}."
        )
    return Path(value)


def printable(text: str) -> str:
    """Return a text without what could command a terminal: it may be a stranger's."""
    return "".join(character if character.isprintable() else "?" for character in text)


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


def refuse_habits(given: Mapping[str, Any], who: str, words: Mapping[str, str]) -> None:
    """Refuse keywords that other libraries have, each with this library's word for it."""
    for name in given:
        word = words.get(name, f"it takes {', '.join(words)}, in this library's words")
        raise TypeError(f"{who} has no {name}=: {word}.")


def as_array(values: Any, what: str) -> np.ndarray:
    """Return `values` as an array of whatever dtype they have; a memory map stays one."""
    if hasattr(values, "toarray"):
        raise TypeError(f"{what} are a sparse matrix, which no layer takes: give {what}.toarray().")
    if np.ma.is_masked(values):
        raise ValueError(
            f"{what} are a masked array, and its mask would be lost: fill the masked entries with "
            ".filled(value), or leave out their rows."
        )
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


def cast(array: np.ndarray, dtype: str, what: str) -> np.ndarray:
    """Return `array` C-contiguous and of `dtype`; refuse numbers that are too large for that."""
    check_fits(array, dtype, what)
    with np.errstate(over="ignore"):  # of infinities that are there already
        return np.require(array, dtype=dtype, requirements="C")


def check_fits(array: np.ndarray, dtype: str, what: str) -> None:
    """Refuse finite numbers that a narrower dtype would make infinite."""
    if array.dtype.kind != "f" or array.dtype.itemsize <= np.dtype(dtype).itemsize:
        return
    rows = max(1, _CHUNK // max(1, math.prod(array.shape[1:])))
    for start in range(0, len(array), rows) if array.ndim else [...]:
        part = array[start : start + rows] if array.ndim else array
        too_large = np.isfinite(part) & (abs(part) > np.finfo(dtype).max)
        if too_large.any():
            raise ValueError(
                f"{what} hold {part[too_large][0]}, too large for {dtype}: scale them, or build "
                'the network with dtype="float64".'
            )


def checked_inputs(
    values: Any, example: Shape | None, dtype: str, what: str = "inputs"
) -> np.ndarray:
    """Return `values` as an array of shape (n, *example), n at least 1, of the dtype they have.

    They are looked at as they will be cast, batch by batch, to `dtype`; `example` None leaves the
    shape of one example open.
    """
    array = as_real_array(values, what)
    if array.ndim == 0 or (example is not None and array.shape[1:] != example):
        wanted = "(n, ...)" if example is None else _shape_of_many(example)
        hint = _hint_for_inputs(array.shape, example)
        raise ValueError(f"{what} have shape {array.shape}, expected {wanted}.{hint}")
    if len(array) == 0:
        raise ValueError(f"{what} are empty (shape {array.shape}): at least one example is needed.")
    check_fits(array, dtype, what)
    return array


def check_within(array: np.ndarray, allowed: Any, what: str) -> None:
    """Refuse whole numbers outside a range, or one of several; the layer itself refuses others."""
    for one in allowed if isinstance(allowed, tuple) else ():
        check_within(array, one, what)
    if not isinstance(allowed, range) or array.dtype.kind not in "iu":
        return
    wrong = (array < allowed.start) | (array >= allowed.stop)
    if wrong.any():
        raise ValueError(
            f"{what} must be in [{allowed.start}, {allowed.stop}), the numbers that the network "
            f"knows; one of them is {array[wrong][0]}."
        )


def checked_targets(
    values: Any, output: Shape | None, dtype: str, what: str = "targets"
) -> np.ndarray:
    """Return `values` as what the loss compares with an output of shape (n, *output).

    Integers of shape (n,) beside an output (classes,) are labels: int32, each in [0, classes).
    Everything else is cast to `dtype` and must have the output's shape; for an output (1,) the
    targets may be (n,) too, and become (n, 1).
    """
    array = as_real_array(values, what)
    has_classes = output is not None and len(output) == 1 and output != (1,)
    if has_classes and array.ndim == 1 and array.dtype.kind in "iub":
        return _checked_labels(array, output[0], what)
    if output == (1,) and array.ndim == 1:
        array = array[:, np.newaxis]
    if output is None or array.shape[1:] == output:
        return cast(array, dtype, what)
    labels = f", or integer labels of shape (n,) in [0, {output[0]})" if len(output) == 1 else ""
    raise ValueError(
        f"{what} are {array.dtype} of shape {array.shape}, but the network's output is "
        f"{_shape_of_many(output)}: give targets of that shape{labels}."
    )


def checked_weights(values: Any, dtype: str, what: str = "sample weights") -> np.ndarray:
    """Return `values` as an array of `dtype`, shape (n,), none of them negative or not finite."""
    array = as_real_array(values, what)
    if array.ndim != 1:
        raise ValueError(f"{what} have shape {array.shape}, expected (n,): a number per example.")
    wrong = ~(np.isfinite(array) & (array >= 0))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"{what} must be finite and not negative; number {first} is {array[first]}. A weight "
            "of 0 leaves an example out."
        )
    return cast(array, dtype, what)


def same_length(what: str, *arrays: np.ndarray) -> None:
    """Refuse arrays of different numbers of examples."""
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"{what}: inputs, targets (and weights) must have the same number of examples, "
            f"got {', '.join(map(str, lengths))}."
        )


def _checked_labels(labels: np.ndarray, classes: int, what: str) -> np.ndarray:
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"{what} must be labels in [0, {classes}), one for each output of the network; "
            f"number {first} is {labels[first]}."
        )
    return np.ascontiguousarray(labels, dtype="int32")


def _hint_for_inputs(shape: Shape, example: Shape | None) -> str:
    if shape == example:
        return " One example alone is inputs[np.newaxis]."
    if example is not None and len(example) == 1 and math.prod(shape[1:]) == example[0]:
        return f" Reshape them to (n, {example[0]}), or begin the network with a Flatten()."
    return ""


def _shape_of_many(example: Shape) -> str:
    return "(" + ", ".join(["n", *map(str, example)]) + ")"
