"""Where a training stands: what a checkpoint keeps, and what resuming sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minitheanonet.engine import SharedVariable, Variable, pretty
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.training.history import History
from minitheanonet.training.named import name_of
from minitheanonet.training.state import TrainingState
from minitheanonet.training.step import Objective


class Standing:
    """The state of a training, its record, and what it is beside them."""

    def __init__(
        self,
        objective: Objective,
        optimizer: Optimizer,
        seed: int,
        params: Sequence[Variable] | None,
    ) -> None:
        self.network, self.optimizer, self.seed = objective.network, optimizer, seed
        self.history, self.epoch = History(), 0
        self._objective = objective
        self._state = TrainingState(objective.network, optimizer, seed, params)
        self._batch_size: int | None = None
        self._is_resumed = False

    @property
    def state(self) -> dict[str, SharedVariable]:
        """All that training changes: ``dense_1/W``, ``optimizer/dense_1/W/velocity``, ``clock``."""
        self._state.refresh()
        return self._state.variables()

    @property
    def learning_rate(self) -> float:
        """η of the next step. May be set at any time, unless a schedule decides it."""
        return self._state.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._state.learning_rate = value

    @property
    def settings(self) -> dict[str, Any]:
        """What this training is beside its state, for a checkpoint's record."""
        penalty = self._objective.penalty
        return {
            "network": repr(self.network),
            "optimizer": repr(self.optimizer),
            "loss": name_of(self._objective.loss),
            "metrics": list(self._objective.metrics),
            "penalty": None if penalty is None else pretty(penalty),
            "batch_size": self._batch_size,
        }

    def restart(
        self, seed: int, history: History, values: Mapping[str, Any], batch_size: int | None = None
    ) -> None:
        """Go to where a training was: its state's values by name, and its record."""
        self._state.restart(seed, values)
        self.epoch, self.seed, self.history = history.epochs, seed, history
        self._batch_size, self._is_resumed = batch_size, batch_size is not None

    def averaged(self) -> Layer:
        """Return the network with the running averages of its parameters, to predict with.

        Raises
        ------
        ValueError
            If the optimizer keeps none: ``mtn.Adam(average=0.999)`` does.
        """
        return self._state.averaged()
