"""What arrays must be before they reach a graph: checked once at the door, trusted after.

A compiled function is told to trust its inputs, and a label outside the classes would read a
neighbour's memory: nothing unchecked may pass here.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

__all__ = [
    "checked_inputs",
    "checked_targets",
    "checked_weights",
    "positive_int",
    "same_length",
]

Shape = tuple[int, ...]


def checked_inputs(
    values: Any, example: Shape | None, dtype: str, what: str = "inputs"
) -> np.ndarray:
    """Return `values` as a C-contiguous array of `dtype`, shape (n, *example), n at least 1.

    Numbers of any real type are cast; `example` None leaves the shape of one example open.
    """
    array = _real_array(values, what)
    if array.ndim == 0 or (example is not None and array.shape[1:] != example):
        wanted = "(n, ...)" if example is None else _shape_of_many(example)
        raise ValueError(f"{what} have shape {array.shape}, expected {wanted}.")
    if len(array) == 0:
        raise ValueError(f"{what} are empty (shape {array.shape}): at least one example is needed.")
    return np.ascontiguousarray(array, dtype=dtype)


def checked_targets(
    values: Any, output: Shape | None, dtype: str, what: str = "targets"
) -> np.ndarray:
    """Return `values` as what the loss compares with an output of shape (n, *output).

    Integers of shape (n,) beside an output (classes,) are labels: int32, each in [0, classes).
    Everything else is cast to `dtype` and must have the output's shape; for an output (1,) the
    targets may be (n,) too, and become (n, 1).
    """
    array = _real_array(values, what)
    has_classes = output is not None and len(output) == 1 and output != (1,)
    if has_classes and array.ndim == 1 and array.dtype.kind in "iub":
        return _checked_labels(array, output[0], what)
    if output == (1,) and array.ndim == 1:
        array = array[:, np.newaxis]
    if output is None or array.shape[1:] == output:
        return np.ascontiguousarray(array, dtype=dtype)
    labels = f", or integer labels of shape (n,) in [0, {output[0]})" if len(output) == 1 else ""
    raise ValueError(
        f"{what} are {array.dtype} of shape {array.shape}, but the network's output is "
        f"{_shape_of_many(output)}: give targets of that shape{labels}."
    )


def checked_weights(values: Any, dtype: str, what: str = "sample weights") -> np.ndarray:
    """Return `values` as an array of `dtype`, shape (n,), none of them negative or not finite."""
    array = _real_array(values, what)
    if array.ndim != 1:
        raise ValueError(f"{what} have shape {array.shape}, expected (n,): a number per example.")
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError(f"{what} must be finite and not negative.")
    return np.ascontiguousarray(array, dtype=dtype)


def positive_int(value: Any, what: str) -> int:
    """Return `value` as an int, if it is a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{what} must be a positive whole number, got {value!r}.")
    return int(value)


def same_length(what: str, *arrays: np.ndarray) -> None:
    """Refuse arrays of different numbers of examples."""
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"{what}: inputs, targets (and weights) must have the same number of examples, "
            f"got {', '.join(map(str, lengths))}."
        )


def _real_array(values: Any, what: str) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what NumPy 1 warns of here, NumPy 2 refuses
            array = np.asarray(values)
    except (ValueError, Warning) as error:
        raise ValueError(f"{what} don't form an array: their rows differ in length.") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{what} must be an array of real numbers, got {type(values).__name__} "
            f"of dtype {array.dtype}."
        )
    return array


def _checked_labels(labels: np.ndarray, classes: int, what: str) -> np.ndarray:
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"{what} must be labels in [0, {classes}), one for each output of the network; "
            f"number {first} is {labels[first]}."
        )
    return np.ascontiguousarray(labels, dtype="int32")


def _shape_of_many(example: Shape) -> str:
    return "(" + ", ".join(["n", *map(str, example)]) + ")"
