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


def pool(
    setting: Setting, size: Pair, mean: bool, x: np.ndarray, values: np.ndarray, np: Any = np
) -> np.ndarray:
    """Return the mean of `values` in each window and channel, or the one where x is largest.

    Of equal ones that is the first, of NaNs the last. `np` may be JAX's.
    """
    both = axes(setting, x.shape, size)
    values = padded(both, values, np)
    return sum(
        share * np.where(share > 0, values[here], 0) for here, share in _shares(both, mean, x, np)
    )


def unpool(setting: Setting, size: Pair, mean: bool, x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the gradient of Σ g · pool(x, values) by `values`."""
    both = axes(setting, x.shape, size)
    gradient = padded(both, np.zeros_like(x))
    for here, share in _shares(both, mean, x):
        gradient[here] += share * np.where(share > 0, g, 0)
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


def _shares(both: list[Axis], mean: bool, x: np.ndarray, np: Any = np) -> Iterator[tuple]:
    """Yield, for each place in a window, where its entries lie and their weight in the window."""
    inside = padded(both, np.ones((1, *x.shape[1:3], 1), x.dtype), np)
    if mean:
        numbers = sum(inside[here] for _, here in places(both))
        yield from ((here, inside[here] / numbers) for _, here in places(both))
        return
    chosen, largest, x = -1, 0, padded(both, x, np)
    for number, (_, here) in enumerate(places(both)):
        new = x[here]
        better = (inside[here] > 0) & ((new > largest) | np.isnan(new) | (chosen == -1))
        chosen, largest = np.where(better, number, chosen), np.where(better, new, largest)
    yield from ((here, (chosen == k).astype(x.dtype)) for k, (_, here) in enumerate(places(both)))
