"""What is predicted: classes or sets of labels, numbers; and how a network's outputs tell it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from minitheanonet.checks import cast


class Classifying(ClassifierMixin):
    """Targets that are classes, of any type, or rows that say of each label whether it is there."""

    _scorer = staticmethod(accuracy_score)

    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> Classifying:
        """Train for one epoch on X and y, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array, optional
            All classes of all calls. The first call wants them; what later ones say is not read.

        Raises
        ------
        ValueError
            If the first call says no classes, or the data have one that it didn't say.
        """
        if not hasattr(self, "_state"):
            if classes is None and not type_of_target(y).startswith("multilabel"):
                raise ValueError("classes must be passed on the first call to partial_fit.")
            self._said = classes
        return self._fit_on(X, y, sample_weight)

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Classifying:
        self._said = None
        return super().fit(X, y, sample_weight)

    def _learn_targets(self, y: np.ndarray) -> int:
        check_classification_targets(y)
        self._is_multilabel = type_of_target(y).startswith("multilabel")
        if self._is_multilabel:
            self.classes_ = np.arange(y.shape[1])
        else:
            self.classes_ = np.unique(y if self._said is None else self._said)
        return len(self.classes_)

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        if self._is_multilabel:
            return cast(y, self.network_.dtype, "y")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"y has classes {list(unknown[:5])}, which are not among the classes_ of the first "
                f"call, {list(self.classes_[:10])}."
            )
        labels = np.searchsorted(self.classes_, y)
        if self.n_outputs_ > 1:
            return labels
        return labels.astype(self.network_.dtype)[:, np.newaxis]

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        if self._is_multilabel:
            return (outputs > 0.5).astype(int)
        return self.classes_[self._of_classes(outputs).argmax(axis=1)]

    def _of_classes(self, outputs: np.ndarray) -> np.ndarray:
        """Return an output for each class, where a network of two classes may have but one."""
        if outputs.shape[1] == 1:
            outputs = np.hstack([1 - outputs, outputs])
        return outputs[:, : len(self.classes_)]

    def _weights(self, y: np.ndarray, weights: Any) -> np.ndarray | None:
        weights = super()._weights(y, weights)
        if self.class_weight is None:
            return weights
        of_class = compute_sample_weight(self.class_weight, y)
        return of_class if weights is None else of_class * weights

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, in the order of `classes_`, or of each label.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, features)

        Returns
        -------
        numpy.ndarray, shape (n, classes)

        Raises
        ------
        ValueError
            If the network predicts something else than probabilities.
        """
        outputs = self._outputs(X)
        if self._is_multilabel:
            rows, wrong = outputs, (outputs < 0) | (outputs > 1)
        else:
            rows = self._of_classes(outputs)
            if len(self.classes_) == 1:
                return np.ones_like(rows)
            wrong = (rows < 0).any(axis=1) | (abs(rows.sum(axis=1) - 1) > 1e-3)
        if wrong.any():
            raise ValueError(
                f"the network predicts {outputs.min():.3g} to {outputs.max():.3g}, which are no "
                "probabilities: end it with Softmax(), or with Sigmoid() for labels."
            )
        return rows

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of `predict_proba`."""
        return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class Regressing(RegressorMixin):
    """Targets that are numbers, one or several for each example."""

    _scorer = staticmethod(r2_score)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Regressing:
        """Train for one epoch on X and y, from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        """
        return self._fit_on(X, y, sample_weight)

    def _learn_targets(self, y: np.ndarray) -> int:
        return 1 if y.ndim == 1 else y.shape[1]

    def _encoded(self, y: np.ndarray) -> np.ndarray:
        return cast(y.reshape(len(y), -1), self.network_.dtype, "y")

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        return outputs[:, 0] if outputs.shape[1:] == (1,) else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
