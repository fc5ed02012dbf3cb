"""Networks that branch, and join again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitheanonet.engine import T, Variable, floats, static_shape
from minitheanonet.layers.given import shown
from minitheanonet.layers.layer import Layer, Shape, inside
from minitheanonet.layers.sequential import Group, Sequential


class Residual(Sequential):
    """x + f(x), f being layers one after the other: a way through them, and one around them.

    Parameters
    ----------
    *layers : Layer
        f. Its output has the shape of its input.
    seed, input_shape, name
        As for `Sequential`.

    Raises
    ------
    ValueError
        If the layers give another shape than they take; and what `Sequential` raises.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016,
    equation 1.

    Examples
    --------
    >>> from minitheanonet import Dense
    >>> Residual(Dense(2, 2, W=[[1, 0], [0, 1]]), seed=0).predict([[1, 2]])
    array([[2., 4.]], dtype=float32)
    """

    takes_integers = False

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        y = super().forward(x, training)
        self._check(static_shape(x)[1:], static_shape(y)[1:])
        return x + y

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape, after checking that the layers keep it."""
        return self._shapes_through(input_shape)[-1]

    def _shapes_through(self, shape: Shape) -> list[Shape]:
        shapes = super()._shapes_through(shape)
        if shape is not None and shapes[-1] is not None:
            self._check(shape, shapes[-1])
        return shapes

    def _check(self, taken: tuple[int | None, ...], given: tuple[int | None, ...]) -> None:
        if not _agree([taken, given]):
            raise ValueError(
                f"{self!r}: its layers take examples of shape {shown(taken)} and give "
                f"{shown(given)}, which can't be added: let the last give the shape that the "
                "first takes."
            )


class Concatenate(Group):
    """Branches side by side, their outputs joined along the last axis.

    Each branch is given the same input; or, if there is a tuple of inputs, one of these, in order.
    Whole numbers reach the branches that take them, and become floats for the others.

    Parameters
    ----------
    *branches : Layer
        Several layers in a branch are a `Sequential`.
    seed, name
        As for `Sequential`.

    Raises
    ------
    TypeError
        If something among `branches` is no layer, or they are of different dtypes.
    ValueError
        If there are no branches, or not as many as inputs, or what they give differs in more than
        the length of the last axis.

    Examples
    --------
    >>> from minitheanonet import Dense, ReLU, Sequential
    >>> net = Concatenate(Dense(2, 3), Sequential(Dense(2, 4), ReLU()), seed=0)
    >>> list(net.parameters)
    ['dense_1/W', 'dense_1/b', 'sequential_1/dense_1/W', 'sequential_1/dense_1/b']
    >>> net.predict([[1, 2]]).shape, net.output_shape(((2,), (2,)))
    ((1, 7), (7,))
    """

    def __init__(
        self, *branches: Layer, seed: int | None = None, name: str | None = None, **habits: Any
    ) -> None:
        super().__init__(*branches, seed=seed, name=name, **habits)
        self.output_shape(None)
        self._draw_first()

    def forward(self, x: Any, training: Any = None) -> Variable:
        outputs = []
        for name, layer, given in self._branches(x, isinstance(x, tuple)):
            with inside(name):
                outputs.append(layer(self._as_taken(given, layer), training))
        self._check([static_shape(output)[1:] for output in outputs])
        return T.concatenate(outputs, axis=-1)

    @property
    def takes_integers(self) -> Any:
        """What each of the branches takes; False if none takes whole numbers."""
        taken = tuple(layer.takes_integers for layer in self.layers)
        return any(taken) and taken

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of what is joined, for one input's shape or a tuple of shapes."""
        are_several = bool(input_shape) and isinstance(input_shape[0], tuple)
        shapes = []
        for name, layer, given in self._branches(input_shape, are_several):
            with inside(name):
                shapes.append(layer.output_shape(given))
        self._check([shape for shape in shapes if shape is not None])
        return None if None in shapes else (*shapes[0][:-1], sum(shape[-1] for shape in shapes))

    def _branches(self, given: Any, are_several: bool) -> list[tuple[str, Layer, Any]]:
        """Return (name, layer, what it is given) of each branch."""
        each = given if are_several else (given,) * len(self.layers)
        if len(each) != len(self.layers):
            raise ValueError(
                f"{self!r}: it has {len(self.layers)} branches and was given {len(each)} inputs: "
                "give one for each, or one for all."
            )
        return list(zip(self._names, self.layers, each, strict=True))

    def _as_taken(self, x: Any, layer: Layer) -> Any:
        """Return an input as a branch takes it: one may take whole numbers, and another not."""
        is_whole = getattr(x, "dtype", "").startswith(("int", "uint", "bool"))
        return T.cast(x, self.dtype) if is_whole and not layer.takes_integers else x

    def _check(self, shapes: Sequence[tuple[int | None, ...]]) -> None:
        if () in shapes or not _agree([shape[:-1] for shape in shapes]):
            raise ValueError(
                f"{self!r}: its branches give examples of shapes "
                f"{', '.join(map(shown, shapes))}, which can't be joined: all lengths but the last "
                "must be the same. Flatten() makes vectors of them."
            )


def _agree(shapes: Sequence[tuple[int | None, ...]]) -> bool:
    """Return whether shapes can be the same, where a length of None may be any."""
    lengths = zip(*shapes, strict=False)
    return len(set(map(len, shapes))) < 2 and all(len(set(some) - {None}) < 2 for some in lengths)
