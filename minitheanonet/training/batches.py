"""What training reads: arrays or any iterable of batches, both as batches that fit the network.

A batch is a flat tuple of arrays that the compiled functions can trust: the network's input or
inputs, the targets, and the weights if there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from minitheanonet.checks import (
    as_array,
    checked_targets,
    checked_weights,
    positive_int,
    same_length,
)
from minitheanonet.layers.layer import Layer
from minitheanonet.layers.predicting import as_given, dtype_taken, writeable

Batch = tuple[np.ndarray, ...]


class Door:
    """Where data are held against the network, once.

    Parameters
    ----------
    network : Layer
    are_shares : bool
        Whether targets in rows are shares of classes, which sum to 1.
    """

    def __init__(self, network: Layer, are_shares: bool) -> None:
        self.network, self._are_shares = network, are_shares
        self._outputs: dict[Any, Any] = {}

    def checked(self, batch: tuple, what: str) -> tuple[Batch, int]:
        """Return (inputs, targets[, weights]) as flat arrays, and how many of them are inputs.

        The inputs keep the dtype that they have.
        """
        if len(batch) not in (2, 3):
            raise ValueError(
                f"{what} must be (inputs, targets) or (inputs, targets, weights), got "
                f"{len(batch)} things. Several inputs are a tuple in the first place."
            )
        inputs, dtype = as_given(batch[0], self.network, f"{what} inputs"), self.network.dtype
        output = self.output_shape(inputs)
        targets = checked_targets(batch[1], output, dtype, f"{what} targets")
        if self._are_shares and targets.ndim == 2 and targets.shape[1] > 1:
            _check_shares(targets, f"{what} targets")
        arrays = [*inputs, targets]
        if len(batch) == 3:
            arrays.append(checked_weights(batch[2], dtype, f"{what} weights"))
        same_length(what, *arrays)
        return tuple(arrays), len(inputs)

    def output_shape(self, inputs: Batch) -> Any:
        """Return the shape of one output for these inputs, asked of the network once."""
        shapes = tuple(array.shape[1:] for array in inputs)
        if shapes not in self._outputs:
            shape = shapes if len(shapes) > 1 else shapes[0]
            self._outputs[shapes] = self.network.output_shape(shape)
        return self._outputs[shapes]


class Batches:
    """The batches of a source, which `of` makes.

    Each kind yields them ``in_order()``, that of the examples, the last short one included.

    Attributes
    ----------
    inputs : int
        How many of a batch's arrays are inputs.
    arrays : tuple of arrays, or None
        All examples, if they are in memory or mapped into it.
    """

    inputs = 1
    arrays: Batch | None = None

    @staticmethod
    def of(source: Any, door: Door, batch_size: int, what: str) -> Batches:
        """Return `source` as batches that fit the network.

        Parameters
        ----------
        source : tuple (inputs, targets) or (inputs, targets, weights), or iterable of such
            A tuple is arrays; anything else that can be iterated over gives the batches itself.
        door : Door
        batch_size : int
            Of arrays; an iterable's batches are as large as they come.
        what : str
            What to call the data in errors: "train", "validation".
        """
        positive_int(batch_size, "batch_size")
        if isinstance(source, tuple):
            return _ArrayBatches(*door.checked(source, what), batch_size, door.network)
        unfit = isinstance(source, np.ndarray | str | bytes | Mapping)
        if unfit or not isinstance(source, Iterable):
            raise TypeError(
                f"{what} must be a tuple (inputs, targets) of arrays, or an iterable of such "
                f"batches, got {type(source).__name__}."
            )
        return _StreamedBatches(source, door, what)

    def first(self) -> Batch | None:
        """Return the first batch, without taking it; None if it can't be had without."""
        return next(self.in_order())

    def order(self, seed: int, epoch: int) -> np.ndarray | None:
        """Return the order of the examples in an epoch; None where the source decides it."""
        return None

    def taken(self, order: np.ndarray | None) -> Iterator[Batch]:
        """Yield the batches in an order; None is that of the examples."""
        return self.in_order()


class _ArrayBatches(Batches):
    """The batches of arrays, in memory or mapped into it; each is cast when its turn comes."""

    def __init__(self, arrays: Batch, inputs: int, batch_size: int, network: Layer) -> None:
        self.arrays, self.inputs, self.batch_size = arrays, inputs, batch_size
        wanted = [dtype_taken(array, network) for array in arrays[:inputs]]
        self._dtypes = wanted + [array.dtype for array in arrays[inputs:]]

    def in_order(self) -> Iterator[Batch]:
        for start in range(0, len(self.arrays[0]), self.batch_size):
            yield self.rows(slice(start, start + self.batch_size))

    def rows(self, chosen: slice | np.ndarray) -> Batch:
        """Return a batch of these examples."""
        return tuple(
            writeable(array[chosen], dtype)
            for array, dtype in zip(self.arrays, self._dtypes, strict=True)
        )

    def order(self, seed: int, epoch: int) -> np.ndarray:
        return shuffled_order(len(self.arrays[0]), seed, epoch)

    def taken(self, order: np.ndarray | None) -> Iterator[Batch]:
        # A batch lasts until the next one is asked for: they are gathered into the same memory,
        # which is twice as fast as asking the system for new pages each time.
        if order is None:
            yield from self.in_order()
            return
        room = [np.empty_like(array[: self.batch_size], subok=False) for array in self.arrays]
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            parts = [part[: len(chosen)] for part in room]
            for array, part in zip(self.arrays, parts, strict=True):
                # The indices are a permutation's; with "clip", NumPy writes them without a copy.
                array.take(chosen, axis=0, out=part, mode="clip")
            yield tuple(
                part if part.dtype == dtype else part.astype(dtype)
                for part, dtype in zip(parts, self._dtypes, strict=True)
            )


class _StreamedBatches(Batches):
    """The batches that an iterable gives, each checked when it comes.

    The iterable is asked for a new iterator at each epoch, and decides the order itself.
    """

    def __init__(self, source: Iterable, door: Door, what: str) -> None:
        self._source, self._door, self._what = source, door, what

    def first(self) -> Batch | None:
        return None if isinstance(self._source, Iterator) else next(self.in_order())

    def in_order(self) -> Iterator[Batch]:
        count = 0
        for count, batch in enumerate(self._source, 1):
            label = f"{self._what}, batch {count}"
            if not isinstance(batch, tuple | list):
                raise TypeError(
                    f"{label}: expected a tuple (inputs, targets), got {type(batch).__name__}. "
                    "Whole arrays are given as a tuple too: (inputs, targets)."
                )
            arrays, self.inputs = self._door.checked(tuple(batch), label)
            inputs, others = arrays[: self.inputs], arrays[self.inputs :]
            network = self._door.network
            yield (*(writeable(one, dtype_taken(one, network)) for one in inputs), *others)
        if count == 0:
            raise ValueError(
                f"{self._what} gave no batches. A generator can be read once only: pass a list, "
                "or an object whose __iter__ starts anew at each epoch."
            )


def shuffled_order(n: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order in which an epoch takes `n` examples."""
    key = np.random.SeedSequence(seed, spawn_key=(2, epoch))
    return np.random.default_rng(key).permutation(n)


def pair(data: Any, targets: Any, what: str) -> Any:
    """Return data as they were given, (inputs, targets) in a tuple or one after the other."""
    if targets is None:
        return data
    if isinstance(data, tuple) and len(data) in (2, 3) and not hasattr(targets, "shape"):
        raise TypeError(
            f"{what} is a tuple already, (inputs, targets): give other data by keyword, "
            "validation=test."
        )
    as_array(targets, f"{what} targets")
    return data, targets


def check_lasts(source: Any, epochs: int, what: str) -> None:
    """Refuse a generator for several epochs, of which only the first would find data in it."""
    # Python's own iterators; one of a user's class may start anew.
    if epochs > 1 and isinstance(source, Iterator) and type(source).__module__ == "builtins":
        raise ValueError(
            f"{what} is a {type(source).__name__}, which can be read once only, and there are to "
            f"be {epochs} epochs: pass a list, or an object whose __iter__ starts anew at each."
        )


def _check_shares(rows: np.ndarray, what: str) -> None:
    wrong = (rows < 0).any(axis=1) | (abs(rows.sum(axis=1) - 1) > 1e-3)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise ValueError(
            f"{what}: each row must be shares of the classes, 0 or more, that sum to 1; row "
            f"{first} sums to {rows[first].sum():g}, its least is {rows[first].min():g}."
        )
