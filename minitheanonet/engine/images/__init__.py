"""Convolution and pooling of images, the same on both engines and in every mode of theirs.

Images are (n, height, width, channels). Each size, stride and dilation is a pair, of rows and
columns; `padding` is "valid" or "same", as Keras has it.
"""

from __future__ import annotations

from minitheanonet.engine import Variable
from minitheanonet.engine.images import ops
from minitheanonet.engine.images.windows import Pair, setting


def conv2d(
    x: Variable,
    W: Variable,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation: Pair = (1, 1),
) -> Variable:
    """Return the cross-correlation of images with kernels.

    y[b, i, j, f] = Σ_{q, r, c} x[b, i·stride + q·dilation, j·stride + r·dilation, c] W[q, r, c, f]

    Parameters
    ----------
    x : symbolic variable, shape (n, h, w, channels)
    W : symbolic variable, shape (rows, columns, channels, filters)
    """
    return ops.Convolve(setting(strides, padding, dilation))(x, W)


def max_pool2d(x: Variable, size: Pair, strides: Pair, padding: str = "valid") -> Variable:
    """Return the largest entry of each window and channel; NaN, where there is one.

    The gradient goes to that entry, the first of equal ones.
    """
    return ops.Pool(setting(strides, padding), size, False)(x, x)


def average_pool2d(x: Variable, size: Pair, strides: Pair, padding: str = "valid") -> Variable:
    """Return the mean of each window's entries that lie within the image, by channel."""
    return ops.Pool(setting(strides, padding), size, True)(x, x)
