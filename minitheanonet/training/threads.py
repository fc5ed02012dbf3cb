"""How many threads the matrix products get while a training runs: all, or one beside other load.

OpenBLAS's threads wait for one another. Where another process has one of the cores, the thread that
is not running holds up the others, and a step takes five to twenty times as long; with one thread
it takes less than twice as long.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from minitheanonet.engine import SharedVariable

_TRIAL = 5  # steps, whose median decides
_SOON, _LATE = 20, 2000  # steps from a trial to the next, if nothing changes meanwhile


class Following:
    """A compiled function that runs with all threads or with one, whichever is quicker just now.

    That changes no bit: batches of a length that does not give the same ones either way keep all
    the threads.

    Parameters
    ----------
    function : callable
        Of the arrays of a batch.
    state : sequence of shared variables
        What it changes.
    """

    def __init__(self, function: Callable[..., Any], state: Sequence[SharedVariable] = ()) -> None:
        self._function, self._state = function, state
        self._pools = ThreadpoolController().select(user_api="blas").lib_controllers
        self._most = [pool.num_threads for pool in self._pools]
        self._is_one = max(self._most, default=1) == 1
        self._alike: dict[int, bool] = {}  # by the length of a batch
        self._usual = 0  # the length of the first batch
        self._choice = choice()
        self._alone = next(self._choice)

    def __call__(self, *batch: np.ndarray) -> Any:
        if self._is_one:
            return self._function(*batch)
        length = len(batch[0])
        if length not in self._alike:
            self._usual = self._usual or length
            self._alike[length] = self._digest(batch, alone=True) == self._digest(batch)
        if not self._alike[length]:
            return self._function(*batch)
        started = time.perf_counter()
        figures = self._run(batch, self._alone)
        # Times are compared of batches of one length; the last of an epoch may be shorter.
        if length == self._usual:
            self._alone = self._choice.send(time.perf_counter() - started)
        return figures

    def _run(self, batch: Sequence[np.ndarray], alone: bool) -> Any:
        if not alone:
            return self._function(*batch)
        try:
            self._limit([1] * len(self._pools))
            return self._function(*batch)
        finally:
            self._limit(self._most)

    def _limit(self, threads: Iterable[int]) -> None:
        for pool, n in zip(self._pools, threads, strict=True):
            pool.set_num_threads(n)

    def _digest(self, batch: Sequence[np.ndarray], alone: bool = False) -> bytes:
        """Return a digest of all that comes out of a batch; the state stays as it was."""
        before = [variable.get_value() for variable in self._state]
        digest = hashlib.blake2b()
        try:
            for figure in self._run(batch, alone):
                digest.update(np.ascontiguousarray(figure))
            for variable in self._state:
                digest.update(np.ascontiguousarray(variable.get_value(borrow=True)))
        finally:
            for variable, value in zip(self._state, before, strict=True):
                variable.set_value(value, borrow=True)
        return digest.digest()


def choice() -> Generator[bool, float, None]:
    """Yield whether to run with one thread, and be sent the seconds that each run took.

    Now and then, and at once if what is in force takes twice its usual time, a few runs try the
    other. While trials change nothing they become rare.
    """
    now, wait = False, _SOON
    while True:
        last: deque[float] = deque(maxlen=_TRIAL)
        usual = math.inf
        for _ in range(wait):
            last.append((yield now))
            if len(last) == _TRIAL:
                usual = min(usual, median(last))
                if median(last) > 2 * usual:
                    break
        tried = []
        for _ in range(_TRIAL):
            tried.append((yield not now))
        if median(tried) < 0.9 * median(last):
            now, wait = not now, _SOON
        else:
            wait = min(2 * wait, _LATE)


def median(seconds: Iterable[float]) -> float:
    """Return the middle one."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2]
