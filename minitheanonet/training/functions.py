"""What a training compiles: the step, the evaluation, and the search for what is not finite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from minitheanonet.engine import function
from minitheanonet.training.batches import Batch, Batches
from minitheanonet.training.state import TrainingState
from minitheanonet.training.step import Objective, all_finite, training_step, variables_like
from minitheanonet.training.threads import Following


class Functions:
    """The functions of a training, each compiled when a batch first asks for it, and then kept.

    Parameters
    ----------
    objective : Objective
    state : TrainingState

    Attributes
    ----------
    writes : bool
        Whether this process writes files and shows progress: of several, one does.
    """

    writes = True

    def __init__(self, objective: Objective, state: TrainingState) -> None:
        self._objective, self._state = objective, state
        self._steps: dict[tuple, Any] = {}
        self._evaluations: dict[tuple, Any] = {}
        self._trained: dict[str, Any] = {}
        self._last: tuple[Batch, int] = (), 0  # the last step's batch, and how many are inputs

    @property
    def are_compiled(self) -> bool:
        """Whether a step is there already."""
        return bool(self._steps)

    def resident(self) -> AbstractContextManager[None]:
        """Return a context in which the state may be elsewhere than in the shared variables."""
        return nullcontext()

    def highest(self, value: float) -> float:
        """Return the highest of the values that the processes give, of which there may be several.

        All ask at the same time; what they decide by it is the same.
        """
        return value

    def begin(self, told: Mapping[str, Any], *sources: Batches | None) -> None:
        """Refuse several processes that are told other things, or have another state or data."""

    def steps(
        self, batches: Batches, order: np.ndarray | None, halt: Callable[[], bool]
    ) -> Iterator[tuple[list, int]]:
        """Take an epoch's steps, and give each one's figures and its number of examples.

        Parameters
        ----------
        batches : Batches
        order : array of int, or None
            That of the examples.
        halt : callable
            Asked now and then whether to end the epoch here.
        """
        for batch in self._taken(batches, order):
            yield self.step(batch, batches.inputs), len(batch[0])
            if halt():
                return

    def evaluations(self, batches: Batches) -> Iterator[tuple[list, int]]:
        """Give the figures of the predictions, batch by batch, and the numbers of examples."""
        for batch in self._taken(batches, None):
            yield self.evaluate(batch, batches.inputs), len(batch[0])

    def step(self, batch: Batch, inputs: int) -> list[np.ndarray]:
        """Take a training step and return its figures: the loss, then the metrics."""
        self._last = batch, inputs
        return self._call(self._step_for(batch, inputs), batch)

    def _step_for(self, batch: Batch, inputs: int) -> Any:
        """Return the step for batches like this one."""
        kind = _kind(batch)
        if self._trained is not self._state.params:  # another part of the network is trained now
            self._steps, self._trained = {}, self._state.params
        if kind not in self._steps:
            self._objective.check_probabilities(batch[:inputs])
            self._steps[kind] = self._compile_step(batch, inputs)
        return self._steps[kind]

    def evaluate(self, batch: Batch, inputs: int) -> list[np.ndarray]:
        """Return the figures of the predictions."""
        kind = _kind(batch)
        if kind not in self._evaluations:
            variables = variables_like(batch)
            figures = self._objective.figures(variables, inputs, None)
            self._evaluations[kind] = self._compiled(variables, figures)
        return self._call(self._evaluations[kind], batch)

    def check(self, batch: Batch, inputs: int) -> None:
        """Refuse a kind of batch that no function could take, without compiling anything."""
        self._objective.figures(variables_like(batch), inputs, None)

    def culprit(self) -> str:
        """Return the first thing on the way to the loss that is not finite, at the last step."""
        batch, inputs = self._last
        for number, array in enumerate(batch):
            if not np.isfinite(array).all():
                return "inputs" if number < inputs else "targets"
        variables = variables_like(batch[:inputs])
        training = self._state.training.again()  # with the step's masks
        self._objective.predict(variables, training)
        names, outputs = zip(*training.outputs, strict=True)
        of_all = self._compiled(variables, [all_finite(output) for output in outputs])
        finite = of_all(*batch[:inputs])
        return next((name for name, fine in zip(names, finite, strict=True) if not fine), "loss")

    def _compile_step(self, batch: Batch, inputs: int) -> Any:
        step = training_step(
            self._objective,
            self._state.optimizer,
            self._state.params,
            self._state.variables(),
            self._state.training,
            variables_like(batch),
            inputs,
        )
        return self._compiled(step.inputs, step.outputs, step.updates)

    def _taken(self, batches: Batches, order: np.ndarray | None) -> Iterable[Batch]:
        return batches.taken(order)

    def _compiled(self, inputs: list, outputs: list, updates: Any = None) -> Any:
        return Following(function(inputs, outputs, updates, trust_input=True), list(updates or ()))

    def _call(self, function: Any, batch: Batch) -> list[np.ndarray]:
        return function(*batch)


def _kind(batch: Batch) -> tuple:
    return tuple((array.dtype.char, array.ndim) for array in batch)
