"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import positive_int
from minitheanonet.engine import T, Variable, floats, static_shape
from minitheanonet.layers.given import shown
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
        self._check(x)
        product = T.dot(x, self.W)
        return product if self.b is None else product + self.b

    @property
    def input_shape(self) -> Shape:
        """(n_in,)."""
        return (self.n_in,)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (..., n_out), after checking that the input is (..., n_in)."""
        if input_shape is None:
            return (self.n_out,)
        if not input_shape or input_shape[-1] != self.n_in:
            hint = " Put a Flatten() before it." if len(input_shape) > 1 else ""
            raise ValueError(
                f"{self!r}: expected examples of shape ({self.n_in},), got {input_shape}.{hint}"
            )
        return (*input_shape[:-1], self.n_out)

    def _check(self, x: Any) -> None:
        x = floats(x, f"{self!r}: the input")
        if x.ndim < 2 or static_shape(x)[-1] not in (None, self.n_in):
            raise ValueError(
                f"{self!r}: expected an input of shape (n, {self.n_in}), got "
                f"{shown(static_shape(x))}. Flatten() makes matrices of higher-dimensional inputs."
            )
        if x.dtype != self.dtype:
            raise TypeError(
                f"{self!r} computes in {self.dtype}, but its input is {x.dtype}: cast the input, "
                f'or build the layer with dtype="{x.dtype}".'
            )

    def __repr__(self) -> str:
        return f"Dense({self.n_in}, {self.n_out}{', b=None' if self.b is None else ''})"
