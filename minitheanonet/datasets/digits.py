"""The 1,797 handwritten digits that lie in the package: real data without files and network.

`digits.idx.gz` holds a row of bytes for each, its 64 pixels and then the digit.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from minitheanonet.datasets.dataset import Dataset
from minitheanonet.datasets.idx import read_idx

_CLASSES = tuple("0123456789")
_TRAIN = 1437  # four fifths
_MAX_GRAY = 16


def digits() -> tuple[Dataset, Dataset]:
    """Return 1,797 real handwritten digits of 8 × 8 pixels, which lie in the package.

    They are the test part of UCI's Optical Recognition of Handwritten Digits [1]_ (CC BY 4.0),
    written by 13 people: bitmaps of 32 × 32, in each 4 × 4 block of which the black dots were
    counted. scikit-learn has the same ones, as ``load_digits``.

    Returns
    -------
    train, test : Dataset
        The first 1,437 and the last 360: inputs float32 of shape (n, 64) in [0, 1], the pixels row
        by row, 0 for the background; targets int32 of shape (n,).

    References
    ----------
    .. [1] E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
       Learning Repository, 1998, doi:10.24432/C50P49.

    Examples
    --------
    >>> train, test = digits()
    >>> train.inputs.shape, test.inputs.shape
    ((1437, 64), (360, 64))
    """
    rows = read_idx(Path(__file__).with_name("digits.idx.gz"))
    pixels = np.divide(rows[:, :-1], _MAX_GRAY, dtype=np.float32)
    labels = rows[:, -1].astype(np.int32)
    return tuple(
        Dataset(pixels[part], labels[part], classes=_CLASSES, name="UCI's digits")
        for part in (slice(_TRAIN), slice(_TRAIN, None))
    )
