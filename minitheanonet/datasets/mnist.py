"""MNIST: 70,000 handwritten digits, from its four IDX files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from minitheanonet.datasets.dataset import Dataset
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError
from minitheanonet.datasets.idx import read_idx
from minitheanonet.datasets.locate import data_root, locate

__all__ = ["mnist"]

_TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
_TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_SUBFOLDERS = ("", "mnist", "MNIST/raw")  # the last is where torchvision puts them
_CLASSES = tuple("0123456789")


def mnist(
    data_dir: str | os.PathLike[str] | None = None,
    *,
    scaled: bool = True,
    download: bool = False,
) -> tuple[Dataset, Dataset]:
    """Load MNIST's handwritten digits.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        The directory that has the four files, itself or in its folder ``mnist`` or
        ``MNIST/raw``, with or without ``.gz``. By default the environment variable
        ``MINITHEANONET_DATA``, and if that is not set, the user's cache folder.
    scaled : bool, default True
        Whether the pixels become float32 in [0, 1]. With False they are the bytes of the files,
        uint8 from 0 to 255 in a quarter of the memory, for a network that begins with
        ``Rescale(1 / 255)``.
    download : bool, default False
        Whether to fetch files that are not there, into the directory's folder ``mnist``. Without
        it nothing touches the network.

    Returns
    -------
    train, test : Dataset
        With 60,000 and 10,000 examples: inputs of shape (n, 784), float32 in [0, 1] unless
        `scaled` is False, the pixels row by row, 0 for the background; targets int32 of shape
        (n,), the digits.

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
    files = _find(data_root(data_dir), download)
    return _load(files, _TRAIN, scaled), _load(files, _TEST, scaled)


def _find(root: Path, download: bool) -> dict[str, Path]:
    try:
        return locate("mnist", root, _SUBFOLDERS, _TRAIN + _TEST, _file)
    except DataNotFoundError:
        if not download:
            raise
    from minitheanonet.datasets.fetch import SOURCES, fetch  # here, since it is slow to import

    for remote in SOURCES["mnist"]:
        if not _file(root / "mnist", remote.name.removesuffix(".gz")):
            fetch(remote, root / "mnist")
    return _find(root, download=False)


def _file(folder: Path, name: str) -> Path | None:
    """Find one of the four files in a folder, the plain one before the compressed."""
    paths = (folder / name, folder / f"{name}.gz")
    return next((path for path in paths if path.is_file()), None)


def _load(files: dict[str, Path], names: tuple[str, str], scaled: bool) -> Dataset:
    images_path, labels_path = (files[name] for name in names)
    images, labels = read_idx(images_path), read_idx(labels_path)
    for path, array, shape in ((images_path, images, (28, 28)), (labels_path, labels, ())):
        if array.dtype != np.uint8 or array.shape[1:] != shape:
            raise DataFileError(
                path,
                f"it holds {array.dtype} of shape {array.shape}, and in MNIST's each example is "
                f"uint8 of shape {shape}",
                "Are images and labels swapped? If not, get both files again",
            )
    if len(images) != len(labels):
        raise DataFileError(
            labels_path,
            f"it holds {len(labels)} labels, and {images_path.name} holds {len(images)} images",
            "The two must be of one set: get both again",
        )
    if labels.max(initial=0) > 9:
        raise DataFileError(labels_path, f"it holds the label {labels.max()}, and digits end at 9")
    pixels = images.reshape(len(images), 28 * 28)
    if scaled:
        pixels = np.divide(pixels, 255, dtype=np.float32)
    return Dataset(pixels, labels.astype(np.int32), classes=_CLASSES, name="MNIST")
