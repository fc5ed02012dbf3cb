"""What the estimators share: from data, a network and settings to a training, and what is kept."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from minitheanonet.checks import checked_weights, not_negative, positive_int, same_length, share
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.predicting import dtype_taken
from minitheanonet.neighbours.sklearn import shared
from minitheanonet.neighbours.sklearn.rows import SparseBatches, batches_for
from minitheanonet.neighbours.sklearn.watching import Watch
from minitheanonet.training.batches import shuffled_order
from minitheanonet.training.history import History
from minitheanonet.training.trainer import Trainer


@dataclass(kw_only=True, eq=False, repr=False)
class Fitting(BaseEstimator):
    """An estimator that trains a network; subclasses say which, and what targets are.

    They define ``_network(n_in, n_out, dtype)``; ``_settings()``, the loss and the optimizer;
    ``_callbacks()``, what listens to the training beside the rules;
    ``_learn_targets(y)``, which takes down what kind of targets they are and returns how many
    outputs they need; ``_encoded(y)``, what the loss takes, and ``_decoded(outputs)``, the way
    back. The parameters are a dataclass's fields: scikit-learn finds them in the signature.
    """

    alpha: float = 0.0
    batch_size: int | str = "auto"
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    verbose: bool = False
    warm_start: bool = False
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: float = 10

    _inputs: ClassVar[Any] = "numeric"  # the dtypes that inputs are left in

    def _account(self, *training: Any) -> tuple:
        """Return all that the compiled training depends on."""
        return shared.account_of(*training)

    def _lower_rate(self, trainer: Trainer) -> bool:
        """Lower the learning rate where there is no gain, and say whether that was done."""
        return False

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Fitting:
        """Train the network on X and y, and return the estimator.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, features)
            A sparse one is made dense a batch at a time.
        y : array, shape (n,) or (n, outputs)
        sample_weight : array, shape (n,), optional
            How much each example counts, 0 or more; their scale doesn't matter.

        Raises
        ------
        ValueError, TypeError
            If the data or a parameter is none that it can take.
        """
        goes_on = self.warm_start and hasattr(self, "_state")
        return self._fit(X, y, sample_weight, goes_on=goes_on, epochs=self.max_iter)

    def _fit_on(self, X: Any, y: Any, sample_weight: Any) -> Fitting:
        """Train for one epoch more."""
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        return self._fit(X, y, sample_weight, goes_on=hasattr(self, "_state"))

    def _fit(
        self, X: Any, y: Any, weights: Any, *, goes_on: bool, epochs: int | None = None
    ) -> Fitting:
        """Train for so many epochs with an optimizer that begins, or one more with the last."""
        self._check_settings()
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=self._inputs, multi_output=True,
            y_numeric=not is_classifier(self), reset=not goes_on,
        )  # fmt: skip
        y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
        weights = self._weights(y, weights)
        if not goes_on:
            self._begin(X, y)
        targets, mean = self._encoded(y), 1 if weights is None else weights.mean()
        arrays = (X, targets) if weights is None else (X, targets, weights / mean)
        self._train(arrays, y, mean, epochs)
        if self.history_.stopped_by == "interrupted":
            warnings.warn("Training interrupted by user.", stacklevel=3)
        if epochs and self.history_.stopped_by == "epochs":
            warnings.warn(
                f"The {epochs} epochs of max_iter are over, and there was still gain.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _train(self, arrays: tuple, y: np.ndarray, mean: float, epochs: int | None) -> None:
        """Train on inputs, targets and weights, which had this mean, and keep what came of it."""
        loss, optimizer = self._settings()
        if epochs or not hasattr(self, "_state"):
            self._state = shared.beginning(self.network_, optimizer)
        train, validation, held_out = self._divided(arrays, y)
        watch = Watch(self, train[0].shape[0], held_out)
        batch_size = self._batch_size(train[0].shape[0])
        # A batch counts as many examples as its weights sum up to: so twice the weight of all is
        # twice the data, beside the same penalty.
        decay = self.alpha / (2 * batch_size * mean)
        account = self._account(self.network_, loss, optimizer, self._example(train))
        lent = shared.training_like(account, self.network_, loss, optimizer)
        with lent.at(self._seed, self.history_, self.network_.values() | self._state, decay) as t:
            t.fit(
                self._source(t, train, batch_size, self.shuffle),
                validation=validation and self._source(t, validation, batch_size, False),
                epochs=epochs or 1,
                batch_size=batch_size,
                shuffle=self.shuffle,
                callbacks=[watch, *self._callbacks()],
                progress=bool(self.verbose),
            )
            values = {name: variable.get_value() for name, variable in t.state.items()}
        own = {path: values.pop(path) for path in self.network_.variables()}
        self.network_.set_values(watch.best or own)
        self._state = values

    def _check_settings(self) -> None:
        not_negative(self.alpha, "alpha")
        positive_int(self.max_iter, "max_iter")
        not_negative(self.tol, "tol")
        share(self.validation_fraction, "validation_fraction")
        if self.n_iter_no_change != math.inf:
            positive_int(self.n_iter_no_change, "n_iter_no_change")

    def _begin(self, X: Any, y: np.ndarray) -> None:
        """Make the network, draw its initial values, and begin to count."""
        vars(self).pop("_state", None)
        random = check_random_state(self.random_state)
        self._seed = int(random.randint(np.iinfo(np.int32).max))
        dtype = "float32" if X.dtype == np.float32 else "float64"
        self.network_ = self._network(X.shape[1], self._learn_targets(y), dtype)
        self.network_.draw(self._seed)
        self.n_outputs_ = self.network_.output_shape((X.shape[1],))[-1]
        self.history_, self.loss_curve_, self.t_, self._without_gain = History(), [], 0, 0
        watches_loss = not self.early_stopping
        self.best_loss_ = math.inf if watches_loss else None
        self.best_validation_score_ = None if watches_loss else -math.inf
        self.validation_scores_ = None if watches_loss else []

    def _weights(self, y: np.ndarray, weights: Any) -> np.ndarray | None:
        """Return the examples' weights, if there are any."""
        if weights is None:
            return None
        weights = checked_weights(weights, "float64", "sample_weight")
        same_length("fit", y, weights)
        if not weights.any():
            raise ValueError("sample_weight: all weights are zero, and nothing would be learned.")
        return weights

    def _divided(self, arrays: tuple, y: np.ndarray) -> tuple[tuple, tuple | None, tuple | None]:
        """Return the arrays to train with, those to validate with, and what is to be scored."""
        if not self.early_stopping:
            return arrays, None, None
        parts = train_test_split(
            *arrays, y, test_size=self.validation_fraction, random_state=self._seed,
            stratify=y if is_classifier(self) and y.ndim == 1 else None,
        )  # fmt: skip
        train, (*validation, labels) = parts[:-2:2], parts[1::2]
        if len(labels) < 2:
            raise ValueError(
                f"validation_fraction={self.validation_fraction} of {len(y)} examples leaves "
                "too few to validate with: raise it, or give more examples."
            )
        weights = validation[2] if len(arrays) == 3 else None
        return tuple(train), tuple(validation), (validation[0], labels, weights)

    def _batch_size(self, n: int) -> int:
        if isinstance(self.batch_size, str) and self.batch_size == "auto":
            return min(200, n)
        return min(positive_int(self.batch_size, 'batch_size, if not "auto",'), n)

    def _example(self, arrays: tuple) -> list[np.ndarray]:
        """Return a batch of one example, of the dtypes that a trainer makes of them."""
        inputs = dtype_taken(arrays[0], self.network_)
        others = ("int32" if one.dtype.kind == "i" else self.network_.dtype for one in arrays[1:])
        return [
            np.zeros((1, *array.shape[1:]), dtype)
            for array, dtype in zip(arrays, (inputs, *others), strict=True)
        ]

    def _source(self, trainer: Trainer, arrays: tuple, batch_size: int, shuffle: bool) -> Any:
        """Return arrays as the trainer takes them; sparse ones in the order of dense ones."""
        if isinstance(arrays[0], np.ndarray):
            return arrays
        n = arrays[0].shape[0]

        def order() -> np.ndarray:
            return shuffled_order(n, trainer.seed, trainer.epoch) if shuffle else np.arange(n)

        return SparseBatches(arrays, batch_size, order)

    def _score(self, network: Layer, X: Any, y: np.ndarray, weights: np.ndarray | None) -> float:
        outputs = shared.predictions(network, batches_for(network, X))
        return float(self._scorer(y, self._decoded(outputs), sample_weight=weights))

    def _outputs(self, X: Any) -> np.ndarray:
        """Return the network's outputs."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=self._inputs, reset=False)
        return shared.predictions(self.network_, batches_for(self.network_, X))

    def predict(self, X: Any) -> np.ndarray:
        """Return what the network makes of X, in the form of the targets it was trained on.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, features)
        """
        return self._decoded(self._outputs(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
