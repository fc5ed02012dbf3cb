"""Convolution and pooling for Numba: loops that it compiles, and a matrix product for each block.

The windows of a few images are unrolled at a time, as many as stay in the processor's cache, and
multiplied there.
"""

from __future__ import annotations

import inspect
import sys
import zlib
from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from minitheanonet.engine.images import ops, windows
from minitheanonet.engine.images.windows import before, count, extent, reach

_BLOCK = 2**18  # how many numbers of unrolled windows are made at a time

for rule in (extent, count, reach, before):
    register_jitable(rule)


@njit
def grid(setting, shape, size):
    """Return the numbers of windows on both axes, and how far over the edges the first one lies."""
    stride, across, dilation, beside, same = setting
    rows = count(shape[1], size[0], stride, dilation, same)
    columns = count(shape[2], size[1], across, beside, same)
    if rows < 1 or columns < 1:
        raise ValueError("windows are larger than the images they lie on.")
    top = before(shape[1], size[0], stride, dilation, same)
    return rows, columns, (top, before(shape[2], size[1], across, beside, same))


@njit
def unroll(setting, size, corner, images, windows, back):
    """Copy what each window has of the image along the last axis of `windows`, or add it back.

    What reaches over the edges is left as it is.
    """
    n, rows, columns, k = windows.shape
    stride, across, dilation, beside, _ = setting
    h, c = images.shape[1], k // (size[0] * size[1])
    lines = images.reshape(len(images), h, images.shape[2] * c)
    # Undilated, a window's entries of one row are one run in memory.
    runs, run = (1, size[1] * c) if beside == 1 else (size[1], c)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                for q in range(size[0]):
                    u = i * stride + q * dilation - corner[0]
                    for r in range(runs if 0 <= u < h else 0):
                        v = (j * across + r * beside - corner[1]) * c
                        begin, end = max(v, 0), min(v + run, lines.shape[2])
                        to = (q * runs + r) * run + begin - v
                        if back:
                            for t in range(end - begin):
                                lines[b, u, begin + t] += windows[b, i, j, to + t]
                        else:
                            for t in range(end - begin):
                                windows[b, i, j, to + t] = lines[b, u, begin + t]


@njit
def workspace(x, rows, columns, k):
    """Return memory for the windows of a few images, with zeros where they reach over the edges."""
    m = min(len(x), max(1, _BLOCK // (rows * columns * k)))
    return np.zeros((m, rows, columns, k), x.dtype)


def convolve(setting):
    """Unroll a block of windows, and multiply it by the kernel."""

    @numba_njit
    def convolve(x, W):
        if x.shape[3] != W.shape[2]:
            raise ValueError("the images have other channels than the kernel.")
        x, kernel = np.ascontiguousarray(x), np.ascontiguousarray(W).reshape(-1, W.shape[3])
        n, (k, f), size = len(x), kernel.shape, W.shape[:2]
        rows, columns, corner = grid(setting, x.shape, size)
        y = np.empty((n, rows, columns, f), x.dtype)
        windows = workspace(x, rows, columns, k)
        for start in range(0, n, len(windows)):
            end = min(n, start + len(windows))
            block = windows[: end - start]
            unroll(setting, size, corner, x[start:end], block, False)
            np.dot(block.reshape(-1, k), kernel, y[start:end].reshape(-1, f))
        return y

    return convolve


def kernel_gradient(setting):
    """Unroll a block of windows, and multiply it by the outputs' gradient."""

    @numba_njit
    def kernel_gradient(x, g, W):
        x, g, f = np.ascontiguousarray(x), np.ascontiguousarray(g), W.shape[3]
        n, k, size = len(x), W.size // f, W.shape[:2]
        rows, columns, corner = grid(setting, x.shape, size)
        gradient, part = np.zeros((k, f), x.dtype), np.empty((k, f), x.dtype)
        windows = workspace(x, rows, columns, k)
        for start in range(0, n, len(windows)):
            end = min(n, start + len(windows))
            block = windows[: end - start]
            unroll(setting, size, corner, x[start:end], block, False)
            np.dot(block.reshape(-1, k).T, g[start:end].reshape(-1, f), part)
            gradient += part
        return gradient.reshape(W.shape)

    return kernel_gradient


def image_gradient(setting):
    """Multiply a block of the outputs' gradient by the kernel, and roll it up."""

    @numba_njit
    def image_gradient(W, g, x):
        g, kernel = np.ascontiguousarray(g), np.ascontiguousarray(W).reshape(-1, W.shape[3])
        n, (k, f), size = len(x), kernel.shape, W.shape[:2]
        rows, columns, corner = grid(setting, x.shape, size)
        gradient = np.zeros(x.shape, x.dtype)
        windows = workspace(x, rows, columns, k)
        for start in range(0, n, len(windows)):
            end = min(n, start + len(windows))
            block = windows[: end - start]
            np.dot(g[start:end].reshape(-1, f), kernel.T, block.reshape(-1, k))
            unroll(setting, size, corner, gradient[start:end], block, True)
        return gradient

    return image_gradient


@njit
def find_largest(image, places, window, largest, chosen):
    """Note at which place of a window each channel is largest: of NaNs the last, else the first."""
    top, bottom, left, right = window
    for t in range(len(chosen)):
        largest[t], chosen[t] = image[top, left, t], 0
    for u in range(top, bottom):
        for v in range(left, right):
            place = np.int32((u - top) * places + v - left)
            for t in range(len(chosen)):
                new = image[u, v, t]
                better = (new > largest[t]) | (new != new)
                largest[t] = new if better else largest[t]
                chosen[t] = place if better else chosen[t]


@njit
def exchange(setting, size, mean, x, images, windows, back):
    """Add to each window what the image has in it, or to the image what the window has.

    That is the mean, or the entry where x is largest.
    """
    n, h, w, c = x.shape
    rows, columns, corner = grid(setting, x.shape, size)
    largest, chosen = np.empty(c, x.dtype), np.empty(c, np.int32)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                top, left = i * setting[0] - corner[0], j * setting[1] - corner[1]
                bottom, right = min(top + size[0], h), min(left + size[1], w)
                top, left = max(top, 0), max(left, 0)
                share = x.dtype.type(1 / ((bottom - top) * (right - left)) if mean else 1)
                if not mean:
                    find_largest(x[b], size[1], (top, bottom, left, right), largest, chosen)
                for u in range(top, bottom):
                    for v in range(left, right):
                        place = np.int32((u - top) * size[1] + v - left)
                        for t in range(c):
                            # Both are read before one is chosen, or no vector unit serves.
                            one, other = images[b, u, v, t], windows[b, i, j, t]
                            has = mean or chosen[t] == place
                            if back:
                                images[b, u, v, t] = one + (other * share if has else 0)
                            else:
                                windows[b, i, j, t] = other + (one * share if has else 0)


def pool(setting, size, mean):
    """Fill the windows."""

    @numba_njit
    def pool(x, values):
        rows, columns, _ = grid(setting, x.shape, size)
        y = np.zeros((len(x), rows, columns, x.shape[3]), x.dtype)
        exchange(setting, size, mean, x, values, y, False)
        return y

    return pool


def unpool(setting, size, mean):
    """Fill the images' gradient."""

    @numba_njit
    def unpool(x, g):
        gradient = np.zeros(x.shape, x.dtype)
        exchange(setting, size, mean, x, gradient, g, True)
        return gradient

    return unpool


# The engine keeps what it compiled under an Op's name: with other loops it must not find that.
_SOURCE = inspect.getsource(windows) + inspect.getsource(sys.modules[__name__])
_VERSION = zlib.crc32(_SOURCE.encode())


def register(kind: type, kernel: Any) -> None:
    """Have Numba compute an Op by a kernel."""

    @register_funcify_default_op_cache_key(kind)
    def converted(op: Any, **others: Any) -> Any:
        return kernel(*op.options), _VERSION


for kind in ops.KINDS:
    register(kind, globals()[kind.function])
