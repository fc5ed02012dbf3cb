"""When an estimator's training is over: scikit-learn's rule, which counts epochs without gain."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.training.trainer import Trainer


class Watch:
    """A callback that keeps an estimator's figures, and ends its training as scikit-learn does.

    An epoch is without gain if its loss is not below the least before it by more than `tol`; with
    early stopping, if its score is not so far above the best one. When there were more than
    `n_iter_no_change` of them in a row, the training ends.

    Parameters
    ----------
    estimator : Fitting
    examples : int
        What an epoch trains with.
    held_out : tuple, optional
        Inputs, labels or targets as they were given, and weights or None.

    Attributes
    ----------
    best : dict of str to array, or None
        With `held_out`, the network's values after the epoch that scored best.
    """

    def __init__(self, estimator: Any, examples: int, held_out: tuple | None) -> None:
        self._estimator, self._examples, self._held_out = estimator, examples, held_out
        self.best: dict[str, np.ndarray] | None = None
        estimator.n_iter_ = 0

    def __call__(self, trainer: Trainer) -> None:
        """Take down an epoch."""
        estimator = self._estimator
        estimator.n_iter_ += 1
        estimator.t_ += self._examples
        estimator.loss_ = trainer.history["train_loss"][-1]
        estimator.loss_curve_.append(estimator.loss_)
        gain = self._gain(trainer)
        estimator._without_gain = 0 if gain >= estimator.tol else estimator._without_gain + 1
        if estimator._without_gain > estimator.n_iter_no_change:
            if estimator._lower_rate(trainer):
                estimator._without_gain = 0
            else:
                trainer.stop("no gain")

    def _gain(self, trainer: Trainer) -> float:
        """Return by how much the epoch is better than the best before it; keep it if it is."""
        estimator = self._estimator
        if self._held_out is None:
            gain = estimator.best_loss_ - estimator.loss_
            estimator.best_loss_ = min(estimator.best_loss_, estimator.loss_)
            return gain
        score = estimator._score(trainer.network, *self._held_out)
        gain = score - estimator.best_validation_score_
        estimator.validation_scores_.append(score)
        if gain > 0 or self.best is None:
            self.best = trainer.network.values()
            estimator.best_validation_score_ = max(score, estimator.best_validation_score_)
        return gain
