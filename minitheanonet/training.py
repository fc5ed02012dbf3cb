"""Randomness that is handed in: a `Training` makes a network's graph the one for training.

The random numbers of a training step are a pure function of (seed, stream, step, position): no
generator is drawn from and no state is kept but the step's number. They are the same bits on
every engine, and a run that is resumed needs one integer to go on with the same masks.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from minitheanonet.arguments import checked_seed, is_whole, number
from minitheanonet.engine import SharedVariable, T, Variable, shared

__all__ = ["Stream", "Training", "checked_training"]

# The 32-bit words are kept in uint64 and cut after each product: one of the supported engines loses
# the wrap-around of uint32 products, and all of them round constants above 2⁵³ in a product. LLVM
# sees that the upper halves are zero and multiplies 32-bit numbers all the same.
_LOW_32_BITS = np.uint64(0xFFFFFFFF)

Key = tuple[Variable, Variable]  # two 32-bit words


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
        seed = checked_seed(seed, "Training: seed")
        # The seed is in shared variables, no constants: another seed needs no new compilation.
        self._key: Key = tuple(
            shared(word, f"training/key_{i}") for i, word in enumerate(_key_words(seed))
        )
        self.step: SharedVariable = shared(np.uint64(0), "training/step")
        self._streams = 0

    def stream(self) -> Stream:
        """Return a random stream of its own, independent of those handed out before."""
        number = T.constant(np.uint64(self._streams))
        self._streams += 1
        return Stream(_child(_child(self._key, number), self.step))

    def again(self) -> Training:
        """Return this training with its streams handed out from the first one again.

        Another graph that asks for them in the same order has the same random numbers.
        """
        other = copy.copy(self)
        other._streams = 0
        return other

    def restart(self, seed: int, step: int) -> None:
        """Go to a step of a training with this seed, in functions that are compiled too."""
        seed = checked_seed(seed, "Training: seed")
        if not is_whole(step) or not 0 <= step < 2**63:
            raise ValueError(f"Training: step must be a whole number, 0 or more, got {step!r:.60}.")
        for variable, word in zip(self._key, _key_words(seed), strict=True):
            variable.set_value(word)
        self.step.set_value(np.uint64(step))

    @property
    def updates(self) -> dict[SharedVariable, Variable]:
        """The step counter's update, if a stream was handed out."""
        return {self.step: self.step + np.uint64(1)} if self._streams else {}


class Stream:
    """Random numbers for one place in a graph, new at each step.

    Parameters
    ----------
    key : tuple of two symbolic scalars, uint64
        Two 32-bit words that distinguish this stream at this step from every other.
    """

    def __init__(self, key: Key) -> None:
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
        number(p, "bernoulli: p", "a probability, in [0, 1]", lambda p: 0 <= p <= 1)
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
        return _mix(position, self._key).reshape(shape, ndim=ndim)


def checked_training(training: Any, who: str) -> Training | None:
    """Return `training`, if it is one or None."""
    if training is not None and not isinstance(training, Training):
        raise TypeError(
            f"{who}: training must be a Training or None, got {training!r:.60}: "
            "mtn.Training(seed=0), say."
        )
    return training


def _key_words(seed: int) -> list[np.uint64]:
    """Return the two 32-bit words that a seed stands for."""
    words = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(2, np.uint32)
    return [np.uint64(word) for word in words]


def _child(key: Key, number: Variable) -> Key:
    """Return the key of a key's child of this number, in [0, 2³¹)."""
    twice = number * np.uint64(2)
    return _mix(twice & _LOW_32_BITS, key), _mix((twice + np.uint64(1)) & _LOW_32_BITS, key)


def _mix(word: Variable, key: Key) -> Variable:
    """Scramble 32-bit words: an integer finaliser with a word of the key before each product.

    The shifts and multipliers are those of ``lowbias32`` (C. Wellons, "Hash prospector", 2018: a
    search for the least bias). With the key at two places, no stream is another one's permutation
    by a mere change of positions.
    """
    word = word ^ key[0]
    word = ((word ^ _shifted(word, 16)) * np.uint64(0x7FEB352D)) & _LOW_32_BITS
    word = word ^ key[1]
    word = ((word ^ _shifted(word, 15)) * np.uint64(0x846CA68B)) & _LOW_32_BITS
    return word ^ _shifted(word, 16)


def _shifted(word: Variable, bits: int) -> Variable:
    """Return `word` shifted right; the engines have no shift, but compile this division to one."""
    return word // np.uint64(2**bits)
