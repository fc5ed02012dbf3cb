"""The pair (inputs, targets) that every loader returns, and how to take parts of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minitheanonet.checks import as_array, checked_seed, number


class _Pair(NamedTuple):
    inputs: np.ndarray
    targets: np.ndarray


class Dataset(_Pair):
    """Inputs and targets, which unpack as a pair: ``x, y = train``.

    Being a tuple of two, its ``len`` is 2; the number of examples is ``len(train.inputs)``.

    Parameters
    ----------
    inputs : numpy.ndarray, shape (n, ...)
        One example per row. The loaders of this package give float32 in [0, 1].
    targets : numpy.ndarray, shape (n, ...)
        What belongs to each example. The loaders of this package give int32 labels, shape (n,).
    classes : sequence of str, default ()
        The name of each label, if the labels have names.
    name : str, default ""
        Where the data come from, for people: a title for plots and reports.

    Raises
    ------
    ValueError
        If inputs and targets differ in length, either is a bare scalar, or a label has no name.

    Examples
    --------
    >>> data = Dataset(np.zeros((4, 3), "float32"), np.array([0, 1, 0, 1]), classes=("cat", "dog"))
    >>> data
    Dataset(inputs=float32 (4, 3), targets=int64 (4,), classes=('cat', 'dog'), name='')
    >>> inputs, targets = data.first(2)
    >>> targets
    array([0, 1])
    """

    classes: tuple[str, ...] = ()
    name: str = ""

    def __new__(
        cls,
        inputs: np.ndarray,
        targets: np.ndarray,
        *,
        classes: Sequence[str] = (),
        name: str = "",
    ) -> Dataset:
        """Check that inputs and targets belong together, and keep them."""
        inputs, targets = as_array(inputs, "inputs"), as_array(targets, "targets")
        if inputs.shape[:1] != targets.shape[:1] or inputs.ndim == 0:
            raise ValueError(
                f"inputs have shape {inputs.shape} and targets {targets.shape}: "
                "their first axes must be as long as one another, one entry per example."
            )
        dataset = super().__new__(cls, inputs, targets)
        dataset.classes, dataset.name = tuple(classes), name
        are_labels = targets.ndim == 1 and targets.dtype.kind in "iu" and targets.size
        if are_labels and dataset.classes:
            low, high = targets.min(), targets.max()
            if low < 0 or high >= len(dataset.classes):
                raise ValueError(
                    f"targets hold labels from {low} to {high}, and there are "
                    f"{len(dataset.classes)} classes: name each label from 0 on, or none at all."
                )
        return dataset

    def __repr__(self) -> str:
        return (
            f"Dataset(inputs={self.inputs.dtype} {self.inputs.shape}, "
            f"targets={self.targets.dtype} {self.targets.shape}, "
            f"classes={self.classes}, name={self.name!r})"
        )

    def _replace(self, **fields: Any) -> Dataset:
        # NamedTuple's own would go past __new__ and lose the check, the classes and the name.
        kept = {**self._asdict(), "classes": self.classes, "name": self.name}
        return Dataset(**{**kept, **fields})

    def _take(self, index: slice | np.ndarray) -> Dataset:
        return self._replace(inputs=self.inputs[index], targets=self.targets[index])

    def first(self, n: int) -> Dataset:
        """Give the first `n` examples, in their order, as views of the arrays.

        Parameters
        ----------
        n : int
            How many, from 1 to all.

        Returns
        -------
        Dataset
            With the same classes and name.

        Raises
        ------
        ValueError
            If there are not so many examples, or `n` is below 1.
        """
        available = len(self.inputs)
        if not 1 <= n <= available:
            raise ValueError(f"first({n}): n must be from 1 to {available}, all examples.")
        return self._take(slice(n))

    def fraction(self, f: float) -> Dataset:
        """Give the first ``round(f * n)`` of the n examples, in their order.

        Parameters
        ----------
        f : float
            The share, above 0 and up to 1.

        Returns
        -------
        Dataset
            With the same classes and name.

        Raises
        ------
        ValueError
            If `f` is outside (0, 1], or so small that no example is left.

        Examples
        --------
        >>> Dataset(np.zeros((60, 2)), np.zeros(60)).fraction(0.25).inputs.shape
        (15, 2)
        """
        number(f, "fraction: the share", "above 0 and at most 1", lambda f: 0 < f <= 1)
        return self.first(round(f * len(self.inputs)))

    def split(self, test_fraction: float = 0.2, seed: int = 0) -> tuple[Dataset, Dataset]:
        """Divide at random into a training and a test part, with the same shares of each class.

        Each class is divided by itself. Both parts come shuffled, so that ``first`` and
        ``fraction`` of a part hold all classes even if the whole was sorted by class.

        Parameters
        ----------
        test_fraction : float, default 0.2
            The share of each class that becomes test data, between 0 and 1, rounded to whole
            examples; at least one example of each class goes to either part.
        seed : int, default 0
            The same seed gives the same split.

        Returns
        -------
        train, test : Dataset
            Copies, with the same classes and name.

        Raises
        ------
        ValueError
            If `test_fraction` is not between 0 and 1, the targets are not integer labels of
            shape (n,), or a class has a single example.

        Examples
        --------
        >>> data = Dataset(np.arange(10), np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]))
        >>> train, test = data.split(test_fraction=0.2, seed=1)
        >>> sorted(test.targets.tolist())
        [0, 1]
        """
        test_fraction, seed = checked_split(test_fraction, seed)
        labels = self.targets
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise ValueError(
                f"split needs integer labels of shape (n,), and the targets are {labels.dtype} "
                f"{labels.shape}: targets.astype(int) makes labels of whole numbers."
            )
        rng = np.random.default_rng(seed)
        train, test = [], []
        for label in np.unique(labels):
            members = rng.permutation(np.flatnonzero(labels == label))
            n_test = min(max(round(test_fraction * len(members)), 1), len(members) - 1)
            if n_test == 0:
                named = repr(self.classes[label]) if self.classes else label
                raise ValueError(
                    f"class {named} has one example only: a split needs two, one for each part."
                )
            test.append(members[:n_test])
            train.append(members[n_test:])
        train, test = (rng.permutation(np.concatenate(part)) for part in (train, test))
        return self._take(train), self._take(test)


def checked_split(test_fraction: Any, seed: Any) -> tuple[float, int]:
    """Return the arguments of a split, if there is one with them: before any data are read."""
    share = number(test_fraction, "test_fraction", "between 0 and 1", lambda f: 0 < f < 1)
    return share, checked_seed(seed)
