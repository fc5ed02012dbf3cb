"""What arrays must be before they reach a graph: checked once at the door, trusted after.

A compiled function is told to trust its inputs, and a label outside the classes would read a
neighbour's memory: nothing unchecked may pass here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitheanonet.arguments import as_real_array

__all__ = [
    "cast",
    "checked_inputs",
    "checked_targets",
    "checked_weights",
    "same_length",
]

Shape = tuple[int, ...]


def checked_inputs(
    values: Any, example: Shape | None, dtype: str, what: str = "inputs"
) -> np.ndarray:
    """Return `values` as a C-contiguous array of `dtype`, shape (n, *example), n at least 1.

    Numbers of any real type are cast; `example` None leaves the shape of one example open.
    """
    array = as_real_array(values, what)
    if array.ndim == 0 or (example is not None and array.shape[1:] != example):
        wanted = "(n, ...)" if example is None else _shape_of_many(example)
        hint = _hint_for_inputs(array.shape, example)
        raise ValueError(f"{what} have shape {array.shape}, expected {wanted}.{hint}")
    if len(array) == 0:
        raise ValueError(f"{what} are empty (shape {array.shape}): at least one example is needed.")
    return cast(array, dtype, what)


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


def cast(array: np.ndarray, dtype: str, what: str) -> np.ndarray:
    """Return `array` C-contiguous and of `dtype`; refuse numbers that are too large for that."""
    with np.errstate(over="ignore"):
        result = np.ascontiguousarray(array, dtype=dtype)
    if array.dtype.kind == "f" and array.dtype.itemsize > result.dtype.itemsize:
        too_large = np.isinf(result) & np.isfinite(array)
        if too_large.any():
            raise ValueError(
                f"{what} hold {array[too_large][0]}, too large for {dtype}: scale them, or build "
                'the network with dtype="float64".'
            )
    return result


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
