"""Read image files, and folders with one subfolder per class, into arrays."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from minitheanonet.checks import checked_path, is_whole
from minitheanonet.datasets.dataset import Dataset
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError
from minitheanonet.datasets.locate import regular_file

MAX_PIXELS = 50_000_000
_BAR_FROM = 300  # images; fewer are read before anybody wonders
# What Pillow may read a file as, whatever its name: EPS, for one, would be run by Ghostscript.
_FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_EXTENSIONS = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"}
)


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
        If there is no such directory, it has no subfolders, or a class has no images.
    DataFileError
        If an image file cannot be read; see :func:`read_image`.
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
    if classes is None:
        classes = [folder.name for folder in _listed(directory, "subfolders", Path.is_dir)]
    classes = checked_folders(classes)
    members = [_listed(directory / name, "images", is_image) for name in classes]
    labels = np.repeat(np.arange(len(classes), dtype=np.int32), [len(paths) for paths in members])
    inputs = np.empty((len(labels), *shape), np.float32)
    quiet = len(labels) < _BAR_FROM or sys.stderr is None or not sys.stderr.isatty()
    paths = tqdm(chain(*members), "reading images", len(labels), unit="image", disable=quiet)
    for row, path in enumerate(paths):
        inputs[row] = read_image(path, size=size, grayscale=grayscale)
    return Dataset(inputs.reshape(len(labels), -1) if flatten else inputs, labels, classes=classes)


def read_image(
    path: str | os.PathLike[str], *, size: int | tuple[int, int] = 64, grayscale: bool = True
) -> np.ndarray:
    """Read one image file, turned as its EXIF data say, in one size and one scale.

    Parameters
    ----------
    path : str or os.PathLike
        The file: JPEG, PNG, BMP, GIF (its first frame), TIFF, WebP, PPM, PGM or PBM, told by its
        first bytes. Pillow opens more formats, some by starting other programs; this does not.
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
        If it is no regular file, of no such format, cut off, larger than 50 million pixels (told
        from its header, before decoding), or has float or 32-bit pixels, whose scale nobody knows.
    ValueError
        If `size` is not positive, or above 50 million pixels.
    """
    height, width = image_shape(size, grayscale)[:2]
    path = regular_file(path, "read_image: path")
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"it has more than {MAX_PIXELS:,} pixels: {image.size}")
            # JPEG can decode at 1/2, 1/4 or 1/8: twice the wanted size loses nothing visible.
            image.draft("L" if grayscale else "RGB", (2 * max(height, width),) * 2)
            plain = _to_plain_mode(ImageOps.exif_transpose(image), grayscale)
            resized = plain.resize((width, height), Image.Resampling.BILINEAR)
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
    are_whole = len(sides) == 2 and all(is_whole(side) and side >= 1 for side in sides)
    if not are_whole or math.prod(sides) > MAX_PIXELS:
        raise ValueError(
            f"size is {size!r:.60}: give a side or (height, width), each at least one pixel and "
            f"together no more than {MAX_PIXELS:,}."
        )
    return (*map(int, sides), *(() if grayscale else (3,)))


def checked_folders(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of class folders, if there are any and none is there twice."""
    names = tuple(classes)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"classes is {names}: name at least one, and none of them twice.")
    return names


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


def _listed(folder: Path, what: str, is_wanted: Callable[[Path], bool]) -> list[Path]:
    """List what is wanted of a folder, sorted by name, without what file managers leave."""
    found = sorted(
        entry
        for entry in (folder.iterdir() if folder.is_dir() else ())
        if is_wanted(entry) and not entry.name.startswith((".", "__MACOSX"))
    )
    if not found:
        raise DataNotFoundError(
            f"{folder}: there is no such folder, or there are no {what} in it. Give a directory "
            "that has a subfolder of images for each class, and spell the classes as they are."
        )
    return found


def is_image(path: Path) -> bool:
    """Say whether a file's name is that of an image; one with a dot before it is hidden."""
    is_hidden = path.name.startswith(".")
    return path.suffix.lower() in _EXTENSIONS and not is_hidden and path.is_file()
