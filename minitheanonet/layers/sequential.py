"""Layers under names, and a network of them one after the other, itself a layer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from minitheanonet.checks import checked_shape, refuse_habits
from minitheanonet.engine import Variable
from minitheanonet.layers.layer import Layer, Shape, inside


class Group(Layer):
    """Layers by name, ``dense_1``, of one dtype; a subclass says how they are applied."""

    def __init__(
        self, *layers: Layer, seed: int | None = None, name: str | None = None, **habits: Any
    ) -> None:
        kind = type(self).__name__
        refuse_habits(habits, kind, {"dtype": "give it to the layers: Dense(..., dtype=)"})
        super().__init__(name=name, seed=seed)
        self.layers = _checked_layers(kind, layers)
        self._names = _names_of(self.layers)
        self.dtype = _dtype_of(self)

    def _draw_first(self) -> None:
        """Draw what no seed has decided by the own one, or by one that is drawn for it."""
        if self.seed is None:
            self.seed = np.random.SeedSequence().entropy
        self.draw(self.seed, decided=self._decides)

    def children(self) -> dict[str, Layer]:
        """Return the layers by name, ``dense_1``, and those among a subclass's attributes."""
        others = super().children()
        named = dict(zip(self._names, self.layers, strict=True))
        return named | {p: layer for p, layer in others.items() if not p.startswith("layers/")}

    def parts(self) -> list[tuple[str, Layer, Shape]]:
        """Return (name, layer, shape of one output example) of each layer, in order."""
        shapes = (layer.output_shape(layer.input_shape) for layer in self.layers)
        return list(zip(self._names, self.layers, shapes, strict=True))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"


class Sequential(Group):
    """Layers applied one after the other; a layer itself, so that networks nest.

    Parameters
    ----------
    *layers : Layer
        In the order in which data pass through them; one may stand there twice.
    seed : int, optional
        As for every `Layer`; it is also what a `Trainer` takes for dropout and batch order unless
        it gets a seed of its own. Without one a seed is drawn, and kept as ``net.seed``.
    input_shape : tuple of int, optional
        The shape of one example, where the first layer doesn't say it.
    name : str, optional

    Attributes
    ----------
    layers : tuple of Layer
    seed : int
    shapes : list
        The shape of one example, before the first layer and after each: None where unknown.

    Raises
    ------
    TypeError
        If something among `layers` is no layer, or they are of different dtypes.
    ValueError
        If there are no layers, a layer's input has another shape than it expects, or two layers
        bear the same name.

    Examples
    --------
    >>> from minitheanonet import Dense, ReLU, Softmax
    >>> net = Sequential(Dense(4, 8), ReLU(), Dense(8, 3), Softmax(), seed=0)
    >>> list(net.parameters)
    ['dense_1/W', 'dense_1/b', 'dense_2/W', 'dense_2/b']
    >>> net.predict(np.zeros((2, 4))).shape
    (2, 3)
    """

    def __init__(
        self,
        *layers: Layer,
        seed: int | None = None,
        input_shape: tuple[int, ...] | None = None,
        name: str | None = None,
        **habits: Any,
    ) -> None:
        super().__init__(*layers, seed=seed, name=name, **habits)
        if input_shape is not None:
            input_shape = checked_shape(input_shape, "Sequential: input_shape")
        self.shapes = self._shapes_through(input_shape or self.layers[0].input_shape)
        self._draw_first()

    def forward(self, x: Any, training: Any = None) -> Variable:
        """Return the last layer's output; with a `Training` the one for training."""
        for name, layer in zip(self._names, self.layers, strict=True):
            with inside(name):
                x = layer(x, training)
        return x

    @property
    def takes_integers(self) -> bool | range | tuple:
        """Whether the first layer does, or which ones."""
        return self.layers[0].takes_integers

    @property
    def input_shape(self) -> Shape:
        """The shape of one input example, as the first layer or ``input_shape=`` says it."""
        return self.shapes[0]

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output example for one of `input_shape`."""
        if type(self).forward is not Sequential.forward:
            return super().output_shape(input_shape)
        return self._shapes_through(input_shape)[-1]

    def parts(self) -> list[tuple[str, Layer, Shape]]:
        """Return (name, layer, shape of one output example) of each layer, in order."""
        return list(zip(self._names, self.layers, self.shapes[1:], strict=True))

    def _shapes_through(self, shape: Shape) -> list[Shape]:
        """Return the shape of one example before the first layer and after each."""
        shapes = [shape]
        for name, layer in zip(self._names, self.layers, strict=True):
            with inside(name):
                shapes.append(layer.output_shape(shapes[-1]))
        return shapes


def _checked_layers(kind: str, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    if not layers:
        raise ValueError(f"{kind} needs at least one layer: {kind}(Dense(784, 10)), say.")
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer, Layer):
            hint = f" Did you mean {layer.__name__}()?" if isinstance(layer, type) else ""
            if isinstance(layer, list | tuple):
                hint = f" Put a * before the list: {kind}(*layers)."
            raise TypeError(f"{kind}: argument {number} is no layer but {layer!r:.60}.{hint}")
    return layers


def _names_of(layers: tuple[Layer, ...]) -> tuple[str, ...]:
    """Name each layer: its own name, or its class's and a number, dense_1, dense_2."""
    distinct = list(dict.fromkeys(layers))
    own = Counter(layer.name for layer in distinct if layer.name)
    for name, times in own.items():
        if times > 1:
            raise ValueError(f"{times} layers are called {name!r}: give each a name of its own.")
    names: dict[Layer, str] = {}
    numbers: Counter[str] = Counter()
    for layer in distinct:
        name = layer.name
        while not name or (name in own and not layer.name):
            numbers[layer.label] += 1
            name = f"{layer.label}_{numbers[layer.label]}"
        names[layer] = name
    return tuple(names[layer] for layer in layers)


def _dtype_of(network: Group) -> str:
    """Return the one dtype of all parameters below; float32 if there are none."""
    dtypes = {
        layer.dtype: path
        for path, layer in network.walk()
        if layer is not network and layer._leaves
    }
    if len(dtypes) > 1:
        (one, first), (other, second) = list(dtypes.items())[:2]
        raise TypeError(
            f"{first} computes in {one} and {second} in {other}: give both the same dtype."
        )
    return next(iter(dtypes), "float32")
