"""Passes through the data: one takes a step for each batch, another only looks at predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

from minitheanonet.training.batches import Batches, Door
from minitheanonet.training.interruption import Interruption
from minitheanonet.training.step import Objective

Figures = dict[str, float]


class NonFiniteLossError(FloatingPointError):
    """The loss of a batch was NaN or infinite; the batch changed no parameter.

    Attributes
    ----------
    epoch, batch : int
        Both from 1.
    culprit : str
        The path of the first layer whose output is not finite; or "inputs", "targets" or "loss".
    """

    def __init__(self, loss: float, epoch: int, batch: int, culprit: str) -> None:
        where = {
            "inputs": "the batch's inputs are not finite themselves: mend the data",
            "targets": "the batch's targets are not finite themselves: mend the data",
            "loss": "every layer's output is finite, the loss alone is not: look at the size of "
            "the targets, the penalty and the loss",
        }.get(
            culprit,
            f"the first layer whose output is not finite is {culprit}: a lower learning rate, "
            "clipped gradients or scaled inputs may help",
        )
        super().__init__(
            f"the loss is {loss} in epoch {epoch}, batch {batch}; {where}. This batch changed no "
            "parameter."
        )
        self.epoch, self.batch, self.culprit = epoch, batch, culprit


class Passes:
    """What a trainer does with batches.

    Parameters
    ----------
    objective : Objective
    functions : Functions

    Attributes
    ----------
    interruption : Interruption
        Whether Ctrl-C was pressed; `fit` sets one that hears it.
    after_step : list of callables
        Each is called with a step's figures.
    """

    def __init__(self, objective: Objective, functions: Any) -> None:
        self._objective, self._functions = objective, functions
        self._door = Door(objective.network, objective.takes_shares)
        self.rest()

    def rest(self) -> None:
        """Hear Ctrl-C no more, and tell nobody of steps."""
        self.interruption = Interruption()
        self.after_step: list[Callable[[list], None]] = []

    def batches(self, source: Any, batch_size: int, what: str) -> Batches:
        """Return a source's batches, after trying the first one on the network's graph."""
        self._objective.network.check_shapes()
        batches = Batches.of(source, self._door, batch_size, what)
        first = batches.first()
        if first is not None:
            inputs = first[: batches.inputs]
            self._objective.check_output(self._door.output_shape(inputs))
            self._functions.check(first, batches.inputs)
        return batches

    def train(self, batches: Batches, order: np.ndarray | None, epoch: int) -> Figures:
        """Take an epoch's steps, in an order of the examples, and return the figures' means."""
        # What listens after each batch may look at the state, and change it.
        with nullcontext() if self.after_step else self._functions.resident():
            return self._means(self._steps(batches, order, epoch))

    def evaluate(self, batches: Batches) -> Figures:
        """Return the means of the figures of the network's predictions."""
        with self._functions.resident():
            return self._means(self._functions.evaluations(batches))

    def is_interrupted(self) -> bool:
        """Say whether Ctrl-C was pressed, in any process: all ask at the same time."""
        self.interruption.requested |= bool(self._functions.highest(self.interruption.requested))
        return self.interruption.requested

    def _steps(
        self, batches: Batches, order: np.ndarray | None, epoch: int
    ) -> Iterator[tuple[list, int]]:
        """Take the steps, and give each one's figures and its number of examples."""
        steps = self._functions.steps(batches, order, self.is_interrupted)
        for number, (figures, count) in enumerate(steps, 1):
            if not math.isfinite(figures[0]):
                culprit = self._functions.culprit()
                raise NonFiniteLossError(float(figures[0]), epoch, number, culprit)
            yield figures, count
            for listen in self.after_step:
                listen(figures)

    def _means(self, results: Iterable[tuple[list, int]]) -> Figures:
        """Return means over examples of what are means over batches of so many."""
        totals, examples = [0.0] * len(self._objective.names), 0
        for figures, count in results:
            totals = [t + float(f) * count for t, f in zip(totals, figures, strict=True)]
            examples += count
        means = (total / max(examples, 1) for total in totals)
        return dict(zip(self._objective.names, means, strict=True))
