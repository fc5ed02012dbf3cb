"""Metrics: like losses, but for people; training reports them and doesn't minimise them."""

from __future__ import annotations

import numpy as np

from minitheanonet.checks import number, positive_int
from minitheanonet.engine import T, Variable, softmax_input
from minitheanonet.learning.symbols import alike, beside_classes


def accuracy(prediction: Variable, target: Variable) -> Variable:
    """Return the share of examples whose largest output is the right class's.

    Parameters
    ----------
    prediction : symbolic, shape (n, classes)
        Probabilities or scores; among equal largest ones the first counts.
    target : symbolic, shape (n,) or (n, classes)
        Integer labels or one-hot rows.

    Returns
    -------
    symbolic scalar in [0, 1], in the prediction's dtype

    Examples
    --------
    >>> p, y = T.fmatrix("p"), T.ivector("y")
    >>> values = {p: np.array([[0.9, 0.1], [0.8, 0.2]], "float32"), y: np.array([0, 1], "int32")}
    >>> float(accuracy(p, y).eval(values))
    0.5
    """
    prediction, target = beside_classes(prediction, target, "accuracy")
    logits = softmax_input(prediction)  # has its largest entry where the softmax has
    guess = _largest(prediction if logits is None else logits)
    truth = target if target.ndim == 1 else _largest(target)
    return _share(T.eq(guess, truth), prediction)


def top_k_accuracy(prediction: Variable, target: Variable, k: int = 5) -> Variable:
    """Return the share of examples whose right class is among the `k` largest outputs.

    Parameters
    ----------
    prediction : symbolic, shape (n, classes)
        Probabilities or scores; among equal ones the first counts.
    target : symbolic, shape (n,) or (n, classes)
        Integer labels or one-hot rows.
    k : int, default 5
        For another k in a `Trainer`: ``metrics={"top_3": partial(top_k_accuracy, k=3)}``.

    Returns
    -------
    symbolic scalar in [0, 1], in the prediction's dtype

    Examples
    --------
    >>> p, y = T.fmatrix("p"), T.ivector("y")
    >>> values = {p: np.array([[0.5, 0.3, 0.2]], "float32"), y: np.array([1], "int32")}
    >>> float(top_k_accuracy(p, y, k=2).eval(values))
    1.0
    """
    k = positive_int(k, "top_k_accuracy: k")
    prediction, target = beside_classes(prediction, target, "top_k_accuracy")
    logits = softmax_input(prediction)  # are in the same order, and none of them rounds to 0
    scores = prediction if logits is None else logits
    truth = (target if target.ndim == 1 else _largest(target)).dimshuffle(0, "x")
    places = T.arange(scores.shape[1]).dimshuffle("x", 0)
    is_right = T.eq(places, truth)
    right = T.switch(is_right, scores, 0).sum(axis=1, keepdims=True)
    # NaN compares with nothing: it is never behind, and has nothing behind it.
    behind = (scores < right) | (T.eq(scores, right) & (places >= truth))
    ahead = scores.shape[1] - T.cast(behind, "int64").sum(axis=1)
    hits = (ahead < T.minimum(np.int64(k), scores.shape[1])) & T.any(is_right, axis=1)
    return _share(hits, prediction)


def binary_accuracy(prediction: Variable, target: Variable, threshold: float = 0.5) -> Variable:
    """Return the share of outputs that lie on the same side of `threshold` as the target.

    Parameters
    ----------
    prediction, target : symbolic, of the same shape
    threshold : float, default 0.5

    Returns
    -------
    symbolic scalar in [0, 1], in the prediction's dtype

    Examples
    --------
    >>> p, y = T.fmatrix("p"), T.fmatrix("y")
    >>> values = {p: np.array([[0.7], [0.6]], "float32"), y: np.array([[1], [0]], "float32")}
    >>> float(binary_accuracy(p, y).eval(values))
    0.5
    """
    prediction, target = alike(prediction, target, "binary_accuracy")
    number(threshold, "binary_accuracy: threshold", "a finite number", np.isfinite)
    level = np.asarray(threshold, prediction.dtype)
    # NaN lies on neither side.
    hits = T.switch(target > level, prediction > level, prediction <= level)
    return _share(hits, prediction)


def mean_absolute_error(prediction: Variable, target: Variable) -> Variable:
    """Return the mean of |prediction - target|.

    Parameters
    ----------
    prediction, target : symbolic, of the same shape

    Returns
    -------
    symbolic scalar, in the prediction's dtype

    Examples
    --------
    >>> p, y = T.fmatrix("p"), T.fmatrix("y")
    >>> values = {p: np.array([[1], [3]], "float32"), y: np.array([[0], [1]], "float32")}
    >>> float(mean_absolute_error(p, y).eval(values))
    1.5
    """
    prediction, target = alike(prediction, target, "mean_absolute_error")
    return abs(prediction - target).mean(dtype=prediction.dtype)


def _largest(rows: Variable) -> Variable:
    """Return the place of each row's largest entry, the first among equals; none if one is NaN.

    The engine's argmax says the same, but takes six seconds to compile, a quarter of a training
    step's whole time.
    """
    width = rows.shape[1]
    places = T.arange(width).dimshuffle("x", 0)
    is_largest = T.eq(rows, rows.max(axis=1, keepdims=True))
    return T.switch(is_largest, places, width).min(axis=1)


def _share(hits: Variable, like: Variable) -> Variable:
    """Return the share of true entries, in the dtype of `like`."""
    return T.cast(hits, like.dtype).mean(dtype=like.dtype)
