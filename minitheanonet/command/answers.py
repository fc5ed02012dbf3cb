"""What a saved network says to examples, as text and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import numpy as np

from minitheanonet.files.model import ModelInfo
from minitheanonet.layers.activations import Sigmoid, Softmax
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.sequential import Sequential

_SHOWN = 3  # of the classes in a line, the likeliest first


class Answers:
    """A network's outputs under the names of its classes: their numbers, if the file has none.

    Where the network ends in a `Softmax` or a `Sigmoid`, they are probabilities, and a single one
    is that of the second of two classes; elsewhere they are numbers.
    """

    def __init__(self, info: ModelInfo) -> None:
        self.network = info.network
        shape = self.network.output_shape(self.network.input_shape)
        if len(shape) != 1:
            raise ValueError(f"the network's outputs are no classes: {shape} an example.")
        self.are_probabilities = isinstance(_last(self.network), Softmax | Sigmoid)
        count = 2 if self.are_probabilities and shape == (1,) else shape[0]
        self.names = list(info.classes or map(str, range(count)))
        if len(self.names) != count:
            raise ValueError(f"the file names {len(self.names)} classes, and there are {count}.")

    def to(self, examples: np.ndarray) -> np.ndarray:
        """Return a row for each example, with a number for each name."""
        outputs = self.network.predict(examples)
        is_second = outputs.shape[1] < len(self.names)
        return np.hstack([1 - outputs, outputs]) if is_second else outputs

    def line(self, row: np.ndarray) -> str:
        """Return one example's row as text."""
        order, form = range(len(row)), ".4g"
        if self.are_probabilities:
            order, form = np.argsort(-row, kind="stable")[:_SHOWN], ".1%"
        return ", ".join(f"{self.names[i]} {row[i]:{form}}" for i in order)

    def table(self, rows: Iterable[tuple[str, np.ndarray]]) -> str:
        """Return rows, with what the example of each is called, as CSV text with a header line."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        first = ["class", "probability"] if self.are_probabilities else []
        writer.writerow(["source", *first, *self.names])
        for source, row in rows:
            best = int(row.argmax())
            first = [self.names[best], row[best]] if self.are_probabilities else []
            writer.writerow([source, *first, *row])
        return text.getvalue()


def _last(network: Layer) -> Layer:
    return _last(network.layers[-1]) if isinstance(network, Sequential) else network
