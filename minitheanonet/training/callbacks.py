"""What listens to a training: called with the trainer after each epoch, in one protocol.

A callback is any callable. If it has them, ``before_fit(trainer)`` is called before the first
step, where it may refuse to begin; ``after_batch(trainer, figures)`` after each; ``after_fit(
trainer)`` when the training has ended, whatever ended it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from minitheanonet.checks import not_negative, number, positive_int
from minitheanonet.training.stopping import Best, Patience


def tell(callbacks: Iterable[Any], what: str, trainer: Any) -> None:
    """Call the method `what` of those callbacks that have it."""
    for callback in callbacks:
        if hasattr(callback, what):
            getattr(callback, what)(trainer)


class RestoreBest:
    """Sets the network, when the training has ended, to what it was after its best epoch."""

    def __init__(self, best: Best) -> None:
        self.best = best
        self._first, self._kept = 0, {}

    def before_fit(self, trainer: Any) -> None:
        """Look at the epochs from here on alone."""
        self._first, self._kept = trainer.history.epochs, {}

    def __call__(self, trainer: Any) -> None:
        """Keep the values if the newest epoch is the best."""
        values = trainer.history[self.best.watch][self._first :]
        if self.best.epoch({self.best.watch: values}) == len(values):
            self._kept = trainer.network.values()

    def after_fit(self, trainer: Any) -> None:
        """Set the values that were kept."""
        trainer.network.set_values(self._kept)


@dataclass(frozen=True)
class ReduceOnPlateau:
    """Multiply the learning rate by `factor` when the watched column has stopped to become better.

    A function of the history alone: a training that is resumed goes on as if never stopped. Give
    it before a `Checkpoint` in the list of callbacks.

    Parameters
    ----------
    factor : float in (0, 1), default 0.1
    patience : int, default 10
        How many epochs with the same learning rate may pass without a new best one.
    watch, mode, min_delta
        As for `Patience`.
    lowest : float, default 0
        The rate is not brought below it.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> net = mtn.Sequential(mtn.Dense(2, 1), seed=0)
    >>> trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.1))
    >>> rule = ReduceOnPlateau(factor=0.5, patience=1, watch="train_loss", min_delta=100)
    >>> _ = trainer.fit((np.eye(2), [1, 2]), epochs=3, callbacks=[rule], progress=False)
    >>> trainer.history["learning_rate"]
    [0.1, 0.1, 0.05]
    """

    factor: float = 0.1
    patience: int = 10
    watch: str = "test_loss"
    mode: str = "auto"
    min_delta: float = 0.0
    lowest: float = 0.0

    def __post_init__(self) -> None:
        number(self.factor, "ReduceOnPlateau: factor", "in (0, 1)", lambda x: 0 < x < 1)
        positive_int(self.patience, "ReduceOnPlateau: patience")
        not_negative(self.lowest, "ReduceOnPlateau: lowest")
        Patience(self.patience, self.watch, self.mode, self.min_delta)

    def __call__(self, trainer: Any) -> None:
        """Reduce the trainer's rate, if the history says so."""
        rates = trainer.history["learning_rate"]
        same = next((n for n, r in enumerate(reversed(rates)) if r != rates[-1]), len(rates))
        is_due = Patience(self.patience, self.watch, self.mode, self.min_delta)(trainer.history)
        if is_due and same >= self.patience:
            reduced = max(self.lowest, trainer.learning_rate * self.factor)
            trainer.learning_rate = min(trainer.learning_rate, reduced)
