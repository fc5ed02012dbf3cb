"""Ask a saved network what is on some pictures, and draw its answers.

    python examples/predict.py model.h5 one.png two.jpg --out answers.png

The pictures are brought to the shape of the network's input. The model file says how, in what was
given to ``save_model(..., preprocessing={...})``; each of these may be left out:

    size        [height, width] in pixels; by default the input's own, or a square if it is flat
    grayscale   true for one channel of luminance (the default), false for three of colour
    invert      true for 1 - x: a network that learned white on black, asked about ink on paper
    scale       a number that the pixels, in [0, 1], are multiplied by
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from minitheanonet.datasets import DataFileError, read_image
from minitheanonet.files import ModelFileError, ModelInfo, model_info

# What a model file may ask for, and which values of it: the file may be a stranger's.
KNOWN = {
    "size": lambda size: isinstance(size, list) and [type(n) for n in size] == [int, int],
    "grayscale": lambda flag: isinstance(flag, bool),
    "invert": lambda flag: isinstance(flag, bool),
    "scale": lambda number: type(number) in (int, float),
}
COLUMNS, SHOWN = 4, 3


def input_size(info: ModelInfo) -> tuple[int, int]:
    """Return the height and width that pictures must have for this network."""
    preprocessing = info.preprocessing or {}
    shape = info.network.input_shape
    if "size" in preprocessing:
        height, width = preprocessing["size"]
        return height, width
    if len(shape) >= 2:
        return shape[0], shape[1]
    side = math.isqrt(shape[0] // channels(preprocessing))
    return side, side


def channels(preprocessing: dict[str, Any]) -> int:
    """Return how many numbers a pixel is."""
    return 1 if preprocessing.get("grayscale", True) else 3


def read(path: str, info: ModelInfo) -> np.ndarray:
    """Return a picture as one example for the network."""
    preprocessing = info.preprocessing or {}
    for key, value in preprocessing.items():
        if key not in KNOWN or not KNOWN[key](value):
            raise ValueError(f"the model asks for {key}: {value!r:.60}, which is unknown here.")
    size = input_size(info)
    pixels = read_image(path, size=size, grayscale=channels(preprocessing) == 1)
    if pixels.size != math.prod(info.network.input_shape):
        raise ValueError(
            f"a picture of shape {pixels.shape} does not fit the network's input "
            f"{info.network.input_shape}: save the model with "
            "preprocessing={'size': [height, width]}."
        )
    if preprocessing.get("invert", False):
        pixels = 1 - pixels
    return (pixels * preprocessing.get("scale", 1)).reshape(info.network.input_shape)


def probabilities(outputs: np.ndarray) -> np.ndarray:
    """Return a column for each class; a single output is the probability of the second of two."""
    if outputs.ndim != 2:
        raise ValueError(f"the network's outputs are no classes: {outputs.shape[1:]} an example.")
    return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs


def names(info: ModelInfo, count: int) -> list[str]:
    """Return the names of the classes: their numbers, if the file has none."""
    return list(info.classes or map(str, range(count)))


def answer(row: np.ndarray, classes: list[str]) -> list[str]:
    """Return the likeliest classes with their probabilities, the likeliest first."""
    return [f"{classes[i]} {row[i]:.1%}" for i in np.argsort(-row, kind="stable")[:SHOWN]]


def printable(text: str) -> str:
    """Return a text without what could command a terminal; names in a file may be a stranger's."""
    return "".join(character if character.isprintable() else "?" for character in text)


def draw(paths: list[str], answers: list[list[str]], out: str) -> None:
    """Draw each picture above its answers, into one PNG."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    columns = min(COLUMNS, len(paths))
    rows = -(-len(paths) // columns)
    figure, axes = pyplot.subplots(
        rows, columns, figsize=(2.4 * columns, 3 * rows), squeeze=False, layout="constrained"
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, path, lines in zip(axes.flat, paths, answers, strict=False):
        axis.imshow(read_image(path, size=128, grayscale=False))
        axis.set_title(f"{Path(path).name}\n" + "\n".join(lines), fontsize=9, parse_math=False)
    figure.savefig(out, dpi=100)
    pyplot.close(figure)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; `arguments` default to those of the command line."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("model", help="a file that save_model, a Checkpoint or Keras wrote")
    parser.add_argument("pictures", nargs="+", metavar="picture")
    parser.add_argument("--out", metavar="PNG", help="draw pictures and answers into this file")
    options = parser.parse_args(arguments)
    try:
        info = model_info(options.model)
        if info.network is None:
            raise ValueError(f"{options.model} does not describe its network.")
        examples = np.stack([read(path, info) for path in options.pictures])
        outputs = probabilities(info.network.predict(examples))
        classes = names(info, outputs.shape[1])
        answers = [answer(row, classes) for row in outputs]
        for path, lines in zip(options.pictures, answers, strict=True):
            print(f"{printable(path)}: {printable(', '.join(lines))}")
        if options.out:
            draw(options.pictures, answers, options.out)
    except (ModelFileError, DataFileError, OSError, ValueError) as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
