"""Generated airplanes and motorbikes: a stand-in for two classes of Caltech 101."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawings.vehicle_drawing import Pen, draw_airplane, draw_motorbike
from minitheanonet.datasets import Dataset, image_folder

__all__ = ["generated_vehicles", "write_generated_vehicles"]

_DRAWINGS = {"airplanes": draw_airplane, "Motorbikes": draw_motorbike}  # Caltech 101's names

Tint = tuple[int, int, int]
_SKY_TINT: Tint = (-25, 0, 25)
_GROUND_TINT: Tint = (10, 15, -20)


def generated_vehicles(
    n_per_class: int = 400,
    *,
    size: int | tuple[int, int] = 64,
    test_fraction: float = 0.2,
    seed: int = 0,
) -> tuple[Dataset, Dataset]:
    """Draw airplanes and motorbikes as JPEG files and read them as `image_folder` does.

    They stand in for two classes of Caltech 101 and say nothing about it.

    Parameters
    ----------
    n_per_class : int, default 400
        How many of each, 2 at least.
    size : int or (int, int), default 64
        What every image is resized to: a side, or (height, width), in pixels.
    test_fraction : float, default 0.2
        The share of each class that becomes test data.
    seed : int, default 0
        The same seed gives the same images, with the same releases of Pillow and NumPy, and the
        same split.

    Returns
    -------
    train, test : Dataset
        Inputs float32 of shape (n, height * width) in [0, 1], grayscale; targets int32 of shape
        (n,): 0 for airplanes, 1 for motorbikes.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_generated_vehicles(folder, n_per_class, seed)
        images = image_folder(folder, size=size, classes=tuple(_DRAWINGS))
    name = "generated airplanes and motorbikes (not Caltech 101)"
    return Dataset(*images, classes=images.classes, name=name).split(test_fraction, seed)


def write_generated_vehicles(
    directory: str | os.PathLike[str], n_per_class: int = 400, seed: int = 0
) -> None:
    """Write JPEG files ``airplanes/image_0001.jpg`` and so on, and the same for ``Motorbikes``.

    Parameters
    ----------
    directory : str or os.PathLike
        Where the two class folders go; made if it does not exist.
    n_per_class : int, default 400
        How many of each.
    seed : int, default 0
        The same seed gives the same images.

    Raises
    ------
    FileExistsError
        If one of the class folders exists: old and new images would mix.
    """
    seeds = np.random.SeedSequence(seed).spawn(len(_DRAWINGS))
    for (name, draw), class_seed in zip(_DRAWINGS.items(), seeds, strict=True):
        folder = Path(directory, name)
        folder.mkdir(parents=True)
        rng = np.random.default_rng(class_seed)
        for number in range(1, n_per_class + 1):
            picture = _draw_background(rng)
            draw(_random_pen(picture, rng), rng)
            _finish(picture, rng).save(folder / f"image_{number:04d}.jpg", quality=85)


def _draw_background(rng: np.random.Generator) -> Image.Image:
    """Draw a studio wall or a landscape; both classes get the same kinds."""
    width, height = int(rng.integers(200, 401)), int(rng.integers(140, 261))
    if rng.random() < 0.35:
        picture = _gradient(width, height, _tinted(rng, (180, 245), (0, 0, 0)))
    else:
        picture = _gradient(width, height, _tinted(rng, (140, 230), _SKY_TINT))
        horizon = int(height * rng.uniform(0.45, 0.9))
        ground = _gradient(width, height - horizon, _tinted(rng, (80, 170), _GROUND_TINT))
        picture.paste(ground, (0, horizon))
        _draw_skyline(picture, horizon, rng)
    texture = rng.normal(0, rng.uniform(2, 14), (height // 2 + 1, width // 2 + 1, 1)).repeat(2, 0)
    noisy = np.asarray(picture) + texture.repeat(2, 1)[:height, :width]
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def _tinted(rng: np.random.Generator, grays: tuple[int, int], tint: Tint) -> np.ndarray:
    """Choose two colours around grays from the given range, leaning to a tint and a random one."""
    base = rng.integers(*grays, (2, 1)) + np.array(tint) + rng.integers(-20, 21, 3)
    return np.clip(base, 0, 255)


def _gradient(width: int, height: int, colours: np.ndarray) -> Image.Image:
    """Blend from the first colour, at the top, to the second."""
    return Image.fromarray(colours[:, None].astype(np.uint8)).resize(
        (width, height), Image.Resampling.BILINEAR
    )


def _draw_skyline(picture: Image.Image, horizon: int, rng: np.random.Generator) -> None:
    """Put trees and houses on the horizon."""
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.integers(0, 9)):
        x, half = rng.uniform(0, picture.width), rng.uniform(8, 35)
        box = (x - half, horizon - rng.uniform(5, 50), x + half, horizon)
        fill = tuple(int(c) for c in rng.integers(40, 200, 3))
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(box, fill=fill)


def _random_pen(picture: Image.Image, rng: np.random.Generator) -> Pen:
    width, height = picture.size
    scale = min(width / 2, height / 1.1) * rng.uniform(0.75, 0.95)
    room = max(width / 2 - scale, 0) * 0.8
    centre = (width / 2 + rng.uniform(-room, room), height * rng.uniform(0.46, 0.56))
    return Pen(picture, centre, scale, rng.uniform(-0.08, 0.14), bool(rng.random() < 0.15))


def _finish(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Blur a little and change the exposure, as cameras do."""
    blurred = picture.filter(ImageFilter.BoxBlur(rng.uniform(0.2, 1.2)))
    exposure = rng.uniform(0.8, 1.15)
    return blurred.point(lambda value: min(value * exposure, 255))
