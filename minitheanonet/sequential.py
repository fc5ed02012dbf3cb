"""A network: layers one after the other, itself a layer."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import numpy as np

from minitheanonet.arguments import checked_seed, checked_shape, positive_int
from minitheanonet.checks import checked_inputs
from minitheanonet.data import slices
from minitheanonet.engine import SharedVariable, Variable, function, tensor
from minitheanonet.layers import Layer, Shape
from minitheanonet.training import Training, checked_training

__all__ = ["Sequential"]


class Sequential(Layer):
    """Layers applied one after the other; a layer itself, so that networks nest.

    Parameters
    ----------
    *layers : Layer
        In the order in which data pass through them.
    seed : int, optional
        Decides the initial weights, and is what a `Trainer` takes for dropout and batch order
        unless it gets a seed of its own. Without one a seed is drawn, and kept as ``net.seed``.
        Parameters that were drawn before, in another network say, are kept as they are.
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
        If something among `layers` is no layer.
    ValueError
        If there are no layers, a layer's input has another shape than it expects, or two layers
        bear the same name.

    Examples
    --------
    >>> from minitheanonet import Dense, ReLU, Softmax
    >>> net = Sequential(Dense(4, 8), ReLU(), Dense(8, 3), Softmax(), seed=0)
    >>> net.params
    [dense_1/W, dense_1/b, dense_2/W, dense_2/b]
    >>> net.predict(np.zeros((2, 4))).shape
    (2, 3)
    """

    def __init__(
        self,
        *layers: Layer,
        seed: int | None = None,
        input_shape: tuple[int, ...] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.layers = _checked_layers(layers)
        if seed is None:
            self.seed = np.random.SeedSequence().entropy
        else:
            self.seed = checked_seed(seed, "Sequential: seed")
        self.dtype = next((layer.dtype for layer in self.layers if layer.has_parameters), "float32")
        self._number_layers()
        self.rename()
        if input_shape is not None:
            input_shape = checked_shape(input_shape, "Sequential: input_shape")
        self.shapes = self._shapes_through(input_shape)
        self._predictors: dict[int, Any] = {}
        # Without a seed of its own a network may yet be nested in one that has: it waits until
        # then, or until it is used.
        self._is_drawn = False
        if seed is not None:
            self.build()

    def __call__(self, x: Variable, training: Training | None = None) -> Variable:
        """Return the last layer's output; with a `Training` the one for training."""
        return self.trace(x, training)[-1][1]

    def trace(
        self, x: Variable, training: Training | None = None, prefix: str = ""
    ) -> list[tuple[str, Variable]]:
        """Return each layer's name and output in order, nested networks' in their place."""
        outputs: list[tuple[str, Variable]] = []
        checked_training(training, self.name)
        for layer in self.layers:
            if isinstance(layer, Sequential):
                outputs += layer.trace(x, training, f"{prefix}{layer.name}/")
            else:
                outputs.append((prefix + layer.name, layer(x, training)))
            x = outputs[-1][1]
        return outputs

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output example for one of `input_shape`."""
        if input_shape is not None:
            input_shape = checked_shape(input_shape, f"{self.name}: input_shape")
        return self._shapes_through(input_shape)[-1]

    def build(self, seed: int | np.random.SeedSequence | None = None) -> None:
        """Draw the parameters that are not drawn yet, each layer's from a seed of its own."""
        if not isinstance(seed, np.random.SeedSequence):
            seed = self.seed if seed is None else checked_seed(seed, f"{self.name}: seed")
            seed = np.random.SeedSequence(seed, spawn_key=(0,))
        for layer, child in zip(self.layers, seed.spawn(len(self.layers)), strict=True):
            layer.build(child)
        self._is_drawn = True

    def rename(self, prefix: str = "") -> None:
        """Name the parameters of every layer ``prefix + path of layers/parameter``."""
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.rename(f"{prefix}{layer.name}/")
            else:
                layer.rename(prefix)

    @property
    def has_parameters(self) -> bool:
        """Whether any layer has parameters."""
        return any(layer.has_parameters for layer in self.layers)

    @property
    def parameters(self) -> dict[str, Variable]:
        """Every parameter by its path, ``{"dense_1/W": ...}``, the symbolic ones too."""
        if not self._is_drawn:
            self.build()
        return {
            f"{layer.name}/{key}": variable
            for layer in self.layers
            for key, variable in layer.parameters.items()
        }

    @property
    def params(self) -> list[SharedVariable]:
        """The parameters that training may change, each once."""
        if not self._is_drawn:
            self.build()
        # Not by their names: two networks may have given layers that they share the same one.
        return list(dict.fromkeys(param for layer in self.layers for param in layer.params))

    def predict(self, inputs: Any, batch_size: int = 1024) -> np.ndarray:
        """Return the outputs for an array of inputs, batch by batch.

        Parameters
        ----------
        inputs : array, shape (n, *input shape)
            Real numbers of any type; cast to the network's.
        batch_size : int, default 1024
            How many examples go through at once: memory against speed.

        Returns
        -------
        numpy.ndarray, shape (n, *output shape)
            In the network's dtype; for a network that ends in `Softmax`, probabilities.

        Raises
        ------
        ValueError, TypeError
            If the inputs are empty, of another shape, or no numbers.
        """
        batch_size = positive_int(batch_size, "batch_size")
        array = checked_inputs(inputs, self.shapes[0], self.dtype)
        predict = self._predictor(array.ndim)
        return np.concatenate([predict(*batch) for batch in slices((array,), batch_size)])

    def _predictor(self, ndim: int) -> Any:
        if ndim not in self._predictors:
            x = tensor(self.dtype, ndim, "x")
            self._predictors[ndim] = function([x], self(x), trust_input=True)
        return self._predictors[ndim]

    def summary(self) -> str:
        """Return a table of the layers: name, shape of one output, number of parameters.

        Examples
        --------
        >>> from minitheanonet import Dense, ReLU
        >>> print(Sequential(Dense(784, 512), ReLU(), Dense(512, 10), seed=0).summary())
        layer    output  parameters
        dense_1  (512,)     401,920
        relu_1   (512,)           0
        dense_2  (10,)        5,130
        total               407,050
        """
        rows = [("layer", "output", "parameters")]
        for layer, shape in zip(self.layers, self.shapes[1:], strict=True):
            rows.append((layer.name, "?" if shape is None else str(shape), f"{_count(layer):,}"))
        rows.append(("total", "", f"{_count(self):,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            f"{name:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}"
            for name, shape, count in rows
        )

    def _number_layers(self) -> None:
        """Name the layers that have no name of their own by kind and number: dense_1, dense_2.

        A layer that another network has numbered keeps its number, unless it is taken here.
        """
        distinct = list(dict.fromkeys(self.layers))
        own = Counter(layer.name for layer in distinct if layer.has_own_name)
        for name, times in own.items():
            if times > 1:
                raise ValueError(
                    f"{times} layers are called {name!r}: give each a name of its own."
                )
        taken, unnumbered = set(own), []
        for layer in distinct:
            if layer.has_own_name:
                continue
            if layer.name == layer.kind or layer.name in taken:
                unnumbered.append(layer)
            taken.add(layer.name)
        for layer in unnumbered:
            numbers = (f"{layer.kind}_{number}" for number in count(1))
            layer.name = next(name for name in numbers if name not in taken)
            taken.add(layer.name)

    def _shapes_through(self, input_shape: Shape) -> list[Shape]:
        """Return the shape of one example before the first layer and after each."""
        shapes = [self.layers[0].expected_shape if input_shape is None else tuple(input_shape)]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return shapes

    @property
    def expected_shape(self) -> Shape:
        """The shape of one input example, as the first layer or ``input_shape`` says it."""
        return self.shapes[0]

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


def _checked_layers(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    if not layers:
        raise ValueError("Sequential needs at least one layer: Sequential(Dense(784, 10)), say.")
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer, Layer):
            hint = f" Did you mean {layer.__name__}()?" if isinstance(layer, type) else ""
            if isinstance(layer, list | tuple):
                hint = " Put a * before the list: Sequential(*layers)."
            raise TypeError(f"Sequential: argument {number} is no layer but {layer!r:.60}.{hint}")
    return layers


def _count(layer: Layer) -> int:
    """Return how many numbers the layer's trainable parameters hold."""
    return sum(param.get_value(borrow=True).size for param in layer.params)
