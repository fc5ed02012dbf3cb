"""What a training compiles: the step, the evaluation, and the search for what is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.engine import function
from minitheanonet.training.batches import Batch
from minitheanonet.training.state import TrainingState
from minitheanonet.training.step import Objective, all_finite, training_step, variables_like
from minitheanonet.training.threads import Following


class Functions:
    """The functions of a training, each compiled when a batch first asks for it, and then kept.

    Parameters
    ----------
    objective : Objective
    state : TrainingState
    """

    def __init__(self, objective: Objective, state: TrainingState) -> None:
        self._objective, self._state = objective, state
        self._steps: dict[tuple, Any] = {}
        self._evaluations: dict[tuple, Any] = {}
        self._trained: dict[str, Any] = {}

    @property
    def are_compiled(self) -> bool:
        """Whether a step is there already."""
        return bool(self._steps)

    def step(self, batch: Batch, inputs: int) -> list[np.ndarray]:
        """Take a training step and return its figures: the loss, then the metrics."""
        kind = _kind(batch)
        if self._trained is not self._state.params:  # another part of the network is trained now
            self._steps, self._trained = {}, self._state.params
        if kind not in self._steps:
            self._objective.check_probabilities(batch[:inputs])
            self._steps[kind] = self._compile_step(batch, inputs)
        return self._steps[kind](*batch)

    def evaluate(self, batch: Batch, inputs: int) -> list[np.ndarray]:
        """Return the figures of the predictions."""
        kind = _kind(batch)
        if kind not in self._evaluations:
            variables = variables_like(batch)
            figures = self._objective.figures(variables, inputs, None)
            self._evaluations[kind] = Following(function(variables, figures, trust_input=True))
        return self._evaluations[kind](*batch)

    def check(self, batch: Batch, inputs: int) -> None:
        """Refuse a kind of batch that no function could take, without compiling anything."""
        self._objective.figures(variables_like(batch), inputs, None)

    def culprit(self, batch: Batch, inputs: int) -> str:
        """Return the first thing on the way to the loss that is not finite, at the last step."""
        for number, array in enumerate(batch):
            if not np.isfinite(array).all():
                return "inputs" if number < inputs else "targets"
        variables = variables_like(batch[:inputs])
        training = self._state.training.again()  # with the step's masks
        self._objective.predict(variables, training)
        names, outputs = zip(*training.outputs, strict=True)
        finite = function(variables, [all_finite(output) for output in outputs])(*batch[:inputs])
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
        compiled = function(step.inputs, step.outputs, step.updates, trust_input=True)
        return Following(compiled, list(step.state.values()))


def _kind(batch: Batch) -> tuple:
    return tuple((array.dtype.char, array.ndim) for array in batch)
