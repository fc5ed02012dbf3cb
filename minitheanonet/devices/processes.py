"""Several processes that train one network: they agree on all that is decided, or wait for ever."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import jax
import numpy as np
from jax.experimental import multihost_utils

_MENDS = {
    "seed": "give the network or the trainer a seed",
    "program": "install the same versions everywhere",
    "memory": "the data don't fit on the devices of all: Jax(resident=False)",
    "training data": "give the same arrays to all of them, or to each a stream of its part",
    "validation data": "give the same arrays to all of them, or to each a stream of its part",
}
_MEND = "build the same training in all of them, and resume it from the same checkpoint"


def are_several() -> bool:
    """Say whether this is one process of several."""
    return jax.process_count() > 1


def is_first() -> bool:
    """Say whether this is the process that writes."""
    return jax.process_index() == 0


@contextmanager
def together() -> Iterator[None]:
    """Say what to do if JAX fails where the processes need one another."""
    try:
        with jax.enable_x64(True):
            yield
    except jax.errors.JaxRuntimeError as error:
        if not are_several():
            raise
        reason = str(error).splitlines()[0]
        raise RuntimeError(
            f"the processes can't go on together: {reason}. If another one has ended, start all of "
            "them again: with mtn.resume(...) in the program they go on from the last checkpoint."
        ) from error


def told(values: Sequence[float]) -> np.ndarray:
    """Return the numbers that each process gives, a row for each."""
    with together():
        return np.asarray(multihost_utils.process_allgather(np.asarray(values, "float64")))


def highest(value: float) -> float:
    """Return the highest of the numbers that the processes give."""
    return float(told([value]).max()) if are_several() else value


class Part(tuple):
    """A batch of a stream's, of which each process has a part."""


def joined(part: Part) -> tuple[np.ndarray, ...]:
    """Return the whole batch, one process's part after the other's."""
    with together():
        return tuple(multihost_utils.process_allgather(tuple(part), tiled=True))


def check_same(things: Mapping[str, bytes]) -> None:
    """Refuse processes that don't have the same things, by a checksum of each.

    Raises
    ------
    RuntimeError
        In all of them, naming the first thing that differs.
    """
    sums = told([zlib.crc32(thing) for thing in things.values()])
    for name, column in zip(things, sums.T, strict=True):
        other = next((rank for rank, one in enumerate(column) if one != column[0]), None)
        if other is not None:
            raise RuntimeError(
                f"the {name} of process {other} is not that of process 0: "
                f"{_MENDS.get(name, _MEND)}."
            )


def parts(batches: Iterable[tuple]) -> Iterator[Part]:
    """Yield this process's parts of batches, for as long as every process has one.

    Raises
    ------
    ValueError
        In all of them, if the parts of a batch differ in length, or one stream ends before another.
    """
    number, mine = 0, iter(batches)
    while True:
        number += 1
        part = next(mine, None)
        sizes = told([0 if part is None else len(part[0])])[:, 0].astype(int)
        other = next((rank for rank, size in enumerate(sizes) if size != sizes[0]), None)
        if other is not None:
            raise ValueError(
                f"batch {number}: process 0 gives {sizes[0]} examples and process {other} "
                f"{sizes[other]}: give parts of one length in each, and as many of them."
            )
        if part is None:
            return
        yield Part(part)
