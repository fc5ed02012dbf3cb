"""Clipping of gradients: from gradients to gradients, before an optimizer's rule."""

from __future__ import annotations

from collections.abc import Sequence

from minitheanonet.engine import T, Variable, constant

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value"]


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
    return [T.clip(g, constant(-limit, g), constant(limit, g)) for g in gradients]


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
    return [g * _shrink(_square_sum(g), limit) for g in gradients]


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
    squares = [_square_sum(g) for g in gradients]
    factor = _shrink(sum(squares[1:], squares[0]), limit)
    return [g * factor for g in gradients]


def _square_sum(gradient: Variable) -> Variable:
    return (gradient * gradient).sum(dtype=gradient.dtype)


def _shrink(square_sum: Variable, limit: float) -> Variable:
    """Return the factor that shortens a vector of this squared length to `limit`, at most 1."""
    norm, limit = T.sqrt(square_sum), constant(limit, square_sum)
    return limit / T.maximum(norm, limit)
