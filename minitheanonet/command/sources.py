"""Pictures and tables as examples for a saved network.

The model file says how pictures are brought to the network's input, in what was given to
``save_model(..., preprocessing={...})``; each of these may be left out:

    size        [height, width] in pixels; by default the input's own, or a square if it is flat
    grayscale   true for one channel of luminance, false for red, green and blue; by default true,
                unless the input is (height, width, 3)
    invert      true for 1 - x: a network that learned white on black, asked about ink on paper
    scale       a number that the pixels, in [0, 1], are multiplied by

The rows of a table are taken as they stand.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from minitheanonet.datasets.errors import DataFileError
from minitheanonet.datasets.images import is_image, read_image
from minitheanonet.datasets.locate import regular_file
from minitheanonet.files.errors import about
from minitheanonet.files.model import ModelInfo

# What a model file may ask for, and which values of it: the file may be a stranger's.
_KNOWN = {
    "size": lambda size: isinstance(size, list) and [type(n) for n in size] == [int, int],
    "grayscale": lambda flag: isinstance(flag, bool),
    "invert": lambda flag: isinstance(flag, bool),
    "scale": lambda number: type(number) in (int, float) and abs(number) < 1e9,
}

_NUMBER = re.compile(r'[\s"]*[-+.]?\d')  # what a table without a header begins with


def examples(source: str, info: ModelInfo) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yield what a picture, a folder of pictures or a CSV file holds, some examples at a time.

    Yields
    ------
    names : list of str
        What each example is called.
    inputs : numpy.ndarray, shape (n, *input shape)
    """
    path, shape = Path(source), info.network.input_shape
    if path.suffix.lower() == ".csv":
        rows = _table(path, math.prod(shape))
        yield [f"{path}:{n}" for n in range(1, len(rows) + 1)], rows.reshape(-1, *shape)
        return
    read = _reader(info)
    for picture in _pictures(path):
        yield [str(picture)], read(picture)[np.newaxis]


def _pictures(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    with about(path):
        found = sorted(filter(is_image, path.iterdir()))
    if not found:
        mend = "Give a picture, a folder of pictures, or a CSV file"
        raise DataFileError(path, "there are no pictures in this folder", mend)
    return found


def _reader(info: ModelInfo) -> Callable[[Path], np.ndarray]:
    """Return a function that reads a picture as the network wants it."""
    shape, asked = info.network.input_shape, info.preprocessing or {}
    for key, value in asked.items():
        if key not in _KNOWN or not _KNOWN[key](value):
            raise ValueError(f"the model asks for {key}: {value!r:.60}, which is unknown here.")
    grayscale = asked.get("grayscale", shape[2:] != (3,))
    side = math.isqrt(shape[0] // (1 if grayscale else 3))
    size = asked.get("size", shape[:2] if len(shape) > 1 else (side, side))

    def read(path: Path) -> np.ndarray:
        pixels = read_image(path, size=size, grayscale=grayscale)
        if pixels.size != math.prod(shape):
            raise ValueError(
                f"a picture of shape {pixels.shape} does not fit the network's input {shape}: "
                "save the model with preprocessing={'size': [height, width]}."
            )
        if asked.get("invert", False):
            pixels = 1 - pixels
        return (pixels * asked.get("scale", 1)).reshape(shape)

    return read


def _table(path: Path, columns: int) -> np.ndarray:
    """Return the numbers of a CSV file, whose first line may be a header."""
    regular_file(path, "the table")
    try:
        with warnings.catch_warnings(), open(path, encoding="utf-8-sig") as file:
            warnings.simplefilter("error")  # NumPy warns of a table without rows
            if _NUMBER.match(file.readline()):
                file.seek(0)
            rows = np.loadtxt(file, delimiter=",", comments=None, quotechar='"', ndmin=2)
    except (OSError, ValueError, Warning) as error:
        mend = "Give numbers between commas, one example a line"
        raise DataFileError(path, f"it can't be read as a table ({error})", mend) from error
    if rows.shape[1] != columns:
        reason = f"it has {rows.shape[1]} columns, and the network takes {columns} numbers"
        raise DataFileError(path, reason, "Leave out what is no input, a label say")
    return rows
