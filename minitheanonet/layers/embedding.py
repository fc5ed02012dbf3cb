"""Vectors for whole numbers: words, or anything else that is counted from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.checks import positive_int
from minitheanonet.engine import T, Variable, symbolic
from minitheanonet.layers.initializers import Uniform
from minitheanonet.layers.layer import Layer, Shape


class Embedding(Layer):
    """A vector for each whole number: row x of W.

    Parameters
    ----------
    n_in : int
        The size of the vocabulary; numbers are in [0, n_in).
    n_out : int
        The length of a vector.
    W : initialiser, array, shared or symbolic variable, shape (n_in, n_out)
        The vectors; uniform in ±0.05 by default.
    name, dtype, seed
        As for every `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or W is of another shape.
    TypeError
        If the input is not of whole numbers.

    Notes
    -----
    Called with whole numbers x of shape (n, ...), it gives (n, ..., n_out). At the beginning of a
    network, a number outside the vocabulary is refused by `Trainer` and `predict`, a negative one
    too; elsewhere, and in a graph of your own, its vector is NaN.

    References
    ----------
    Y. Bengio et al., "A neural probabilistic language model", JMLR 3, 2003, section 2.

    Examples
    --------
    >>> Embedding(3, 2, W=[[0, 1], [2, 3], [4, 5]]).predict([[2, 0]])
    array([[[4., 5.],
            [0., 1.]]], dtype=float32)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        W: Any = Uniform(),
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype, seed=seed)
        self.n_in = positive_int(n_in, "Embedding: n_in")
        self.n_out = positive_int(n_out, "Embedding: n_out")
        self.takes_integers = range(self.n_in)
        self.W = self.parameter("W", W, (self.n_in, self.n_out))

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = symbolic(x, f"{self!r}: the input")
        if "int" not in x.dtype:
            raise TypeError(
                f'{self!r}: the input must be whole numbers, got {x.dtype}: x.astype("int32") '
                "makes them of an array, T.cast of a symbolic variable."
            )
        x = T.cast(x, "int64")
        # The compiled code does no bounds check: it would read, and learn, other memory.
        is_known = T.and_(T.ge(x, 0), T.lt(x, self.n_in))
        rows = self.W[T.switch(is_known, x, 0).flatten()]
        vectors = rows.reshape([*x.shape, self.n_out], ndim=x.ndim + 1)
        return T.switch(T.shape_padright(is_known), vectors, np.nan)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape, and n_out at its end."""
        return None if input_shape is None else (*input_shape, self.n_out)

    def __repr__(self) -> str:
        return f"Embedding({self.n_in}, {self.n_out})"
