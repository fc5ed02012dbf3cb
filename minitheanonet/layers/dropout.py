"""Dropout: noise in training, nothing in prediction."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import share
from minitheanonet.engine import T, Variable, floats
from minitheanonet.layers.layer import Layer, Shape


class Dropout(Layer):
    """In training, zero each entry with probability `rate` and divide the others by 1 - rate.

    In prediction the input passes unchanged: the scaling keeps its mean the same.

    Parameters
    ----------
    rate : float in [0, 1)
        The share of entries that is dropped.
    name : str, optional

    Raises
    ------
    ValueError
        If `rate` is outside [0, 1).

    References
    ----------
    N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15, 2014; scaled in training ("inverted dropout"), as section 10 there allows.

    Examples
    --------
    >>> import numpy as np
    >>> from minitheanonet import Training
    >>> from minitheanonet.engine import T
    >>> x = T.fvector("x")
    >>> noisy = Dropout(0.5)(x, Training(seed=0)).eval({x: np.ones(99, "float32")})
    >>> sorted(set(noisy.tolist()))
    [0.0, 2.0]
    """

    def __init__(self, rate: float, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.rate = share(rate, f"{self.label}: rate, the share dropped,")

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        if training is None or self.rate == 0:
            return x
        keep = 1 - self.rate
        kept = training.stream(self).bernoulli(keep, x.shape, x.ndim)
        return T.switch(kept, x * (1 / keep), 0)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def __repr__(self) -> str:
        return f"Dropout({self.rate:g})"
