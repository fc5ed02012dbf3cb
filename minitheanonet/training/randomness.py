"""Randomness that is handed in: a `Training` makes a network's graph the one for training.

The random numbers of a training step are a pure function of (seed, place, clock, position): no
generator is drawn from, and no state is kept but the clock. They are the same bits on every engine,
and a training that is resumed needs one integer to go on with the same masks.

Philox, keyed with the seed, turns the place and the clock into three 32-bit words; they key an
integer finaliser, which turns each position into a random word.
"""

from __future__ import annotations

import copy
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minitheanonet.checks import checked_seed, is_whole, number
from minitheanonet.engine import SharedVariable, T, Variable, shared, symbolic
from minitheanonet.training.mixing import (
    fractions,
    halves,
    philox,
    positions,
    seed_words,
    triple32,
)


class _Updates(dict):
    """What is read, and compiled with; `Training.update` adds to it."""

    def __setitem__(self, variable: Any, expression: Any) -> None:
        raise TypeError(
            f"training.updates is read only: training.update({variable}, expression) adds to it."
        )


class Training:
    """Hands out the random streams of a training graph, and collects what each step must update.

    Parameters
    ----------
    seed : int, default 0
        A non-negative integer; the same one gives the same numbers at each step.

    Attributes
    ----------
    clock : shared scalar, uint64
        The number of steps taken; with the seed, the whole state.
    updates : read-only mapping, shared variable → expression
        What a training function must be compiled with, beside the optimizer's updates: the clock's
        tick, and what layers handed to `update`.
    frozen : set of layers
        Those of the graph that are not to be trained: their running averages should stay too.

    Examples
    --------
    >>> from minitheanonet import Dense, Dropout, Sequential
    >>> from minitheanonet.engine import T, function
    >>> net = Sequential(Dense(3, 5), Dropout(0.5), seed=0)
    >>> x, training = T.fmatrix("x"), Training(seed=0)
    >>> step = function([x], net(x, training), updates=training.updates)
    >>> ones = np.ones((2, 3), dtype="float32")
    >>> first, second = step(ones), step(ones)      # other masks at each step
    >>> bool((first == second).all())
    False
    """

    def __init__(self, seed: int = 0) -> None:
        # The seed is in shared variables, no constants: another seed needs no new compilation.
        words = enumerate(seed_words(checked_seed(seed, "Training: seed")))
        self._seed = [shared(word, f"seed_{i}") for i, word in words]
        self.clock: SharedVariable = shared(np.uint64(0), "clock")
        self._start()

    def _start(self) -> None:
        """Forget the graph: its layers, what they asked for and what they handed over."""
        self._places: dict[int, tuple[str, Any]] = {}  # by id; the layer is kept, so is its id
        self._trees = 0
        self._asked: Counter[str] = Counter()
        self._updates: dict[SharedVariable, Variable] = {}
        self.outputs: list[tuple[str, Any]] = []
        self.frozen: set[Any] = set()

    def note(self, layer: Any, output: Any) -> None:
        """Add (path, output) of a layer to `outputs`, which has them in the order of computing."""
        path = self._places[id(layer)][0].partition(":")[2]
        self.outputs.append((path or layer.label, output))

    def enter(self, layer: Any) -> None:
        """Learn the paths of a network's layers, by which their streams are keyed.

        The outermost layer calls it. A second network of one graph has paths of its own; layers
        that are known keep theirs.

        Parameters
        ----------
        layer : Layer
        """
        if id(layer) in self._places:
            return
        self._trees += 1
        self.frozen |= layer.frozen()
        for path, child in layer.walk():
            self._places.setdefault(id(child), (f"{self._trees}:{path}", child))

    def stream(self, layer: Any) -> Stream:
        """Return a random stream of a layer's own, independent of all others.

        Its numbers depend on the seed, the clock, the layer's path, and on how many streams this
        path has asked for in this graph: not on what other layers ask for.

        Parameters
        ----------
        layer : Layer
            The one that asks. If no network with it was entered, its class and its place among
            those that ask stand for the path.
        """
        if id(layer) not in self._places:
            kind = f"0:{type(layer).__name__.lower()}"
            self._asked[kind] += 1
            self._places[id(layer)] = f"{kind}_{self._asked[kind]}", layer
        place = self._places[id(layer)][0]
        self._asked[place] += 1
        return Stream(self._seed, self.clock, f"{self._asked[place]}:{place}")

    def update(self, variable: SharedVariable, expression: Any) -> None:
        """Have each step replace the value of a shared variable: a running average, say.

        Parameters
        ----------
        variable : shared variable
        expression : symbolic variable or array
            Its next value, computed from the values before the step.

        Raises
        ------
        TypeError
            If the expression has another dtype or number of dimensions than the variable.
        ValueError
            If this graph updates the variable already.

        Examples
        --------
        >>> mean, x, training = shared(np.float32(0), "mean"), T.fvector("x"), Training()
        >>> training.update(mean, np.float32(0.9) * mean + np.float32(0.1) * x.mean())
        >>> sorted(variable.name for variable in training.updates)
        ['clock', 'mean']
        """
        if not isinstance(variable, SharedVariable):
            raise TypeError(f"update: {variable!r:.60} is no shared variable: make it by shared().")
        expression = symbolic(expression, f"update of {variable}")
        given, kept = ((v.dtype, v.ndim) for v in (expression, variable))
        if given != kept:
            raise TypeError(
                f"update of {variable}: it is {kept[0]} with {kept[1]} dimensions, its new value "
                f'is {given[0]} with {given[1]}: T.cast(value, "{kept[0]}") mends the dtype.'
            )
        if variable in self.updates:
            raise ValueError(
                f"update of {variable}: this graph updates it already. A layer with values that "
                "each step changes can stand in a graph once: make a second layer."
            )
        self._updates[variable] = expression

    @property
    def updates(self) -> Mapping[SharedVariable, Variable]:
        """The clock's tick, and what was handed to `update`."""
        return _Updates({self.clock: self.clock + np.uint64(1), **self._updates})

    def again(self) -> Training:
        """Return a training for another graph, where a network has the same random numbers."""
        other = copy.copy(self)
        other._start()
        return other

    def restart(self, seed: int, clock: int) -> None:
        """Go to a step of a training with this seed, in functions that are compiled too."""
        seed = checked_seed(seed, "restart: seed")
        if not is_whole(clock) or not 0 <= clock < 2**63:
            raise ValueError(f"restart: clock must be a whole number, 0 or more, got {clock!r:.60}")
        for variable, word in zip(self._seed, seed_words(seed), strict=True):
            variable.set_value(word)
        self.clock.set_value(np.asarray(clock, dtype="uint64"))


class Stream:
    """Random numbers for one place in a graph, new at each step and for each array drawn.

    `Training.stream` makes it. Each array has a `shape`, symbolic or a tuple of ints, of length
    `ndim`; numbers that are not whole have a `dtype`, "float32" or "float64".

    Parameters
    ----------
    seed : two symbolic scalars, uint64, below 2**32
    clock : symbolic scalar, uint64
    place : str
        What distinguishes this stream from the others of the graph.

    Examples
    --------
    >>> stream = Training(seed=0).stream(object())
    >>> keep = stream.bernoulli(0.8, (2, 3), ndim=2)
    >>> noise = stream.normal((2, 3), ndim=2)
    >>> keep.dtype, noise.dtype
    ('bool', 'float32')
    """

    def __init__(self, seed: Sequence[Variable], clock: Variable, place: str) -> None:
        self._seed, self._clock, self._place = seed, clock, place
        self._drawn = 0

    def bernoulli(self, p: float, shape: Any, ndim: int) -> Variable:
        """Return booleans, each true with probability `p`, a number in [0, 1], independently."""
        number(p, "bernoulli: p", "a probability, in [0, 1]", lambda p: 0 <= p <= 1)
        words = triple32(positions(shape), self._next_key())
        return words.reshape(shape, ndim=ndim) < np.uint64(round(p * 2**32))

    def uniform(self, shape: Any, ndim: int, dtype: str = "float32") -> Variable:
        """Return numbers in [0, 1), independent and uniform, 24 bits each."""
        words = triple32(positions(shape), self._next_key())
        return fractions(words, dtype).reshape(shape, ndim=ndim)

    def normal(self, shape: Any, ndim: int, dtype: str = "float32") -> Variable:
        """Return independent standard normal numbers, √(−2 ln u) cos 2πv.

        That is the Box–Muller transform [1]_ of two uniform numbers, of 24 bits each: none is
        beyond ±5.77.

        References
        ----------
        .. [1] G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates",
           Annals of Mathematical Statistics 29, 1958.
        """
        twice, key = positions(shape) * np.uint64(2), self._next_key()
        minus_two, circle, least = np.array([-2, 2 * np.pi, 2**-24], dtype=dtype)
        u = fractions(triple32(twice, key), dtype) + least  # in (0, 1]: its logarithm is finite
        v = fractions(triple32(twice + np.uint64(1), key), dtype)
        return (T.sqrt(minus_two * T.log(u)) * T.cos(circle * v)).reshape(shape, ndim=ndim)

    def _next_key(self) -> list[Variable]:
        """Return three 32-bit words for one array, unlike those of every other."""
        self._drawn += 1
        text = f"{self._drawn}:{self._place}".encode()
        digest = hashlib.blake2b(text, digest_size=8, usedforsecurity=False).digest()
        # Shared variables, no constants: one compiled function then serves every place.
        low, high = (shared(np.uint64(word), "place") for word in np.frombuffer(digest, "<u4"))
        now, later = halves(self._clock)
        return philox([now, low, later, high], self._seed)[:3]
