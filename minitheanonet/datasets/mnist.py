"""MNIST: 70,000 handwritten digits, from its four IDX files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from minitheanonet.datasets.dataset import Dataset
from minitheanonet.datasets.download import SOURCES, fetch
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError
from minitheanonet.datasets.idx import read_idx
from minitheanonet.datasets.locate import candidate_folders, data_root, not_found

__all__ = ["download_mnist", "mnist"]

_TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
_TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_SUBFOLDERS = ("", "mnist", "MNIST/raw")  # the last is where torchvision puts them
_CLASSES = tuple("0123456789")


def mnist(
    data_dir: str | os.PathLike[str] | None = None, *, download: bool = False
) -> tuple[Dataset, Dataset]:
    """Load MNIST's handwritten digits.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        The directory that has the four files, itself or in its folder ``mnist`` or
        ``MNIST/raw``, with or without ``.gz``. By default the environment variable
        ``MINITHEANONET_DATA``, and if that is not set, the user's cache folder.
    download : bool, default False
        Whether to fetch files that are not there. Without it nothing touches the network.

    Returns
    -------
    train, test : Dataset
        With 60,000 and 10,000 examples: inputs float32 of shape (n, 784) in [0, 1], the pixels
        row by row, 0 for the background; targets int32 of shape (n,), the digits.

    Raises
    ------
    DataNotFoundError
        If the files are not there. The message says where they were looked for.
    DataFileError
        If a file is damaged, is no IDX file, holds something other than images of 28 by 28 bytes
        or labels 0 to 9, or if images and labels are swapped or differ in number. Files with
        fewer examples than the published ones are welcome.
    DownloadError
        If a download was asked for and failed.

    Notes
    -----
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (11), 1998.

    Examples
    --------
    >>> train, test = mnist("DIR")            # doctest: +SKIP
    >>> train.inputs.shape, test.inputs.shape  # doctest: +SKIP
    ((60000, 784), (10000, 784))
    """
    files = download_mnist(data_dir) if download else _find(data_root(data_dir))
    train, test = (_load(files[images], files[labels]) for images, labels in (_TRAIN, _TEST))
    return train, test


def download_mnist(data_dir: str | os.PathLike[str] | None = None) -> dict[str, Path]:
    """Make sure that the four files are there, fetching those that are not.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        As for :func:`mnist`; what is fetched goes into its folder ``mnist``.

    Returns
    -------
    dict of str to pathlib.Path
        The file for each of the four names, without ``.gz`` in the names.

    Raises
    ------
    DownloadError
        If a file could not be had.
    """
    root = data_root(data_dir)
    try:
        return _find(root)
    except DataNotFoundError:
        folder = root / "mnist"
        present = _present(folder)
        for remote in SOURCES["mnist"]:
            if remote.name.removesuffix(".gz") not in present:
                fetch(remote, folder)
    return _find(root)


def _find(root: Path) -> dict[str, Path]:
    """Find the folder with all four files: halves of different downloads must not be mixed."""
    folders = candidate_folders(root, _SUBFOLDERS)
    best = max((_present(folder) for folder in folders), key=len)
    missing = [f"{name}[.gz]" for name in _TRAIN + _TEST if name not in best]
    if missing:
        raise not_found("mnist", missing, folders, root)
    return best


def _present(folder: Path) -> dict[str, Path]:
    """Find which of the four files a folder has, with the plain one before the compressed."""
    found = {}
    for name in _TRAIN + _TEST:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                found.setdefault(name, path)
    return found


def _load(images_path: Path, labels_path: Path) -> Dataset:
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.ndim == 1 and labels.ndim == 3:
        raise DataFileError(
            images_path,
            f"it holds labels, and {labels_path.name} beside it holds images",
            "The two files are swapped: exchange their names",
        )
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise DataFileError(
            images_path,
            f"it holds {images.dtype} of shape {images.shape}, and MNIST's images are uint8 of "
            "shape (n, 28, 28)",
        )
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise DataFileError(
            labels_path,
            f"it holds {labels.dtype} of shape {labels.shape}, and MNIST's labels are uint8 of "
            "shape (n,)",
        )
    if len(images) != len(labels):
        raise DataFileError(
            labels_path,
            f"it holds {len(labels)} labels, and {images_path.name} holds {len(images)} images",
            "The two must be of one set: get both again",
        )
    if labels.max(initial=0) > 9:
        raise DataFileError(labels_path, f"it holds the label {labels.max()}, and digits end at 9")
    pixels = images.reshape(len(images), 28 * 28).astype(np.float32)
    pixels /= np.float32(255)
    return Dataset(pixels, labels.astype(np.int32), classes=_CLASSES, name="MNIST")
