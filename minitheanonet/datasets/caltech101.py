"""Caltech 101: photographs of things, one folder per class."""

from __future__ import annotations

import os
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from minitheanonet.datasets.dataset import Dataset, checked_split
from minitheanonet.datasets.errors import DataNotFoundError
from minitheanonet.datasets.images import checked_folders, image_folder, image_shape
from minitheanonet.datasets.locate import data_root, locate

_TREE = "101_ObjectCategories"
_SUBFOLDERS = ("", _TREE, f"caltech101/{_TREE}")


def caltech101(
    data_dir: str | os.PathLike[str] | None = None,
    *,
    classes: Sequence[str] = ("airplanes", "Motorbikes"),
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
        Whether to fetch the data (137 MB) if they are not there, into the directory's folder
        ``caltech101``. Without it nothing touches the network.

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
    folder = _find(data_root(data_dir), classes, download)
    images = image_folder(folder, size=size, grayscale=grayscale, classes=classes)
    return images._replace(name="Caltech 101").split(test_fraction, seed)


def _find(root: Path, classes: tuple[str, ...], download: bool) -> Path:
    """Find the folder with all of the classes, after fetching them if they are not there."""
    unpacked = root / "caltech101" / _TREE
    try:
        return locate("caltech101", root, _SUBFOLDERS, classes, _class_folder)[classes[0]].parent
    except DataNotFoundError:
        # Fetching again would not bring a class that is misspelt, and what lies there may be the
        # user's own.
        if not download or unpacked.exists():
            raise
    from minitheanonet.datasets.fetch import SOURCES, fetch, writing_into  # slow to import

    archive = fetch(*SOURCES["caltech101"], unpacked.parent)
    with writing_into(unpacked.parent):
        _unpack(archive, unpacked)
        archive.unlink()
    return _find(root, classes, download=False)


def _class_folder(folder: Path, name: str) -> Path | None:
    return folder / name if (folder / name).is_dir() else None


def _unpack(archive: Path, target: Path) -> None:
    """Unpack the images of the published archive, all of them or none.

    It is a zip archive that holds a compressed tar archive. Its checksum was compared.
    """
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as temporary,
        zipfile.ZipFile(archive) as outer,
    ):
        names = (n for n in outer.namelist() if "__MACOSX" not in n)
        name = next(n for n in names if PurePosixPath(n).name == f"{_TREE}.tar.gz")
        # "r|gz" reads the archive as a stream, so that it need not be stored a second time.
        with outer.open(name) as inner, tarfile.open(fileobj=inner, mode="r|gz") as tar:
            tar.extractall(temporary, filter=_only_images)
        os.rename(Path(temporary, _TREE), target)


def _only_images(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """Take 101_ObjectCategories/CLASS/NAME.jpg and nothing else: no links, no stray files."""
    name = str(PurePosixPath(member.name))  # without "./" in front
    wanted = member.isreg() and re.fullmatch(rf"{_TREE}/[^/.][^/]*/[^/.][^/]*\.jpg", name)
    return tarfile.data_filter(member, folder) if wanted else None
