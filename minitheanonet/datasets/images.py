"""Read image files, and folders with one subfolder per class, into arrays."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from minitheanonet.checks import checked_path, is_whole
from minitheanonet.datasets.dataset import Dataset, checked_classes
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError

__all__ = ["checked_folders", "image_folder", "image_shape", "read_image"]

MAX_PIXELS = 50_000_000
_BAR_FROM = 300  # images; fewer are read before anybody wonders
_EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"}
)
_IGNORED_FOLDERS = frozenset({"__MACOSX"})


def image_folder(
    directory: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] = 64,
    grayscale: bool = True,
    classes: Sequence[str] | None = None,
    flatten: bool = True,
) -> Dataset:
    """Read a directory that has one subfolder of images per class.

    Parameters
    ----------
    directory : str or os.PathLike
        The directory with the subfolders.
    size : int or (int, int), default 64
        What every image is resized to, in pixels: a side, or (height, width). The proportions
        of the original are not kept.
    grayscale : bool, default True
        One channel of luminance; False gives three: red, green and blue.
    classes : sequence of str, optional
        The subfolders to read; the first gets label 0, the second 1, and so on. By default all,
        sorted by name.
    flatten : bool, default True
        Give each image as one row of numbers.

    Returns
    -------
    Dataset
        Inputs float32 in [0, 1], of shape (n, height * width) or (n, height * width * 3) if
        flat, else (n, height, width) or (n, height, width, 3); targets int32 (n,). Class after
        class, and within a class sorted by file name.

    Raises
    ------
    DataNotFoundError
        If there is no such directory, it has no subfolders, or not that of a class.
    DataFileError
        If a class has no images, or an image file cannot be read; see :func:`read_image`.
    ValueError
        If `size` is not positive or above 50 million pixels, or `classes` is empty or names a
        class twice.

    Notes
    -----
    Files without an image's extension, hidden files and ``__MACOSX`` are passed over, so the
    ``.DS_Store``, ``Thumbs.db`` and ``desktop.ini`` that file managers leave do no harm.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, gray in [("dark", 0), ("light", 255)]:
    ...         os.mkdir(os.path.join(folder, name))
    ...         Image.new("L", (30, 20), gray).save(os.path.join(folder, name, "one.png"))
    ...     image_folder(folder, size=(2, 3))
    Dataset(inputs=float32 (2, 6), targets=int32 (2,), classes=('dark', 'light'), name='')
    """
    shape = image_shape(size, grayscale)
    directory = checked_path(directory, "directory")
    classes = checked_folders(_class_folders(directory) if classes is None else classes)
    paths, labels = [], []
    for label, name in enumerate(classes):
        members = _image_files(directory, name)
        paths += members
        labels += [label] * len(members)
    inputs = np.empty((len(paths), *shape), np.float32)
    # None lets tqdm decide: a bar on a terminal, nothing in a file or a pipe.
    quiet = True if len(paths) < _BAR_FROM else None
    for row, path in enumerate(tqdm(paths, desc="reading images", unit="image", disable=quiet)):
        inputs[row] = read_image(path, size=size, grayscale=grayscale)
    if flatten:
        inputs = inputs.reshape(len(paths), -1)
    return Dataset(inputs, np.array(labels, np.int32), classes=classes)


def read_image(
    path: str | os.PathLike[str], *, size: int | tuple[int, int] = 64, grayscale: bool = True
) -> np.ndarray:
    """Read one image file, turned as its EXIF data say, in one size and one scale.

    Parameters
    ----------
    path : str or os.PathLike
        The file: JPEG, PNG, TIFF, GIF (its first frame) or whatever else Pillow opens.
    size : int or (int, int), default 64
        A side, or (height, width), in pixels.
    grayscale : bool, default True
        One channel of luminance (ITU-R 601), else three: red, green and blue.

    Returns
    -------
    numpy.ndarray
        float32 in [0, 1], shape (height, width), or (height, width, 3). Transparent pixels show
        white; 16-bit values are divided by 65,535.

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFileError
        If it cannot be opened, is cut off, is larger than 50 million pixels (told from its
        header, before decoding), or has float or 32-bit pixels, whose scale nobody knows.
    ValueError
        If `size` is not positive, or above 50 million pixels.
    """
    height, width = image_shape(size, grayscale)[:2]
    path = checked_path(path, "read_image: path")
    try:
        with _oversize_is_an_error(), Image.open(path) as image:
            _check_pixels(image)
            # JPEG can decode at 1/2, 1/4 or 1/8: twice the wanted size loses nothing visible.
            image.draft("L" if grayscale else "RGB", (2 * max(height, width),) * 2)
            upright = ImageOps.exif_transpose(image)
            plain = _to_plain_mode(upright, grayscale)
            resized = plain.resize((width, height), Image.Resampling.BILINEAR)
    except FileNotFoundError as error:
        raise DataNotFoundError(f"{path}: there is no such file. Look at the path.") from error
    except Exception as error:  # a damaged file makes Pillow raise nearly anything
        raise DataFileError(
            path, f"it cannot be read as an image ({error})", "Replace the file or remove it"
        ) from error
    pixels = np.asarray(resized, np.float32) / np.float32(255)
    if pixels.ndim == 2 and not grayscale:
        return np.stack([pixels] * 3, axis=-1)
    return pixels


def image_shape(size: int | tuple[int, int], grayscale: bool) -> tuple[int, ...]:
    """Return the shape of an image of this size, a side or (height, width)."""
    sides = size if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2 or not all(is_whole(side) and side >= 1 for side in sides):
        raise ValueError(
            f"size is {size!r:.60}: give a side or (height, width), each at least one pixel."
        )
    height, width = map(int, sides)
    if height * width > MAX_PIXELS:
        raise ValueError(f"size is {size}: at most {MAX_PIXELS:,} pixels are allowed.")
    return (height, width) if grayscale else (height, width, 3)


def checked_folders(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of class folders, if there are any and none is there twice."""
    names = checked_classes(classes)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"classes is {names}: name at least one, and none of them twice.")
    return names


@contextmanager
def _oversize_is_an_error() -> Iterator[None]:
    """Make an error of the warning that Pillow gives below twice its own limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _check_pixels(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise ValueError(f"it has {pixels:,} pixels, and at most {MAX_PIXELS:,} are allowed")


def _to_plain_mode(image: Image.Image, grayscale: bool) -> Image.Image:
    """Convert to L or RGB in 0..255, or, from 16 bits, to float grayscale in 0..255."""
    if image.mode in ("I", "F"):
        raise ValueError(f"pixels of mode {image.mode} have no fixed scale; save as 8 or 16 bits")
    if image.mode.startswith("I;16"):
        # convert("L") would clip everything above 255 to white.
        return Image.fromarray(np.asarray(image).astype(np.float32) * np.float32(255 / 65535))
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers)
    return image.convert("L" if grayscale else "RGB")


def _class_folders(directory: Path) -> tuple[str, ...]:
    if not directory.is_dir():
        raise DataNotFoundError(
            f"{directory}: there is no such folder. Give one with a subfolder for each class."
        )
    names = sorted(
        entry.name
        for entry in directory.iterdir()
        if entry.is_dir() and not entry.name.startswith(".") and entry.name not in _IGNORED_FOLDERS
    )
    if not names:
        raise DataNotFoundError(
            f"{directory}: it has no subfolders. Put the images of each class into one of its own."
        )
    return tuple(names)


def _image_files(directory: Path, name: str) -> list[Path]:
    folder = directory / name
    if not folder.is_dir():
        raise DataNotFoundError(
            f"{folder}: no such folder. There must be one for each class: give in `classes` only "
            f"names of subfolders of {directory}, spelt as they are there."
        )
    files = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in _EXTENSIONS and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        raise DataFileError(folder, "it has no image files", "Put the class's images into it")
    return files
