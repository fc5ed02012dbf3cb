"""Generated digits: a stand-in for MNIST that needs no files and no network."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from minitheanonet.checks import checked_seed, positive_int
from minitheanonet.datasets.dataset import Dataset

__all__ = ["generated_digits"]

_SIDE = 28
_GLYPH_SIDE = 64  # drawn large once, then warped into the small image
_GLYPH_HEIGHT = 44
_STROKE_WIDTHS = (0, 1, 2)
_BILINEAR = Image.Resampling.BILINEAR
# Of the fonts that every Matplotlib ships, those whose digits are digits, all ten at full height.
_FONTS = (
    *(f"DejaVuSans{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSansMono{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")),
    *("cmb10", "cmr10", "cmss10", "cmtt10"),
)


def generated_digits(
    n_train: int = 10_000, n_test: int = 2_000, *, seed: int = 0
) -> tuple[Dataset, Dataset]:
    """Draw digits in many fonts, each bent, turned, smudged and scratched at random.

    They look like MNIST's and are not: no figure reached on them says anything about MNIST.

    Parameters
    ----------
    n_train : int, default 10_000
        How many training examples.
    n_test : int, default 2_000
        How many test examples, drawn from the same fonts in the same way.
    seed : int, default 0
        The same seed gives the same images, with the same releases of Matplotlib (its fonts),
        Pillow (its drawing) and NumPy.

    Returns
    -------
    train, test : Dataset
        Inputs float32 of shape (n, 784) in [0, 1], white on black, 28 by 28 pixels row by row;
        targets int32 of shape (n,), each digit as often as the others, give or take one.

    Raises
    ------
    ValueError
        If either part would be empty.

    Examples
    --------
    >>> train, test = generated_digits(20, 10)
    >>> train.inputs.shape, test.inputs.shape
    ((20, 784), (10, 784))
    >>> sorted(test.targets.tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    n_train, n_test = positive_int(n_train, "n_train"), positive_int(n_test, "n_test")
    seed = checked_seed(seed)
    glyphs = _draw_glyphs()
    rng_train, rng_test = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    return _draw_part(glyphs, n_train, rng_train), _draw_part(glyphs, n_test, rng_test)


def _draw_part(glyphs: list[list[Image.Image]], n: int, rng: np.random.Generator) -> Dataset:
    labels = rng.permutation(np.arange(n, dtype=np.int32) % 10)
    images = np.empty((n, _SIDE * _SIDE), np.float32)
    for row, label in enumerate(labels):
        glyph = glyphs[label][rng.integers(len(glyphs[label]))]
        images[row] = np.asarray(_draw_digit(glyph, rng)).reshape(-1)
    images /= np.float32(255)
    images += rng.normal(0, 0.05, images.shape).astype(np.float32)
    np.clip(images, 0, 1, out=images)
    name = "generated digits (not MNIST)"
    return Dataset(images, labels, classes=tuple("0123456789"), name=name)


def _draw_glyphs() -> list[list[Image.Image]]:
    """Draw every digit once in each font and stroke width, centred on a black square."""
    fonts = [_open_font(name) for name in _FONTS]
    return [
        [_draw_glyph(digit, font, width) for font in fonts for width in _STROKE_WIDTHS]
        for digit in "0123456789"
    ]


def _open_font(name: str) -> ImageFont.FreeTypeFont:
    import matplotlib  # here, since it is slow to import and nothing else needs it

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf")
    # As bytes: given a path that is not there, Pillow takes the system's font of that name.
    return ImageFont.truetype(io.BytesIO(path.read_bytes()), 60)


def _draw_glyph(digit: str, font: ImageFont.FreeTypeFont, stroke_width: int) -> Image.Image:
    large = Image.new("L", (128, 128))
    ImageDraw.Draw(large).text(
        (64, 64), digit, fill=255, font=font, anchor="mm", stroke_width=stroke_width
    )
    ink = large.crop(large.getbbox())
    ink = ink.resize((max(round(ink.width * _GLYPH_HEIGHT / ink.height), 1), _GLYPH_HEIGHT))
    glyph = Image.new("L", (_GLYPH_SIDE, _GLYPH_SIDE))
    glyph.paste(ink, ((_GLYPH_SIDE - ink.width) // 2, (_GLYPH_SIDE - _GLYPH_HEIGHT) // 2))
    return glyph


def _draw_digit(glyph: Image.Image, rng: np.random.Generator) -> Image.Image:
    side = 2 * _SIDE  # halved at the end: a smooth edge
    corners = _random_corners(rng)
    large = glyph.transform((side, side), Image.Transform.QUAD, corners, _BILINEAR)
    if rng.random() < 0.5:
        _scratch(large, rng)
    large = large.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.8)))
    return large.reduce(2)


def _random_corners(rng: np.random.Generator) -> tuple[float, ...]:
    """Choose the corners of the quadrilateral in the glyph that becomes the image.

    Turned, sheared, scaled, moved, and then each corner pulled by itself, which bends the
    strokes as no linear map does.
    """
    angle, shear = rng.uniform(-0.25, 0.25), rng.uniform(-0.2, 0.2)
    half_width, half_height = _GLYPH_SIDE / 2 / rng.uniform(0.85, 1.2, 2)
    square = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)]) * (half_width, half_height)
    sheared = square @ np.array([(1, 0), (shear, 1)])
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = sheared @ np.array([(cosine, sine), (-sine, cosine)])
    moved = turned + _GLYPH_SIDE / 2 + rng.uniform(-3.5, 3.5, 2)
    return tuple((moved + rng.normal(0, 3, (4, 2))).reshape(-1).tolist())


def _scratch(image: Image.Image, rng: np.random.Generator) -> None:
    """Draw a short gray stroke somewhere, as of a neighbouring digit or a slip of the pen."""
    x, y = rng.uniform(0, 2 * _SIDE, 2)
    angle, length = rng.uniform(0, math.tau), rng.uniform(6, 22)
    end = (x + length * math.cos(angle), y + length * math.sin(angle))
    gray = int(rng.integers(90, 230))
    ImageDraw.Draw(image).line([(x, y), end], fill=gray, width=int(rng.integers(2, 5)))
