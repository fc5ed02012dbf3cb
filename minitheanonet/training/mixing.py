"""Random 32-bit words, each a pure function of its number and a key, in plain graph operations.

Of the generators that were measured, at 2·10¹⁰ draws, these are the quickest that show no
correlation. ``philox`` makes keys that have nothing to do with one another out of numbers that are
alike; ``triple32`` makes words under such a key, at a fifth of the cost.

References
----------
.. [1] J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
   1, 2, 3", SC'11, 2011.
.. [2] C. Wellons, "Hash prospector": a search for the integer hash of three rounds with the least
   bias, 2018. https://github.com/skeeto/hash-prospector
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minitheanonet.engine import Variable

# The 32-bit words are kept in uint64 and cut after each product: one of the supported engines loses
# the wrap-around of uint32 products, and all of them round constants above 2⁵³ in a product. LLVM
# sees that the upper halves are zero and multiplies 32-bit numbers all the same.
LOW_32_BITS = np.uint64(0xFFFFFFFF)


def philox(counter: Sequence[Variable], seed: Sequence[Variable]) -> list[Variable]:
    """Scramble four 32-bit words with two of a seed: Philox 4x32, of ten rounds [1]_."""
    a, b, c, d = counter
    for i in range(10):
        # The step from one round's key to the next: the golden ratio's digits, and those of √3.
        first, second = (
            (word + np.uint64(i * step)) & LOW_32_BITS
            for word, step in zip(seed, (0x9E3779B9, 0xBB67AE85), strict=True)
        )
        of_a, of_c = a * np.uint64(0xD2511F53), c * np.uint64(0xCD9E8D57)
        a, b = shifted(of_c, 32) ^ b ^ first, of_c & LOW_32_BITS
        c, d = shifted(of_a, 32) ^ d ^ second, of_a & LOW_32_BITS
    return [a, b, c, d]


def triple32(words: Variable, key: Sequence[Variable]) -> Variable:
    """Scramble 32-bit words with three of a key, one before each product [2]_.

    With fewer of them, two keys among many steps' would share one and give like arrays.
    """
    for word, (bits, factor) in zip(
        key, ((17, 0xED5AD4BB), (11, 0xAC4C1B51), (15, 0x31848BAB)), strict=True
    ):
        words = words ^ word
        words = ((words ^ shifted(words, bits)) * np.uint64(factor)) & LOW_32_BITS
    return words ^ shifted(words, 14)


def shifted(words: Variable, bits: int) -> Variable:
    """Return `words` shifted right; the engines have no shift, but compile this division to one."""
    return words // np.uint64(2**bits)
