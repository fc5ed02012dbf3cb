"""Constraints on parameters: what a step makes of a parameter is brought back into bounds.

Given to an optimizer by paths: ``mtn.SGD(0.1, constraints={"*/W": mtn.MaxNorm(3)})``. Any function
from a symbolic parameter to another of its shape is one.
"""

from __future__ import annotations

from dataclasses import dataclass

from minitheanonet.checks import positive_number
from minitheanonet.engine import T, Variable


@dataclass(frozen=True)
class MaxNorm:
    """The weights into each unit have a Euclidean norm of at most `limit`: w · min(1, c / ‖w‖).

    Parameters
    ----------
    limit : float, default 2
        c, positive.
    axis : int or tuple of int, default 0
        Along what the norm is taken: 0 for a weight matrix (fan-in, fan-out), whose columns are
        the weights into one unit each.

    References
    ----------
    N. Srebro and A. Shraibman, "Rank, trace-norm and max-norm", COLT 2005; for networks:
    N. Srivastava et al., "Dropout", JMLR 15, 2014, section 5.1.

    Examples
    --------
    >>> import numpy as np
    >>> from minitheanonet.engine import shared
    >>> MaxNorm(1)(shared(np.array([[3.0], [4.0]]))).eval()
    array([[0.6],
           [0.8]])
    """

    limit: float = 2.0
    axis: int | tuple[int, ...] = 0

    def __post_init__(self) -> None:
        positive_number(self.limit, "MaxNorm: limit")

    def __call__(self, w: Variable) -> Variable:
        norm = T.sqrt((w * w).sum(axis=self.axis, keepdims=True, dtype=w.dtype))
        return w * T.switch(norm > self.limit, self.limit / norm, 1)


@dataclass(frozen=True)
class NonNegative:
    """No entry is below 0: max(0, w).

    Examples
    --------
    >>> import numpy as np
    >>> from minitheanonet.engine import shared
    >>> NonNegative()(shared(np.array([-1.0, 2.0]))).eval()
    array([0., 2.])
    """

    def __call__(self, w: Variable) -> Variable:
        return T.switch(w < 0, 0, w)
