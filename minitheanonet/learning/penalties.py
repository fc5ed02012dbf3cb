"""Penalties on parameters: scalar expressions, to be scaled and added to a loss.

``Trainer(..., penalty=1e-4 * mtn.l2([layer.W]))`` adds one to what training minimises.
"""

from __future__ import annotations

from collections.abc import Sequence

from minitheanonet.engine import Variable
from minitheanonet.learning.symbols import total


def l1(params: Sequence[Variable]) -> Variable:
    """Return the sum of absolute values, Σ |w|, over all entries of all of `params`.

    Parameters
    ----------
    params : sequence of symbolic variables
        Usually weight matrices without the biases: ``[layer.W for layer in ...]``.

    Returns
    -------
    symbolic scalar

    References
    ----------
    R. Tibshirani, "Regression shrinkage and selection via the lasso", 1996, equation 2.

    Examples
    --------
    >>> from minitheanonet import Dense
    >>> layer = Dense(2, 1, W=[[3.0], [-4.0]])
    >>> float(l1([layer.W]).eval())
    7.0
    """
    return sum(total(abs(p)) for p in params)


def l2(params: Sequence[Variable]) -> Variable:
    """Return the sum of squares, Σ w², over all entries of all of `params`.

    Parameters
    ----------
    params : sequence of symbolic variables
        Usually weight matrices without the biases: ``[layer.W for layer in ...]``.

    Returns
    -------
    symbolic scalar

    References
    ----------
    A. Hoerl and R. Kennard, "Ridge regression", 1970. There is no factor ½ here, as in Keras.

    Examples
    --------
    >>> from minitheanonet import Dense
    >>> layer = Dense(2, 1, W=[[3.0], [-4.0]])
    >>> float(l2([layer.W]).eval())
    25.0
    """
    return sum(total(p * p) for p in params)
