"""Random 32-bit words, each a pure function of its number and a key, in plain graph operations.

``philox`` makes keys that have nothing to do with one another out of numbers that are alike.
``triple32`` makes words under such a key, at a good third of the cost: over 10¹¹ draws no lag up
to 64 shows a correlation, nor, over 2·10¹⁰, do steps, places and seeds that follow one another.

References
----------
.. [1] J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
   1, 2, 3", SC'11, 2011.
.. [2] C. Wellons, "Hash prospector": a search for the integer hash of three rounds with the least
   bias, 2018. https://github.com/skeeto/hash-prospector
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitheanonet.engine import T, Variable

# The 32-bit words are kept in uint64 and cut after each product: one of the supported engines loses
# the wrap-around of uint32 products, and all of them round constants above 2⁵³ in a product. LLVM
# sees that the upper halves are zero and multiplies 32-bit numbers all the same.
_LOW_32_BITS = np.uint64(0xFFFFFFFF)


def philox(counter: Sequence[Variable], seed: Sequence[Variable]) -> list[Variable]:
    """Scramble four 32-bit words with two of a seed: Philox 4x32, of ten rounds [1]_."""
    a, b, c, d = counter
    for i in range(10):
        # The step from one round's key to the next: the golden ratio's digits, and those of √3.
        first, second = (
            (word + np.uint64(i * step)) & _LOW_32_BITS
            for word, step in zip(seed, (0x9E3779B9, 0xBB67AE85), strict=True)
        )
        low_a, high_a = halves(a * np.uint64(0xD2511F53))
        low_c, high_c = halves(c * np.uint64(0xCD9E8D57))
        a, b, c, d = high_c ^ b ^ first, low_c, high_a ^ d ^ second, low_a
    return [a, b, c, d]


def triple32(words: Variable, key: Sequence[Variable]) -> Variable:
    """Scramble 32-bit words with three of a key, one before each product [2]_.

    With two of them, some of a million keys would share one, and give arrays that are alike.
    """
    for word, (bits, factor) in zip(
        key, ((17, 0xED5AD4BB), (11, 0xAC4C1B51), (15, 0x31848BAB)), strict=True
    ):
        words = words ^ word
        words = ((words ^ _shifted(words, bits)) * np.uint64(factor)) & _LOW_32_BITS
    return words ^ _shifted(words, 14)


def positions(shape: Any) -> Variable:
    """Return the number of each entry of an array of this shape, as a vector."""
    n = T.cast(T.prod(shape), "int32")
    # The ends of the range are typed: a plain 0 and 1 are int8 to the engine, too short for n.
    return T.arange(np.int32(0), n, np.int32(1), dtype="int32").astype("uint64")


def fractions(words: Variable, dtype: str) -> Variable:
    """Return the upper 24 bits of 32-bit words as numbers in [0, 1), without rounding."""
    return T.cast(_shifted(words, 8), dtype) * np.asarray(2.0**-24, dtype=dtype)


def halves(words: Variable) -> tuple[Variable, Variable]:
    """Return the lower and the upper 32 bits of 64-bit words."""
    return words & _LOW_32_BITS, _shifted(words, 32)


def seed_words(seed: int) -> list[np.uint64]:
    """Return the two 32-bit words that a seed stands for."""
    words = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(2, np.uint32)
    return [np.uint64(word) for word in words]


def _shifted(words: Variable, bits: int) -> Variable:
    """Return `words` shifted right; the engines have no shift, but compile this division to one."""
    return words // np.uint64(2**bits)
