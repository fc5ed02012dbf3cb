"""What any layer does beside its graph: predict arrays, know its shapes, describe itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from minitheanonet.checks import check_within, checked_inputs, positive_int
from minitheanonet.engine import SharedVariable, T, function, tensor

_PROBE = "FAST_COMPILE"  # the engine's mode for a graph that runs once


class Predicting:
    """Shapes, predictions and a summary, from a layer's graph alone."""

    @property
    def input_shape(self) -> Any:
        """The shape of one input example, where the layer alone decides it; else None."""
        return None

    def output_shape(self, input_shape: Any) -> Any:
        """Return the shape of one output example for an input example's; None is unknown.

        A layer that doesn't say it is asked by its graph, with one example of zeros.
        """
        if input_shape is None:
            return None
        several = input_shape and isinstance(input_shape[0], tuple)
        shapes = input_shape if several else (input_shape,)
        dtype = "int32" if self.takes_integers else self.dtype
        x = tuple(tensor(dtype, 1 + len(shape), "x") for shape in shapes)
        output = self(x if several else x[0])
        if any(not isinstance(variable, SharedVariable) for variable in self.parameters.values()):
            return None  # of symbolic parameters nothing needs to be known yet
        zeros = [np.zeros((1, *shape), dtype) for shape in shapes]
        lengths = function(list(x), T.shape(output), mode=_PROBE)(*zeros)
        return tuple(int(length) for length in lengths[1:])

    def predict(self, inputs: Any, batch_size: int = 1024) -> np.ndarray:
        """Return the outputs for an array of inputs, batch by batch.

        Parameters
        ----------
        inputs : array, shape (n, *input shape), or tuple of arrays, or iterator of batches
            Real numbers of any type, DataFrames, memory maps; each batch is cast to the network's
            dtype, unless the network takes whole numbers as they are. A tuple is several inputs.
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
        self.check_shapes()
        sources: Iterable[Any] = inputs if isinstance(inputs, Iterator) else [inputs]
        outputs = [
            self._predictor(batch)(*batch)
            for source in sources
            for batch in _batches(as_given(source, self, "inputs"), batch_size, self)
        ]
        if not outputs:
            raise ValueError("inputs gave no batches: an iterator can be read once only.")
        return np.concatenate(outputs)

    def _predictor(self, batch: tuple[np.ndarray, ...]) -> Any:
        functions = vars(self).setdefault("_functions", {})
        kind = tuple((array.dtype.char, array.ndim) for array in batch)
        if kind not in functions:
            x = tuple(tensor(array.dtype.name, array.ndim, "x") for array in batch)
            output = self(x if len(x) > 1 else x[0])
            functions[kind] = function(list(x), output, trust_input=True)
        return functions[kind]

    def forget_functions(self) -> None:
        """Let go of compiled functions: they are of other variables, or can't be pickled."""
        vars(self).pop("_functions", None)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_functions"}

    def summary(self) -> str:
        """Return a table of the layers: name, shape of one output, number of parameters.

        Examples
        --------
        >>> from minitheanonet import Dense, ReLU, Sequential
        >>> print(Sequential(Dense(784, 512), ReLU(), Dense(512, 10), seed=0).summary())
        layer    output  parameters
        dense_1  (512,)     401,920
        relu_1   (512,)           0
        dense_2  (10,)        5,130
        total               407,050
        """
        rows = [("layer", "output", "parameters")]
        for name, layer, shape in self.parts():
            rows.append((name, "?" if shape is None else str(shape), f"{_count(layer):,}"))
        rows.append(("total", "", f"{_count(self):,}"))
        trained = sum(_size(variable) for variable in self.params)
        if trained != _count(self):
            rows.append(("trained", "", f"{trained:,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            f"{name:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}"
            for name, shape, count in rows
        )

    def parts(self) -> list[tuple[str, Any, Any]]:
        """Return (name, layer, shape of one output example) of the layers right below."""
        return [
            (name, layer, layer.output_shape(layer.input_shape))
            for name, layer in self.children().items()
        ]


def as_given(inputs: Any, network: Predicting, what: str) -> tuple[np.ndarray, ...]:
    """Return a network's input or inputs as arrays of the dtype that they have."""
    shape = network.input_shape
    if not isinstance(inputs, tuple):
        array = checked_inputs(inputs, shape, network.dtype, what)
        check_within(array, network.takes_integers, what)
        return (array,)
    shapes = shape if shape else (None,) * len(inputs)
    if len(shapes) != len(inputs) or not all(isinstance(one, tuple | None) for one in shapes):
        raise ValueError(
            f"{what} are a tuple of {len(inputs)} arrays, and the network takes "
            f"{shape if shape else 'one'}: several inputs go to a layer that takes several."
        )
    taken = network.takes_integers
    if not isinstance(taken, tuple) or len(taken) != len(inputs):
        taken = (taken,) * len(inputs)
    arrays = []
    for number, (one, example, known) in enumerate(zip(inputs, shapes, taken, strict=True), 1):
        label = f"{what}, number {number}"
        arrays.append(checked_inputs(one, example, network.dtype, label))
        check_within(arrays[-1], known, label)
    return tuple(arrays)


def dtype_taken(array: np.ndarray, network: Predicting) -> np.dtype:
    """Return the dtype as which a network takes inputs."""
    as_it_is = network.takes_integers and array.dtype.kind in "iub"
    return array.dtype if as_it_is else np.dtype(network.dtype)


def writeable(batch: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return a batch as functions want it: for others, read-only ones say, they compile anew."""
    return np.require(batch, dtype=dtype, requirements=["C", "W"])


def _batches(
    arrays: tuple[np.ndarray, ...], batch_size: int, network: Predicting
) -> Iterator[tuple[np.ndarray, ...]]:
    for start in range(0, len(arrays[0]), batch_size):
        rows = slice(start, start + batch_size)
        yield tuple(writeable(array[rows], dtype_taken(array, network)) for array in arrays)


def _count(layer: Any) -> int:
    """Return how many numbers the parameters of a layer and of all below it hold."""
    held = {v for v in layer.parameters.values() if isinstance(v, SharedVariable)}
    return sum(map(_size, held))


def _size(variable: SharedVariable) -> int:
    return variable.get_value(borrow=True).size
