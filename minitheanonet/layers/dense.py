"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import positive_int
from minitheanonet.engine import T, Variable
from minitheanonet.layers.features import check_example, checked_input
from minitheanonet.layers.initializers import GlorotUniform, Zeros
from minitheanonet.layers.layer import Layer, Shape


class Dense(Layer):
    """A fully connected layer: x W + b.

    Parameters
    ----------
    n_in, n_out : int
        Lengths of an input and of an output vector (fan-in and fan-out).
    W : initialiser, array, shared or symbolic variable, shape (n_in, n_out)
        The weights; Glorot uniform by default. A symbolic expression ties them: ``W=other.W.T``.
    b : the same, shape (n_out,), or None
        The biases; zeros by default. None leaves them out.
    name, dtype, seed
        As for every `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or a parameter's shape is not the expected one.
    TypeError
        If a symbolic parameter, or the input, is not of the layer's dtype.

    Notes
    -----
    Called with x of shape (n, ..., n_in), it gives (n, ..., n_out).

    Examples
    --------
    >>> import numpy as np
    >>> from minitheanonet.engine import T
    >>> layer = Dense(2, 1, W=[[1], [10]], b=[0.5])
    >>> x = T.fmatrix("x")
    >>> layer(x).eval({x: np.array([[3, 4]], dtype="float32")})
    array([[43.5]], dtype=float32)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        W: Any = GlorotUniform(),
        b: Any = Zeros(),
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype, seed=seed)
        self.n_in = positive_int(n_in, "Dense: n_in")
        self.n_out = positive_int(n_out, "Dense: n_out")
        self.W = self.parameter("W", W, (self.n_in, self.n_out))
        self.b = None if b is None else self.parameter("b", b, (self.n_out,))

    def forward(self, x: Variable, training: Any = None) -> Variable:
        product = T.dot(checked_input(self, x, self.n_in), self.W)
        return product if self.b is None else product + self.b

    @property
    def input_shape(self) -> Shape:
        """(n_in,)."""
        return (self.n_in,)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (..., n_out), after checking that the input is (..., n_in)."""
        if input_shape is None:  # a vector's or of vectors
            return None
        check_example(self, input_shape, self.n_in)
        return (*input_shape[:-1], self.n_out)

    def __repr__(self) -> str:
        return f"Dense({self.n_in}, {self.n_out}{', b=None' if self.b is None else ''})"
