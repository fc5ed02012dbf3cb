"""Clipping of gradients: from gradients to gradients, before an optimizer's rule."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from minitheanonet.checks import positive_number
from minitheanonet.engine import T, Variable, floats_as
from minitheanonet.learning.symbols import total


def clip_by_value(gradients: Sequence[Variable], limit: float) -> list[Variable]:
    """Return the gradients with every entry brought into [-limit, limit].

    Parameters
    ----------
    gradients : sequence of symbolic variables
    limit : float, positive

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> clip_by_value([shared(np.array([3.0, -4.0]))], 1)[0].eval()
    array([ 1., -1.])
    """
    positive_number(limit, "clip_by_value: limit")
    return [_clipped(g, limit) for g in gradients]


def clip_by_norm(gradients: Sequence[Variable], limit: float) -> list[Variable]:
    """Return the gradients, each scaled down to a Euclidean norm of `limit` if it is longer.

    Parameters
    ----------
    gradients : sequence of symbolic variables
    limit : float, positive

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> clip_by_norm([shared(np.array([3.0, -4.0]))], 1)[0].eval()
    array([ 0.6, -0.8])
    """
    positive_number(limit, "clip_by_norm: limit")
    return [g * _shrink([g], limit) for g in gradients]


def clip_by_global_norm(gradients: Sequence[Variable], limit: float) -> list[Variable]:
    """Return the gradients, all scaled by one factor so that their joint norm is at most `limit`.

    Parameters
    ----------
    gradients : sequence of symbolic variables
    limit : float, positive

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural
    networks", ICML 2013, algorithm 1.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> both = clip_by_global_norm([shared(np.array([3.0])), shared(np.array([-4.0]))], 1)
    >>> [g.eval() for g in both]
    [array([0.6]), array([-0.8])]
    """
    positive_number(limit, "clip_by_global_norm: limit")
    factor = _shrink(list(gradients), limit)
    return [g * factor for g in gradients]


def _clipped(gradient: Variable, limit: float) -> Variable:
    with floats_as(gradient.dtype):
        return T.clip(gradient, -limit, limit)


def _shrink(gradients: list[Variable], limit: float) -> Variable:
    """Return the factor that shortens the vector of all entries to `limit`, at most 1.

    They are divided by the largest before they are squared: the square of 3e19 is no float32.
    """
    largest = reduce(T.maximum, [abs(g).max() for g in gradients])
    largest = T.switch(largest > 0, largest, 1)
    parts = [g / largest for g in gradients]
    squares = reduce(T.add, [total(part * part) for part in parts])
    with floats_as(largest.dtype):
        return T.minimum(1, limit / largest / T.sqrt(squares))
