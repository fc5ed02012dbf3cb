"""Rows of inputs, dense or sparse: a sparse matrix is made dense a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from minitheanonet.layers.layer import Layer
from minitheanonet.layers.predicting import dtype_taken, writeable

_AT_ONCE = 1024  # rows that are predicted together: memory against speed


def dense(rows: Any) -> np.ndarray:
    """Return rows as an array."""
    return rows.toarray() if hasattr(rows, "toarray") else rows


def batches_for(network: Layer, inputs: Any) -> Iterator[np.ndarray]:
    """Yield the inputs batch by batch, as a function of the network's takes them."""
    dtype = dtype_taken(inputs, network)
    for start in range(0, inputs.shape[0], _AT_ONCE):
        yield writeable(dense(inputs[start : start + _AT_ONCE]), dtype)


class SparseBatches:
    """Batches for a trainer, the first array of which is a sparse matrix.

    Parameters
    ----------
    arrays : sequence of matrix and arrays
        Inputs, targets, weights.
    batch_size : int
    order : callable
        Gives the order of the examples, anew for each epoch.
    """

    def __init__(
        self, arrays: Sequence[Any], batch_size: int, order: Callable[[], np.ndarray]
    ) -> None:
        self._arrays, self._batch_size, self._order = arrays, batch_size, order

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        order = self._order()
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            yield tuple(dense(array[rows]) for array in self._arrays)
