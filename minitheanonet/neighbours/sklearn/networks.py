"""Any network as an estimator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from minitheanonet.engine import Variable
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.adaptive import Adam
from minitheanonet.learning.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_squared_error,
)
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.neighbours.sklearn.fitting import Fitting
from minitheanonet.neighbours.sklearn.targets import Classifying, Regressing
from minitheanonet.training.trainer import Trainer

Loss = Callable[..., Variable]


@dataclass(eq=False, repr=False)
class _Built(Fitting):
    """An estimator whose network a function builds; subclasses know the `_usual_loss`."""

    build: Callable[[int, int], Layer]
    _: KW_ONLY
    loss: Loss | None = None
    optimizer: Optimizer | None = None
    callbacks: Sequence[Callable[[Trainer], None]] = ()

    def _network(self, n_in: int, n_out: int, dtype: str) -> Layer:
        if isinstance(self.build, Layer) or not callable(self.build):
            raise TypeError(
                "build must be a function from (n_in, n_out) to a network, which each fit calls "
                f"for a network of its own, got {self.build!r:.60}."
            )
        network = self.build(n_in, n_out)
        if not isinstance(network, Layer):
            raise TypeError(f"build must return a network, got {network!r:.60}.")
        return network

    def _settings(self) -> tuple[Loss, Optimizer]:
        optimizer = Adam() if self.optimizer is None else self.optimizer
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer must be an Optimizer, mtn.Adam() say, got {optimizer!r}.")
        return self.loss or self._usual_loss(), optimizer

    def _callbacks(self) -> Sequence[Callable[[Trainer], None]]:
        return self.callbacks


@dataclass(eq=False, repr=False)
class Classifier(Classifying, _Built):
    """A classifier around any network.

    Parameters
    ----------
    build : callable (n_in, n_out) → Layer
        Makes the network, anew for each fit that doesn't go on. `n_out` is the number of classes,
        or of labels if several may apply. A network without a seed is drawn by `random_state`.
    loss : callable, optional
        As for a `Trainer`; `categorical_crossentropy`, or `binary_crossentropy` for labels and for
        a network with one output.
    optimizer : Optimizer, default ``Adam()``
    callbacks : sequence of callables, default ()
        As for `Trainer.fit`.
    alpha : float, default 0
        Of a penalty α Σ w² / 2n, over all that is no bias; n is the size of a batch.
    batch_size : int or "auto", default "auto"
        200, or all if there are fewer.
    max_iter : int, default 200
        The most epochs.
    shuffle : bool, default True
    random_state : int, RandomState or None
        What initial values, dropout masks and the order of batches come from.
    tol, n_iter_no_change : float, default 1e-4 and 10
        The training ends when in more than so many epochs in a row the loss fell by less than
        `tol`; with `early_stopping`, when the accuracy (R²) rose by less.
    verbose : bool, default False
        Whether to show the progress, on standard error.
    warm_start : bool, default False
        Whether another fit goes on from the last one's network.
    early_stopping : bool, default False
        Whether to hold out `validation_fraction` of the examples, to watch them, and to keep what
        the network was when it did best on them.
    validation_fraction : float in [0, 1), default 0.1
    class_weight : dict, "balanced" or None
        How much the examples of each class count.

    Attributes
    ----------
    network_ : Layer
        The trained network, for `save_model` and all else.
    history_ : History
        A row for each epoch; with early stopping it has ``test_loss`` too.
    classes_, n_features_in_, n_outputs_, n_iter_, t_, loss_, loss_curve_, best_loss_
    validation_scores_, best_validation_score_
        As scikit-learn's `MLPClassifier` has them.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> from sklearn.datasets import load_iris
    >>> def build(n_in, n_out):
    ...     return mtn.Sequential(
    ...         mtn.Dense(n_in, 16), mtn.Tanh(), mtn.Dense(16, n_out), mtn.Softmax()
    ...     )
    >>> X, y = load_iris(return_X_y=True)
    >>> model = Classifier(build, optimizer=mtn.Adam(0.02), tol=1e-2, random_state=0)
    >>> bool(model.fit(X, y).score(X, y) > 0.9)
    True
    """

    _: KW_ONLY
    class_weight: str | Mapping[Any, float] | None = None

    def _network(self, n_in: int, n_out: int, dtype: str) -> Layer:
        # A softmax over the one class of data that have but one would learn nothing.
        return super()._network(n_in, n_out if self._is_multilabel else max(2, n_out), dtype)

    def _usual_loss(self) -> Loss:
        has_shares = self._is_multilabel or self.n_outputs_ == 1
        return binary_crossentropy if has_shares else categorical_crossentropy


@dataclass(eq=False, repr=False)
class Regressor(Regressing, _Built):
    """A regressor around any network.

    Parameters
    ----------
    build : callable (n_in, n_out) → Layer
        Makes the network; `n_out` is the number of targets.
    loss : callable, default `mean_squared_error`
    **others
        As for `Classifier`, without `class_weight`.

    Attributes
    ----------
    network_, history_
        As for `Classifier`, and what scikit-learn's `MLPRegressor` has.

    Examples
    --------
    >>> import minitheanonet as mtn
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(100, 3, random_state=0)
    >>> model = Regressor(lambda n_in, n_out: mtn.Dense(n_in, n_out), optimizer=mtn.Adam(1.0))
    >>> bool(model.fit(X, y).score(X, y) > 0.99)
    True
    """

    def _usual_loss(self) -> Loss:
        return mean_squared_error
