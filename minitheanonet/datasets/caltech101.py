"""Caltech 101: photographs of things, one folder per class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from minitheanonet.datasets.caltech101_archive import unpack
from minitheanonet.datasets.dataset import Dataset, checked_split
from minitheanonet.datasets.download import SOURCES, fetch
from minitheanonet.datasets.errors import DataNotFoundError
from minitheanonet.datasets.images import checked_folders, image_folder, image_shape
from minitheanonet.datasets.locate import candidate_folders, data_root, not_found

__all__ = ["caltech101", "download_caltech101"]

_DEFAULT_CLASSES = ("airplanes", "Motorbikes")
_UNPACKED = "caltech101/101_ObjectCategories"
_SUBFOLDERS = ("", "101_ObjectCategories", _UNPACKED)


def caltech101(
    data_dir: str | os.PathLike[str] | None = None,
    *,
    classes: Sequence[str] = _DEFAULT_CLASSES,
    size: int | tuple[int, int] = 64,
    grayscale: bool = True,
    test_fraction: float = 0.2,
    seed: int = 0,
    download: bool = False,
) -> tuple[Dataset, Dataset]:
    """Load classes of Caltech 101, divided at random into training and test data.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        The directory that has the class folders, itself or in ``101_ObjectCategories`` or
        ``caltech101/101_ObjectCategories``. By default the environment variable
        ``MINITHEANONET_DATA``, and if that is not set, the user's cache folder.
    classes : sequence of str, default ("airplanes", "Motorbikes")
        The classes, spelt as their folders are; the first gets label 0, the second 1, and so on.
    size : int or (int, int), default 64
        What every image is resized to: a side, or (height, width), in pixels.
    grayscale : bool, default True
        One channel, or with False three: red, green and blue.
    test_fraction : float, default 0.2
        The share of each class that becomes test data.
    seed : int, default 0
        Of the division; the same seed gives the same one.
    download : bool, default False
        Whether to fetch the data (137 MB) if they are not there. Without it nothing touches the
        network.

    Returns
    -------
    train, test : Dataset
        Inputs float32 in [0, 1], of shape (n, height * width), or (n, height * width * 3) in
        colour; targets int32 of shape (n,). The default classes have 800 and 798 images.

    Raises
    ------
    DataNotFoundError
        If the class folders are not there. The message says where they were looked for.
    DataFileError
        If an image cannot be read.
    DownloadError
        If a download was asked for and failed.

    Notes
    -----
    L. Fei-Fei, R. Fergus and P. Perona, "Learning generative visual models from few training
    examples", CVPR Workshop on Generative-Model Based Vision, 2004. JPEGs are decoded at a
    reduced scale where that still is at least twice `size`.

    Examples
    --------
    >>> train, test = caltech101("DIR")        # doctest: +SKIP
    >>> train.inputs.shape, test.inputs.shape  # doctest: +SKIP
    ((1278, 4096), (320, 4096))
    """
    # Before anything is fetched or read.
    checked_split(test_fraction, seed)
    image_shape(size, grayscale)
    classes = checked_folders(classes)
    if download:
        download_caltech101(data_dir, classes=classes)
    folder = _find(data_root(data_dir), classes)
    images = image_folder(folder, size=size, grayscale=grayscale, classes=classes)
    whole = Dataset(*images, classes=images.classes, name="Caltech 101")
    return whole.split(test_fraction, seed)


def download_caltech101(
    data_dir: str | os.PathLike[str] | None = None, *, classes: Sequence[str] = _DEFAULT_CLASSES
) -> Path:
    """Make sure that the class folders are there, fetching all of Caltech 101 if they are not.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        As for :func:`caltech101`; what is fetched goes into its folder ``caltech101``.
    classes : sequence of str, default ("airplanes", "Motorbikes")
        The classes which must be there.

    Returns
    -------
    pathlib.Path
        The folder that has the class folders.

    Raises
    ------
    DataNotFoundError
        If the data were unpacked before and have no such classes.
    DownloadError
        If the data could not be had.
    """
    root, classes = data_root(data_dir), checked_folders(classes)
    unpacked = root / _UNPACKED
    try:
        return _find(root, classes)
    except DataNotFoundError:
        if unpacked.exists():
            # Fetching again would not bring a class that is misspelt, and what lies there
            # may be the user's own.
            raise
    (remote,) = SOURCES["caltech101"]
    archive = fetch(remote, unpacked.parent)
    unpack(archive, unpacked)
    archive.unlink()
    return _find(root, classes)


def _find(root: Path, classes: Sequence[str]) -> Path:
    """Find the folder with all of the classes."""
    folders = candidate_folders(root, _SUBFOLDERS)
    absent = {
        folder: [name for name in classes if not (folder / name).is_dir()] for folder in folders
    }
    best = min(folders, key=lambda folder: len(absent[folder]))
    if absent[best]:
        missing = [f"the class folder {name}" for name in absent[best]]
        raise not_found("caltech101", missing, folders, root)
    return best
