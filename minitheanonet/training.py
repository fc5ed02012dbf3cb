"""Randomness that is handed in: a `Training` makes a network's graph the one for training.

The random numbers of a training step are a pure function of (seed, stream, step, position): no
generator is drawn from and no state is kept but the step's number. They are the same bits on
every engine, and a run that is resumed needs one integer to go on with the same masks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitheanonet.engine import SharedVariable, T, Variable, shared

__all__ = ["Stream", "Training"]

# All words are uint64, those of the 32-bit mixer too, cut to 32 bits after each product: one of
# the supported engines loses the wrap-around of uint32 products. LLVM sees that the upper halves
# are zero and multiplies 32-bit numbers all the same.
_LOW_32_BITS = np.uint64(0xFFFFFFFF)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Training:
    """Hands out the random streams of a training graph, and collects what each step must update.

    Parameters
    ----------
    seed : int, default 0
        A non-negative integer; the same one gives the same numbers at each step.

    Attributes
    ----------
    step : shared scalar, uint64
        The number of steps taken; with the seed, the whole state.
    updates : dict, shared variable → expression
        What a training function must be compiled with, beside the optimizer's updates. Empty as
        long as no stream was asked for.

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
        words = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(1, np.uint64)
        # The seed is a shared variable, not a constant: another seed needs no other compilation.
        self._key = shared(words[0], "training/key")
        self.step: SharedVariable = shared(np.uint64(0), "training/step")
        self._streams = 0

    def stream(self) -> Stream:
        """Return a random stream of its own, independent of those handed out before."""
        self._streams += 1
        offset = np.uint64(self._streams * int(_GOLDEN) % 2**64)
        key = _mix64(self._key + offset)
        return Stream(_mix64(key + self.step * _GOLDEN))

    @property
    def updates(self) -> dict[SharedVariable, Variable]:
        """The step counter's update, if a stream was handed out."""
        return {self.step: self.step + np.uint64(1)} if self._streams else {}


class Stream:
    """Random numbers for one place in a graph, new at each step.

    Parameters
    ----------
    key : symbolic scalar, uint64
        What distinguishes this stream at this step from every other.
    """

    def __init__(self, key: Variable) -> None:
        self._key = key

    def bernoulli(self, p: float, shape: Any, ndim: int) -> Variable:
        """Return an array of booleans, each true with probability `p`, independently.

        Parameters
        ----------
        p : float in [0, 1]
        shape : symbolic shape or tuple
        ndim : int
            The length of `shape`.
        """
        return self._bits(shape, ndim) < np.uint64(round(p * 2**32))

    def uniform(self, shape: Any, ndim: int, dtype: str = "float32") -> Variable:
        """Return an array of numbers in [0, 1), independent and uniform, 24 bits each.

        Parameters
        ----------
        shape : symbolic shape or tuple
        ndim : int
            The length of `shape`.
        dtype : str, default "float32"
        """
        scale = np.asarray(2.0**-24, dtype=dtype)
        return T.cast(_shifted(self._bits(shape, ndim), 8), dtype) * scale

    def _bits(self, shape: Any, ndim: int) -> Variable:
        """Return an array of random 32-bit words, in uint64."""
        n = T.cast(T.prod(shape), "int32")
        # The ends of the range are typed: a plain 0 and 1 are int8 to the engine, too short for n.
        position = T.arange(np.int32(0), n, np.int32(1), dtype="int32").astype("uint64")
        words = _mix32(position, self._key & _LOW_32_BITS, _shifted(self._key, 32))
        return words.reshape(shape, ndim=ndim)


def _mix32(word: Variable, key: Variable, second_key: Variable) -> Variable:
    """Scramble 32-bit words: an integer finaliser with a key before each of its two products.

    The shifts and multipliers are those of ``lowbias32`` (C. Wellons, "Hash prospector", 2018: an
    exhaustive search for the least bias). With keys at two places, two streams are never one
    another's permutation by a mere shift of positions.
    """
    word = word ^ key
    word = ((word ^ _shifted(word, 16)) * np.uint64(0x7FEB352D)) & _LOW_32_BITS
    word = word ^ second_key
    word = ((word ^ _shifted(word, 15)) * np.uint64(0x846CA68B)) & _LOW_32_BITS
    return word ^ _shifted(word, 16)


def _mix64(word: Variable) -> Variable:
    """Scramble 64-bit words: the finaliser of SplitMix64.

    G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
    figure 17 (D. Stafford's variant 13).
    """
    word = (word ^ _shifted(word, 30)) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ _shifted(word, 27)) * np.uint64(0x94D049BB133111EB)
    return word ^ _shifted(word, 31)


def _shifted(word: Variable, bits: int) -> Variable:
    """Return `word` shifted right; the engines have no shift, but compile this division to one."""
    return word // np.uint64(2**bits)
