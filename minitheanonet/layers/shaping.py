"""Layers that give their input another shape or another scale."""

from __future__ import annotations

import math
from typing import Any

from minitheanonet.checks import is_whole, number
from minitheanonet.engine import T, Variable, floats, symbolic
from minitheanonet.layers.layer import Layer, Shape


class Flatten(Layer):
    """Each example as one vector: (n, a, b, ...) becomes (n, a·b·...).

    Examples
    --------
    >>> Flatten().output_shape((28, 28))
    (784,)
    """

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        if x.ndim == 0:
            raise ValueError(f"{self!r}: expected an input of shape (n, ...), got a scalar.")
        return x.reshape((x.shape[0], -1), ndim=2)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the product of the lengths, in a tuple of one."""
        return None if input_shape is None else (math.prod(input_shape),)


class Reshape(Layer):
    """Each example in another shape: (n, ...) becomes (n, *shape).

    Parameters
    ----------
    shape : tuple of int
        Of one example; one length may be -1, and is then what is left.
    name : str, optional

    Raises
    ------
    ValueError
        If `shape` is none, or an example has another number of entries.

    Examples
    --------
    >>> Reshape((2, -1)).output_shape((6,))
    (2, 3)
    """

    def __init__(self, shape: tuple[int, ...], *, name: str | None = None) -> None:
        super().__init__(name=name)
        fits = isinstance(shape, tuple | list) and list(shape).count(-1) <= 1
        if not fits or not all(is_whole(n) and (n > 0 or n == -1) for n in shape):
            raise ValueError(
                "Reshape: shape must be a tuple of positive whole numbers, one of which may be -1: "
                f"(28, 28, 1), say; got {shape!r:.60}."
            )
        self.shape = tuple(map(int, shape))

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        if x.ndim == 0:
            raise ValueError(f"{self!r}: expected an input of shape (n, ...), got a scalar.")
        return x.reshape((x.shape[0], *self.shape), ndim=1 + len(self.shape))

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape, its -1 filled in, after checking that the entries fit."""
        if input_shape is None:
            return None if -1 in self.shape else self.shape
        left, rest = divmod(math.prod(input_shape), abs(math.prod(self.shape)))
        if rest or (left != 1 and -1 not in self.shape):
            raise ValueError(
                f"{self!r}: examples of shape {input_shape} have {math.prod(input_shape)} entries, "
                "which don't fill it."
            )
        return tuple(left if n == -1 else n for n in self.shape)

    def __repr__(self) -> str:
        return f"Reshape({self.shape})"


class Rescale(Layer):
    """scale · x + offset, elementwise; whole numbers become floats here.

    At the beginning of a network it takes pixels as they are, uint8 in 0..255: a quarter of the
    memory, and of what is copied for each batch.

    Parameters
    ----------
    scale : float
        ``1/255`` brings pixels into [0, 1].
    offset : float, default 0
    name, dtype
        As for every `Layer`; whole numbers become `dtype`.

    Examples
    --------
    >>> import numpy as np
    >>> Rescale(1 / 2, offset=-1).predict(np.array([[0, 3]], "uint8"))
    array([[-1. ,  0.5]], dtype=float32)
    """

    takes_integers = True

    def __init__(
        self, scale: float, offset: float = 0.0, *, name: str | None = None, dtype: str = "float32"
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.scale = number(scale, "Rescale: scale", "a finite number", math.isfinite)
        self.offset = number(offset, "Rescale: offset", "a finite number", math.isfinite)

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = symbolic(x, f"{self!r}: the input")
        if x.dtype not in ("float32", "float64"):
            x = T.cast(x, self.dtype)
        return self.scale * x + self.offset if self.offset else self.scale * x

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def __repr__(self) -> str:
        return f"Rescale({self.scale:g}{f', {self.offset:g}' if self.offset else ''})"
