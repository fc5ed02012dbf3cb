"""Everything that a training needs to go on as if it had never stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from minitheanonet.engine import T
from minitheanonet.files.errors import RefusedError
from minitheanonet.history import History

if TYPE_CHECKING:
    from minitheanonet.trainer import Trainer

__all__ = [
    "TrainingState",
    "check_trainer",
    "checked_record",
    "expected_arrays",
    "is_of_same_training",
    "set_state",
    "state_of",
]


@dataclass(frozen=True)
class TrainingState:
    """A training's state, beside the parameters: a record in plain JSON, and arrays by name.

    Shuffling is a pure function of (seed, epoch), dropout of (seed, step), stopping rules and
    the best epoch of the history: these few numbers are all the random and stopping state.
    """

    record: dict[str, Any]
    arrays: dict[str, np.ndarray]

    @property
    def epoch(self) -> int:
        """The number of epochs trained."""
        return self.record["epoch"]


def check_trainer(trainer: Any, who: str) -> None:
    """Refuse what is no trainer."""
    if not hasattr(trainer, "compiled"):
        raise TypeError(f"{who}: trainer must be a Trainer, got {trainer!r:.60}.")


def state_of(trainer: Trainer) -> TrainingState:
    """Return the state of a training between two epochs."""
    if trainer.history.epochs != trainer.epoch:
        raise RefusedError(
            f"the trainer is at epoch {trainer.epoch}, and its history has "
            f"{trainer.history.epochs} rows, so that it couldn't be resumed",
            "Leave the trainer's history to the trainer",
        )
    record = {
        "epoch": trainer.epoch,
        "step": int(trainer.training.step.get_value()),
        "seed": int(trainer.seed),
        "optimizer": trainer.optimizer.kind,
        "learning_rate": trainer.optimizer.learning_rate,
        "history": trainer.history.to_json(),
    }
    return TrainingState(record, trainer.compiled.optimizer_values or expected_arrays(trainer))


def is_of_same_training(record: dict[str, Any] | None, trainer: Trainer) -> bool:
    """Say whether a checkpoint's record has the very history of the trainer, seconds and all."""
    try:
        recorded = History.from_json((record or {})["history"])
    except (KeyError, TypeError, ValueError):
        return False
    mine, other = (json.loads(h.to_json())["columns"] for h in (trainer.history, recorded))
    return mine == other


def expected_arrays(trainer: Trainer) -> dict[str, np.ndarray]:
    """Return the optimizer's state as it starts: what a checkpoint must have, by name."""
    params = trainer.network.params
    updates = trainer.optimizer.updates([T.zeros_like(param) for param in params], params)
    return {
        variable.name: variable.get_value(borrow=True)
        for variable in updates
        if variable not in params
    }


def checked_record(record: dict[str, Any] | None, trainer: Trainer) -> dict[str, Any]:
    """Return a checkpoint's record of the training, after holding it against the trainer."""
    if record is None:
        raise RefusedError(
            "it holds a model and no training", "Give a file that a Checkpoint wrote"
        )
    for key in ("epoch", "step", "seed"):
        if isinstance(record.get(key), bool) or not isinstance(record.get(key), int):
            raise RefusedError(f"its {key} is no whole number")
        if not 0 <= record[key] < 2 ** (128 if key == "seed" else 63):
            raise RefusedError(f"its {key} is out of range")
    rate = record.get("learning_rate")
    if not isinstance(rate, float) or not 0 < rate < float("inf"):
        raise RefusedError("its learning_rate is no positive number")
    if record.get("optimizer") != trainer.optimizer.kind:
        raise RefusedError(
            f"it was written with the optimizer {record.get('optimizer')!r:.40}, and this trainer "
            f"has {trainer.optimizer.kind!r}",
            "Build the trainer with the optimizer it began with",
        )
    if not isinstance(record.get("history"), str):
        raise RefusedError("it has no history")
    history = History.from_json(record["history"])
    if history.epochs != record["epoch"]:
        raise RefusedError("its history has another number of epochs than it says")
    return {**record, "history": history}


def set_state(trainer: Trainer, record: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Put the trainer where the training was; `record` comes from `checked_record`."""
    trainer.compiled.set_optimizer_state(arrays)
    trainer.seed = record["seed"]
    trainer.training.restart(record["seed"], record["step"])
    trainer.optimizer.learning_rate = record["learning_rate"]
    trainer.history = record["history"]
    trainer.epoch = record["epoch"]
