"""Convolution and pooling in NumPy: what the Ops do where nothing compiles them.

Images are (n, h, w, c), kernels (kh, kw, c, filters). Each function has a twin of its name in
`by_numba` and in `by_jax`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minitheanonet.engine.images.windows import Axis, Pair, Setting, axes, before, count, reach

Places = Iterator[tuple[Pair, tuple[slice, ...]]]


def convolve(setting: Setting, x: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Return y[b, i, j] = Σ_{q, r} x[b, i·stride + q·dilation, j·stride + r·dilation] W[q, r]."""
    both = axes(setting, x.shape, W.shape[:2])
    x = padded(both, x)
    return sum(np.tensordot(x[here], W[place], 1) for place, here in places(both))


def kernel_gradient(setting: Setting, x: np.ndarray, g: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Return the gradient of Σ g · convolve(x, W) by W, whose values it needs not."""
    both = axes(setting, x.shape, W.shape[:2])
    x, gradient = padded(both, x), np.empty_like(W)
    for place, here in places(both):
        gradient[place] = np.tensordot(x[here], g, ((0, 1, 2), (0, 1, 2)))
    return gradient


def image_gradient(setting: Setting, W: np.ndarray, g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the gradient of Σ g · convolve(x, W) by x, whose values it needs not."""
    both = axes(setting, x.shape, W.shape[:2])
    gradient = padded(both, np.zeros_like(x))
    for place, here in places(both):
        gradient[here] += np.tensordot(g, W[place].T, 1)
    return cropped(both, gradient)


def take_largest(
    setting: Setting, size: Pair, x: np.ndarray, values: np.ndarray, np: Any = np
) -> np.ndarray:
    """Return the entries of `values` where x is largest, in each window and channel.

    Of equal ones it is the first, of NaNs the last. `np` may be JAX's.
    """
    both = axes(setting, x.shape, size)
    chosen, values = _largest(both, x, np), padded(both, values, np)
    taken = np.zeros(chosen.shape, x.dtype)
    for number, (_, here) in enumerate(places(both)):
        taken = np.where(chosen == number, values[here], taken)
    return taken


def put_largest(setting: Setting, size: Pair, x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the gradient of Σ g · take_largest(x, values) by `values`."""
    both = axes(setting, x.shape, size)
    chosen, gradient = _largest(both, x), padded(both, np.zeros_like(x))
    for number, (_, here) in enumerate(places(both)):
        gradient[here] += np.where(chosen == number, g, 0)
    return cropped(both, gradient)


def average(setting: Setting, size: Pair, x: np.ndarray, np: Any = np) -> np.ndarray:
    """Return the mean of each window's entries that lie within the image, by channel."""
    both = axes(setting, x.shape, size)
    x, inside = padded(both, x, np), _inside(both, x.dtype)
    return sum(x[here] for _, here in places(both)) / sum(inside[at] for _, at in places(both))


def average_gradient(setting: Setting, size: Pair, x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the gradient of Σ g · average(x) by x, whose values it needs not."""
    both = axes(setting, x.shape, size)
    inside = _inside(both, x.dtype)
    share = g / sum(inside[here] for _, here in places(both))
    gradient = padded(both, np.zeros_like(x))
    for _, here in places(both):
        gradient[here] += share
    return cropped(both, gradient)


def padded(both: list[Axis], x: np.ndarray, np: Any = np) -> np.ndarray:
    """Return images with zeros around them, wherever windows reach over their edges."""
    first = [before(*axis) for axis in both]
    more = [max(reach(*axis) - n - axis[0], 0) for n, axis in zip(first, both, strict=True)]
    return np.pad(x, [(0, 0), *zip(first, more, strict=True), (0, 0)])


def cropped(both: list[Axis], x: np.ndarray) -> np.ndarray:
    """Return what lies within the edges of padded images."""
    rows, columns = (slice(before(*axis), before(*axis) + axis[0]) for axis in both)
    return x[:, rows, columns]


def places(both: list[Axis]) -> Places:
    """Yield each place in a window, and where the entries at that place lie in padded images."""
    for place in np.ndindex(*(size for _, size, *_ in both)):
        starts = [k * axis[3] for k, axis in zip(place, both, strict=True)]
        here = [
            slice(start, start + (count(*axis) - 1) * axis[2] + 1, axis[2])
            for start, axis in zip(starts, both, strict=True)
        ]
        yield place, (slice(None), *here)


def _inside(both: list[Axis], dtype: np.dtype) -> np.ndarray:
    """Return one where padded images have entries of their own, zero around them."""
    return padded(both, np.ones((1, both[0][0], both[1][0], 1), dtype))


def _largest(both: list[Axis], x: np.ndarray, np: Any = np) -> np.ndarray:
    """Return the number of the place in each window, by channel, where x is largest."""
    inside, x = _inside(both, bool), padded(both, x, np)
    chosen, largest = -1, x.dtype.type(0)
    for number, (_, here) in enumerate(places(both)):
        new = x[here]
        better = inside[here] & ((new > largest) | np.isnan(new) | (chosen == -1))
        chosen, largest = np.where(better, number, chosen), np.where(better, new, largest)
    return chosen
