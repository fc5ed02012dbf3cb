"""Pictures, drawn and saved."""

import numpy as np
from PIL import Image


def save(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def gray_steps(height: int = 32, width: int = 32) -> Image.Image:
    """The left half dark, the right half light."""
    pixels = np.full((height, width), 51, np.uint8)
    pixels[:, width // 2 :] = 204
    return Image.fromarray(pixels)
