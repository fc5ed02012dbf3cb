"""Losses: functions of symbolic predictions and targets that return a scalar expression.

Each averages over the examples of a batch. With sample weights w, the average is Σ wᵢ lᵢ / n, as in
Keras: a weight of 2 counts an example twice, and the divisor stays the number of examples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.checks import share
from minitheanonet.engine import (
    T,
    Variable,
    log_softmax,
    rectify,
    sigmoid_input,
    softmax_input,
    symbolic,
)
from minitheanonet.learning.symbols import alike, as_one_hot, beside_classes, cast_like

# Probabilities that come from no softmax or sigmoid are kept this far from 0 and 1.
_CLIP = 1e-7


def mean_squared_error(
    prediction: Variable, target: Variable, weights: Variable | None = None
) -> Variable:
    """Return the mean of (prediction - target)², over outputs and examples.

    Parameters
    ----------
    prediction, target : symbolic, shape (n, ...)
        Of the same number of dimensions.
    weights : symbolic, shape (n,), optional
        Sample weights.

    Returns
    -------
    symbolic scalar, in the prediction's dtype

    Raises
    ------
    ValueError
        If the numbers of dimensions differ.

    References
    ----------
    C. Bishop, "Pattern recognition and machine learning", 2006, section 3.1.1.

    Examples
    --------
    >>> import numpy as np
    >>> p, y = T.fmatrix("p"), T.fmatrix("y")
    >>> values = {p: np.array([[1], [3]], "float32"), y: np.array([[0], [1]], "float32")}
    >>> float(mean_squared_error(p, y).eval(values))
    2.5
    """
    prediction, target = alike(prediction, target, "mean_squared_error")
    return _mean((prediction - target) ** 2, weights, "mean_squared_error")


def categorical_crossentropy(
    prediction: Variable,
    target: Variable,
    weights: Variable | None = None,
    *,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
) -> Variable:
    """Return the mean over examples of -Σ_k t_k log p_k.

    Parameters
    ----------
    prediction : symbolic, shape (n, classes)
        Probabilities. If they are a softmax of logits, the loss is computed from the logits and is
        finite for logits of any size; other probabilities are clipped to [1e-7, 1 - 1e-7].
    target : symbolic, shape (n,) or (n, classes)
        Integer labels in [0, classes), or one probability per class (one-hot, say). A label
        outside counts as no class at all; `Trainer` refuses it before it gets here.
    weights : symbolic, shape (n,), optional
        Sample weights.
    from_logits : bool, default False
        Whether the prediction is logits, of a network without a `Softmax` at its end. In a
        `Trainer`: ``loss=partial(mtn.categorical_crossentropy, from_logits=True)``.
    label_smoothing : float in [0, 1), default 0
        ε: each t_k becomes (1 - ε) t_k + ε / classes.

    Returns
    -------
    symbolic scalar, in the prediction's dtype

    Raises
    ------
    ValueError
        If the prediction is no matrix, or of one class; or the target is neither labels nor a
        matrix.

    References
    ----------
    C. Bishop, "Pattern recognition and machine learning", 2006, equation 4.108. Label smoothing:
    C. Szegedy et al., "Rethinking the inception architecture", CVPR 2016, section 7.

    Examples
    --------
    >>> import numpy as np
    >>> p, y = T.fmatrix("p"), T.ivector("y")
    >>> values = {p: np.array([[0.25, 0.75]], "float32"), y: np.array([1], "int32")}
    >>> round(float(categorical_crossentropy(p, y).eval(values)), 4)
    0.2877
    """
    prediction, target = beside_classes(prediction, target, "categorical_crossentropy")
    target = as_one_hot(target, prediction)
    if label_smoothing:
        spread = share(label_smoothing, "label_smoothing")
        kept, spread = np.asarray([1 - spread, spread], prediction.dtype)
        target = kept * target + spread / cast_like(prediction.shape[1], prediction)
    logits = prediction if from_logits else softmax_input(prediction)
    log_p = T.log(_clipped(prediction)) if logits is None else log_softmax(logits)
    # A class that has no share of the target costs nothing, though its probability be 0.
    costs = T.switch(T.eq(target, 0), 0, target * log_p)
    return _mean(-costs.sum(axis=1), weights, "categorical_crossentropy")


def binary_crossentropy(
    prediction: Variable,
    target: Variable,
    weights: Variable | None = None,
    *,
    from_logits: bool = False,
) -> Variable:
    """Return the mean of -(t log p + (1 - t) log(1 - p)), over outputs and examples.

    Parameters
    ----------
    prediction : symbolic, shape (n, ...)
        Probabilities. If they are a sigmoid of logits z, the loss is computed from these, as
        |z| / 2 + (1/2 - t) z + log(1 + exp(-|z|)); others are clipped to [1e-7, 1 - 1e-7].
    target : symbolic, of the prediction's number of dimensions
        Values in [0, 1].
    weights : symbolic, shape (n,), optional
        Sample weights.
    from_logits : bool, default False
        Whether the prediction is logits, of a network without a `Sigmoid` at its end.

    Returns
    -------
    symbolic scalar, in the prediction's dtype

    Raises
    ------
    ValueError
        If the numbers of dimensions differ.

    References
    ----------
    C. Bishop, "Pattern recognition and machine learning", 2006, equation 4.90.

    Examples
    --------
    >>> import numpy as np
    >>> p, y = T.fmatrix("p"), T.fmatrix("y")
    >>> values = {p: np.array([[0.5], [0.5]], "float32"), y: np.array([[0], [1]], "float32")}
    >>> round(float(binary_crossentropy(p, y).eval(values)), 4)
    0.6931
    """
    prediction, target = alike(prediction, target, "binary_crossentropy")
    z = prediction if from_logits else sigmoid_input(prediction)
    if z is None:
        p = _clipped(prediction)
        losses = -(target * T.log(p) + (1 - target) * T.log(1 - p))
    else:
        # Written with |z| alone, whose derivative at 0 is taken to be 0, the gradient is right
        # there too; with max(z, 0), whose derivative at 0 is 0 as well, it would lack the half.
        losses = 0.5 * abs(z) + (0.5 - target) * z + T.log1p(T.exp(-abs(z)))
    return _mean(losses, weights, "binary_crossentropy")


def multiclass_hinge(
    prediction: Variable, target: Variable, weights: Variable | None = None
) -> Variable:
    """Return the mean over examples of Σ_{k≠y} max(0, s_k - s_y + 1), for scores s and label y.

    Parameters
    ----------
    prediction : symbolic, shape (n, classes)
        Scores of any size (no softmax).
    target : symbolic, shape (n,) or (n, classes)
        Integer labels, or one-hot rows.
    weights : symbolic, shape (n,), optional
        Sample weights.

    Returns
    -------
    symbolic scalar, in the prediction's dtype

    Raises
    ------
    ValueError
        If the prediction is no matrix, or the target is neither labels nor a matrix.

    References
    ----------
    J. Weston and C. Watkins, "Support vector machines for multi-class pattern recognition",
    ESANN 1999.

    Examples
    --------
    >>> import numpy as np
    >>> s, y = T.fmatrix("s"), T.ivector("y")
    >>> values = {s: np.array([[3, 1, 2.5]], "float32"), y: np.array([0], "int32")}
    >>> float(multiclass_hinge(s, y).eval(values))
    0.5
    """
    prediction, target = beside_classes(prediction, target, "multiclass_hinge")
    target = as_one_hot(target, prediction)
    right = (target * prediction).sum(axis=1, keepdims=True)
    violated = rectify(prediction - right + 1) * (1 - target)
    return _mean(violated.sum(axis=1), weights, "multiclass_hinge")


def wants_probabilities(loss: Any) -> bool:
    """Say whether a loss takes its predictions for probabilities; a partial one is looked into."""
    of_logits = getattr(loss, "keywords", {}).get("from_logits", False)
    known = (categorical_crossentropy, binary_crossentropy)
    return getattr(loss, "func", loss) in known and not of_logits


def _mean(losses: Variable, weights: Any, who: str) -> Variable:
    """Return the mean over all entries, each example's scaled by its weight."""
    if weights is not None:
        weights = cast_like(symbolic(weights, f"{who}: weights"), losses)
        if weights.ndim != 1:
            raise ValueError(
                f"{who}: weights must be (n,), a number per example, got ndim {weights.ndim}."
            )
        losses = losses * weights.dimshuffle(0, *["x"] * (losses.ndim - 1))
    return losses.mean(dtype=losses.dtype)


def _clipped(probabilities: Variable) -> Variable:
    low, high = np.asarray([_CLIP, 1 - _CLIP], probabilities.dtype)
    return T.clip(probabilities, low, high)
