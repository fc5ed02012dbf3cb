"""What a loss and a metric must be, and what they are given: predictions beside targets.

The engine's own errors for these come from deep inside, or when a graph is compiled: too far from
the line that has the mistake.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.engine import T, Variable, floats, static_shape, symbolic

ONE_OUTPUT = (
    "one output alone is the largest of one, and its softmax is always 1. End the network with "
    "Sigmoid() and take binary_crossentropy and binary_accuracy, or give it an output per class."
)


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


def beside_classes(prediction: Any, target: Any, who: str) -> tuple[Variable, Variable]:
    """Return a prediction (n, classes) and its labels or rows, after checking that they are."""
    prediction, target = _both(prediction, target, who)
    if prediction.ndim != 2:
        raise ValueError(f"{who}: prediction must be (n, classes), got ndim {prediction.ndim}.")
    if static_shape(prediction)[1] == 1:
        raise ValueError(f"{who}: {ONE_OUTPUT}")
    if target.ndim == 2:
        return alike(prediction, target, who)
    if target.ndim != 1 or target.dtype.startswith(("float", "complex")):
        raise ValueError(
            f"{who}: target must be integer labels (n,) or a matrix (n, classes), got "
            f"{target.dtype} of ndim {target.ndim}."
        )
    return prediction, target


def as_one_hot(target: Variable, prediction: Variable) -> Variable:
    """Return `target` as a matrix like `prediction`: labels become one-hot rows."""
    if target.ndim == 2:
        return target
    classes = T.cast(prediction.shape[1], "int32")
    numbers = T.arange(np.int32(0), classes, np.int32(1), dtype="int32")
    return cast_like(T.eq(target.dimshuffle(0, "x"), numbers.dimshuffle("x", 0)), prediction)


def total(x: Variable) -> Variable:
    """Return the sum of all entries, in their own dtype.

    Summed at once, each entry waits for those before it. The columns are summed side by side, in a
    seventh of the time for a matrix of weights, and then what came of them.
    """
    columns = x.sum(axis=0, dtype=x.dtype) if x.ndim else x
    return columns.sum(dtype=x.dtype)


def cast_like(x: Variable, like: Variable) -> Variable:
    """Return `x` in the dtype of another variable."""
    return x if x.dtype == like.dtype else T.cast(x, like.dtype)


def alike(prediction: Any, target: Any, who: str) -> tuple[Variable, Variable]:
    """Return a prediction and its target of the same shape, in the prediction's dtype."""
    prediction, target = _both(prediction, target, who)
    # Otherwise (n, 1) - (n,) would be broadcast to (n, n), and be learned from in silence.
    if prediction.ndim != target.ndim:
        raise ValueError(
            f"{who}: prediction and target must have the same number of dimensions, got "
            f"{prediction.ndim} and {target.ndim}. A column is y.dimshuffle(0, 'x')."
        )
    if target.dtype.startswith("complex"):
        raise TypeError(f"{who}: target must be real numbers, got {target.dtype}.")
    _check_lengths(static_shape(prediction), static_shape(target), who)
    return prediction, cast_like(target, prediction)


def _check_lengths(
    prediction: tuple[int | None, ...], target: tuple[int | None, ...], who: str
) -> None:
    """Refuse lengths that are known to differ; a column beside a row would be broadcast too."""
    known = [(p, t) for p, t in zip(prediction, target, strict=True) if p != t]
    differ = any(None not in pair for pair in known)
    crossed = {1} <= {p for p, _ in known} and {1} <= {t for _, t in known}
    if differ or crossed:
        raise ValueError(
            f"{who}: prediction and target must have the same shape, got {prediction} and {target}."
        )


def _both(prediction: Any, target: Any, who: str) -> tuple[Variable, Variable]:
    return floats(prediction, f"{who}: prediction"), symbolic(target, f"{who}: target")
