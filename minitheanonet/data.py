"""What training reads: arrays or any iterable of batches, both as checked batches.

A batch is a tuple (inputs, targets) or (inputs, targets, weights) of arrays that the compiled
functions can trust.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from minitheanonet.checks import (
    checked_inputs,
    checked_targets,
    checked_weights,
    same_length,
)

__all__ = ["ArrayBatches", "Batch", "StreamedBatches", "batches_of", "check_lasts", "slices"]

Batch = tuple[np.ndarray, ...]


class ArrayBatches:
    """The batches of arrays that lie in memory.

    Parameters
    ----------
    arrays : tuple of arrays
        Checked, of the same length.
    batch_size : int
    """

    def __init__(self, arrays: Batch, batch_size: int) -> None:
        self.arrays = arrays
        self.batch_size = batch_size

    def first(self) -> Batch | None:
        """Return the first batch in order, without taking it."""
        return next(self.in_order())

    def in_order(self) -> Iterator[Batch]:
        """Yield the batches in the order of the examples, the last short one included."""
        return slices(self.arrays, self.batch_size)

    def shuffled(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, in an order that (seed, epoch) decides.

        A batch lasts until the next one is asked for: they are gathered into the same memory,
        which is twice as fast as asking the system for new pages each time.
        """
        key = np.random.SeedSequence(seed, spawn_key=(2, epoch))
        order = np.random.default_rng(key).permutation(len(self.arrays[0]))
        room = tuple(np.empty_like(array[: self.batch_size]) for array in self.arrays)
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            batch = tuple(part[: len(chosen)] for part in room)
            for array, part in zip(self.arrays, batch, strict=True):
                # The indices are a permutation's; with "clip", NumPy writes them without a copy.
                array.take(chosen, axis=0, out=part, mode="clip")
            yield batch


class StreamedBatches:
    """The batches that an iterable gives, each checked when it comes.

    The iterable is asked for a new iterator at each epoch, and decides the order itself.
    """

    def __init__(self, source: Iterable, network: Any, what: str) -> None:
        self.source, self.network, self.what = source, network, what

    def first(self) -> Batch | None:
        """Return the first batch, without taking it; None if it can't be had without."""
        return None if isinstance(self.source, Iterator) else next(self.in_order())

    def in_order(self) -> Iterator[Batch]:
        """Yield the batches as they come."""
        count = 0
        for count, batch in enumerate(self.source, 1):
            label = f"{self.what}, batch {count}"
            if not isinstance(batch, tuple | list):
                raise TypeError(
                    f"{label}: expected a tuple (inputs, targets), got {type(batch).__name__}. "
                    "Whole arrays are given as a tuple too: (inputs, targets)."
                )
            yield _checked(tuple(batch), self.network, label)
        if count == 0:
            raise ValueError(
                f"{self.what} gave no batches. A generator can be read once only: pass a list, or "
                "an object whose __iter__ starts anew at each epoch."
            )

    def shuffled(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield the batches as they come: the iterable has the order in hand."""
        return self.in_order()


def batches_of(
    source: Any, network: Any, batch_size: int, what: str
) -> ArrayBatches | StreamedBatches:
    """Return `source` as batches that fit the network.

    Parameters
    ----------
    source : tuple (inputs, targets) or (inputs, targets, weights) of arrays, or iterable of such
        A tuple is arrays; anything else that can be iterated over gives the batches itself.
    network : Sequential
        Its shapes and dtype are what the data are held against.
    batch_size : int
        Of arrays; an iterable's batches are as large as they come.
    what : str
        What to call the data in errors: "train", "validation".
    """
    if isinstance(source, tuple):
        return ArrayBatches(_checked(source, network, what), batch_size)
    unfit = isinstance(source, np.ndarray | str | bytes | Mapping)
    if unfit or not isinstance(source, Iterable):
        raise TypeError(
            f"{what} must be a tuple (inputs, targets) of arrays, or an iterable of such batches, "
            f"got {type(source).__name__}."
        )
    return StreamedBatches(source, network, what)


# Of Python's own; whether a user's iterator starts anew at each epoch, only its iteration tells.
_ONCE_ONLY = (Generator, enumerate, filter, map, reversed, zip, type(iter([])), type(iter(())))


def check_lasts(source: Any, epochs: int, what: str) -> None:
    """Refuse a generator for several epochs, of which only the first would find data in it.

    Python's own iterators are like it; a class of the user's may start anew.
    """
    if epochs > 1 and isinstance(source, _ONCE_ONLY):
        raise ValueError(
            f"{what} is a {type(source).__name__}, which can be read once only, and there are to "
            f"be {epochs} epochs: pass a list, or an object whose __iter__ starts anew at each."
        )


def slices(arrays: Batch, batch_size: int) -> Iterator[Batch]:
    """Yield consecutive slices of all the arrays, writeable: others would be compiled for anew."""
    for start in range(0, len(arrays[0]), batch_size):
        stop = start + batch_size
        yield tuple(np.require(array[start:stop], requirements="W") for array in arrays)


def _checked(batch: tuple, network: Any, what: str) -> Batch:
    """Return (inputs, targets[, weights]) as arrays that fit the network and one another."""
    if len(batch) not in (2, 3):
        raise ValueError(
            f"{what} must be (inputs, targets) or (inputs, targets, weights), got {len(batch)} "
            "things."
        )
    inputs = checked_inputs(batch[0], network.expected_shape, network.dtype, f"{what} inputs")
    output = network.output_shape(inputs.shape[1:])
    checked = [inputs, checked_targets(batch[1], output, network.dtype, f"{what} targets")]
    if len(batch) == 3:
        checked.append(checked_weights(batch[2], network.dtype, f"{what} weights"))
    same_length(what, *checked)
    return tuple(checked)
