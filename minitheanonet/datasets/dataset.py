"""The pair (inputs, targets) that every loader returns, and how to take parts of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from minitheanonet.checks import as_array, checked_seed, is_whole, number

__all__ = ["Dataset", "checked_classes", "checked_split"]


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
    classes : tuple of str, default ()
        The name of each label, if the labels have names.
    name : str, default ""
        Where the data come from, for people: a title for plots and reports.

    Raises
    ------
    ValueError
        If inputs and targets differ in length, either is a bare scalar, or a label has no name.
    TypeError
        If `classes` is no sequence of names.

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
        classes: tuple[str, ...] = (),
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
        dataset.classes = checked_classes(classes)
        _check_named(targets, dataset.classes)
        dataset.name = name
        return dataset

    def __repr__(self) -> str:
        return (
            f"Dataset(inputs={self.inputs.dtype} {self.inputs.shape}, "
            f"targets={self.targets.dtype} {self.targets.shape}, "
            f"classes={self.classes}, name={self.name!r})"
        )

    def _replace(self, **fields: Any) -> Dataset:
        # NamedTuple's own would go past __new__ and lose the check, the classes and the name.
        return Dataset(**{**self._asdict(), **fields}, classes=self.classes, name=self.name)

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
        if not is_whole(n) or not 1 <= n <= available:
            raise ValueError(
                f"first({n!r:.60}): n must be from 1 to {available}, the number of examples."
            )
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
        n = round(f * len(self.inputs))
        if n == 0:
            raise ValueError(
                f"fraction({f}): none of {len(self.inputs)} examples would be left: take a larger "
                "share."
            )
        return self.first(n)

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
        train, test = _stratified_indices(self.targets, self.classes, test_fraction, seed)
        return self._take(train), self._take(test)


def checked_split(test_fraction: Any, seed: Any) -> tuple[float, int]:
    """Return the arguments of a split, if there is one with them: before any data are read."""
    share = number(test_fraction, "test_fraction", "between 0 and 1", lambda f: 0 < f < 1)
    return share, checked_seed(seed)


def checked_classes(classes: Any) -> tuple[str, ...]:
    """Return the names of classes as a tuple; a single name is no sequence of names."""
    is_listing = isinstance(classes, Iterable) and not isinstance(classes, str | bytes)
    names = tuple(classes) if is_listing else ()
    if not is_listing or not all(isinstance(name, str) for name in names):
        raise TypeError(
            f'classes must be a sequence of names, ("cat", "dog") say, got {classes!r:.60}.'
        )
    return names


def _check_named(targets: np.ndarray, classes: tuple[str, ...]) -> None:
    """Refuse labels beyond the names."""
    are_labels = targets.ndim == 1 and targets.dtype.kind in "iu" and targets.size
    if not classes or not are_labels:
        return
    for label in (targets.max(), targets.min()):
        if 0 <= label < len(classes):
            continue
        raise ValueError(
            f"targets hold the label {label}, and there are {len(classes)} classes: give a "
            "name for each label from 0 on, or none at all."
        )


def _stratified_indices(
    labels: np.ndarray, classes: tuple[str, ...], test_fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    test_fraction, seed = checked_split(test_fraction, seed)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"split needs integer labels of shape (n,), and the targets are {labels.dtype} "
            f"{labels.shape}: targets.astype(int) makes labels of whole numbers."
        )
    rng = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        if len(members) < 2:
            named = repr(classes[label]) if 0 <= label < len(classes) else int(label)
            raise ValueError(
                f"class {named} has one example only: a split needs two, one for each part."
            )
        n_test = min(max(round(test_fraction * len(members)), 1), len(members) - 1)
        test.append(members[:n_test])
        train.append(members[n_test:])
    if not train:
        raise ValueError("split: there are no examples to split: give four at least.")
    return rng.permutation(np.concatenate(train)), rng.permutation(np.concatenate(test))
