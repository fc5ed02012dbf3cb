"""What a network of images has learned, and what it still gets wrong, as pictures."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from minitheanonet.datasets import Dataset

CAPTIONS = {
    "filters": "The first layer’s filters: red where ink speaks for them, blue where against.",
    "misread": "Test digits that are read wrongly, those first of which the network is surest: "
    "what was read, and what it is.",
}
_COLUMNS, _MISREAD = 10, 40


def filters(kernel: np.ndarray) -> Figure:
    """Draw the filters of a first convolution, (rows, columns, 1, filters), all on one scale.

    Blue is below zero, where ink speaks against the filter; red is above.
    """
    largest = abs(kernel).max()
    images = list(np.moveaxis(kernel[:, :, 0], -1, 0))
    options = {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
    return _grid(images, [""] * len(images), options)


def misread(probabilities: np.ndarray, test: Dataset) -> Figure:
    """Draw the digits that are read wrongly, those first of which the network is surest.

    Above each stands what was read, and what it is.
    """
    read = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(read != test.targets)
    order = wrong[np.argsort(-probabilities[wrong, read[wrong]], kind="stable")][:_MISREAD]
    images = list(test.inputs[order].reshape(-1, 28, 28))
    titles = [f"{read[i]}, is {test.targets[i]}" for i in order]
    return _grid(images, titles, {"cmap": "gray_r", "vmin": 0, "vmax": 1})


def _grid(images: list[np.ndarray], titles: list[str], options: dict) -> Figure:
    rows = max(-(-len(images) // _COLUMNS), 1)
    height = 1.0 if any(titles) else 0.85
    figure = Figure(figsize=(9, rows * height), dpi=200, layout="constrained")
    cells = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
    for cell in cells:
        cell.set_axis_off()
    for cell, image, title in zip(cells, images, titles, strict=False):
        cell.imshow(image, **options)
        cell.set_title(title, fontsize=8, pad=2)
    return figure
