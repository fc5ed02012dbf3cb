"""The first sheet's functions, each written twice: in plain NumPy and with the library.

On the NumPy side the gradient is derived by hand; on the library's side it comes from `grad`.
The table shows by how much the two differ at most, in float64: rounding errors, no more. Where
a function's value is an array, the gradient is that of the sum of its entries.

    python examples/first_sheet.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import minitheanonet as mtn
from minitheanonet.engine import T, Variable, function, grad

TOLERANCE = 1e-10

Array = np.ndarray
ValueAndGradient = tuple[Array, Array | None]


# --- In NumPy, with gradients derived by hand. The gradient is by the first argument. ---


def linear_scores(W: Array, b: Array, X: Array) -> ValueAndGradient:
    """Return X W + b. Each row of X adds its entries to the gradient, once for every score."""
    return X @ W + b, np.repeat(X.sum(axis=0)[:, None], len(b), axis=1)


def hinge(scores: Array, labels: Array) -> ValueAndGradient:
    """Return the mean of Σ_{k≠y} max(0, s_k - s_y + 1)."""
    n, rows = len(scores), np.arange(len(scores))
    margins = np.maximum(0, scores - scores[rows, labels][:, None] + 1)
    margins[rows, labels] = 0
    gradient = (margins > 0).astype(float)  # a violated margin pushes its own score down ...
    gradient[rows, labels] = -gradient.sum(axis=1)  # ... and the right class's up
    return margins.sum() / n, gradient / n


def softmax_crossentropy(scores: Array, labels: Array) -> ValueAndGradient:
    """Return the mean of -log softmax(s)_y. Its gradient is famously simple: softmax - one-hot."""
    n, rows = len(scores), np.arange(len(scores))
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    gradient = probabilities.copy()
    gradient[rows, labels] -= 1
    return -np.log(probabilities[rows, labels]).mean(), gradient / n


def squared_error(prediction: Array, target: Array) -> ValueAndGradient:
    """Return the mean of (p - t)²."""
    difference = prediction - target
    return np.mean(difference**2), 2 * difference / difference.size


def sigmoid(z: Array) -> ValueAndGradient:
    """Return 1 / (1 + exp(-z)), whose derivative is s (1 - s)."""
    s = 1 / (1 + np.exp(-z))
    return s, s * (1 - s)


def relu(z: Array) -> ValueAndGradient:
    """Return max(0, z), whose derivative is 1 where z is positive."""
    return np.maximum(z, 0), (z > 0).astype(float)


def l2(W: Array) -> ValueAndGradient:
    """Return Σ w²."""
    return np.sum(W**2), 2 * W


def accuracy(scores: Array, labels: Array) -> ValueAndGradient:
    """Return the share of rows whose largest score is the label's; it has no useful gradient."""
    return np.mean(scores.argmax(axis=1) == labels), None


# --- With the library: the same functions as graphs. ---


class Pair(NamedTuple):
    """A function written twice, and the arguments to try it on."""

    name: str
    by_hand: Callable[..., ValueAndGradient]
    as_graph: Callable[..., Variable]
    arguments: tuple[Array, ...]


def pairs(rng: np.random.Generator) -> list[Pair]:
    """Return every function in both forms, on random arguments: 20 examples of 4 classes."""
    X, W, b = rng.normal(size=(20, 6)), rng.normal(size=(6, 4)), rng.normal(size=4)
    scores, target = rng.normal(scale=2, size=(20, 4)), rng.normal(size=(20, 4))
    labels = rng.integers(4, size=20).astype("int32")
    return [
        Pair("linear scores", linear_scores, dense, (W, b, X)),
        Pair("multi-class hinge", hinge, mtn.multiclass_hinge, (scores, labels)),
        Pair("softmax and cross-entropy", softmax_crossentropy, crossentropy, (scores, labels)),
        Pair("mean squared error", squared_error, mtn.mean_squared_error, (scores, target)),
        Pair("sigmoid", sigmoid, mtn.Sigmoid(), (scores,)),
        Pair("ReLU", relu, mtn.ReLU(), (scores,)),
        Pair("L2 regularisation", l2, lambda W: mtn.l2([W]), (W,)),
        Pair("accuracy", accuracy, mtn.accuracy, (scores, labels)),
    ]


def dense(W: Variable, b: Variable, X: Variable) -> Variable:
    """Return a dense layer's output; the layer takes its parameters as symbolic variables."""
    return mtn.Dense(6, 4, W=W, b=b, dtype="float64")(X)


def crossentropy(scores: Variable, labels: Variable) -> Variable:
    """Return the cross-entropy of a softmax layer's output."""
    return mtn.categorical_crossentropy(mtn.Softmax()(scores), labels)


# --- The comparison. ---


def differences(pair: Pair) -> tuple[float, float | None]:
    """Return the greatest difference of the values, and of the gradients if there is one."""
    value, gradient = pair.by_hand(*pair.arguments)
    variables = [T.TensorType(a.dtype.name, (False,) * a.ndim)() for a in pair.arguments]
    out = pair.as_graph(*variables)
    outputs = [out] if gradient is None else [out, grad(out.sum(), variables[0])]
    # Each graph runs once, on little: the time to optimise it would be wasted.
    results = function(variables, outputs, mode="FAST_COMPILE")(*pair.arguments)
    found = [float(np.abs(r - e).max()) for r, e in zip(results, (value, gradient), strict=False)]
    return found[0], None if gradient is None else found[1]


def main() -> None:
    """Print the table."""
    agree = True
    print(f"{'NumPy beside the library':<26}{'value':>9}{'gradient':>10}")
    for pair in pairs(np.random.default_rng(0)):
        value, gradient = differences(pair)
        shown = "none" if gradient is None else f"{gradient:.1e}"
        print(f"{pair.name:<26}{value:>9.1e}{shown:>10}")
        agree = agree and max(value, gradient or 0) < TOLERANCE
    print(f"All differ by less than {TOLERANCE:g}." if agree else "THE TWO DO NOT AGREE.")


if __name__ == "__main__":
    main()
