"""Additive noise in training, nothing in prediction."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import not_negative
from minitheanonet.engine import Variable, floats
from minitheanonet.layers.layer import Layer, Shape


class GaussianNoise(Layer):
    """In training, add independent normal noise of mean 0 to each entry: x + stddev · ε.

    In prediction the input passes unchanged.

    Parameters
    ----------
    stddev : float
        The standard deviation of the noise, 0 or more.
    name : str, optional

    Raises
    ------
    ValueError
        If `stddev` is negative, or no number.

    References
    ----------
    C. Bishop, "Training with noise is equivalent to Tikhonov regularization", Neural Computation
    7, 1995.

    Examples
    --------
    >>> GaussianNoise(0.1).predict([[1, 2]])
    array([[1., 2.]], dtype=float32)
    """

    def __init__(self, stddev: float, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.stddev = not_negative(stddev, "GaussianNoise: stddev")

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        if training is None or self.stddev == 0:
            return x
        return x + self.stddev * training.stream(self).normal(x.shape, x.ndim, x.dtype)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def __repr__(self) -> str:
        return f"GaussianNoise({self.stddev:g})"
