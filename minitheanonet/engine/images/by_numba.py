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
    """Return the numbers of windows on images (n, h, w, c), and what lies above and left of them."""
    stride, across, dilation, beside, same = setting
    rows = count(shape[1], size[0], stride, dilation, same)
    columns = count(shape[2], size[1], across, beside, same)
    if rows < 1 or columns < 1:
        raise ValueError("windows are larger than the images they lie on.")
    top = before(shape[1], size[0], stride, dilation, same)
    return rows, columns, (top, before(shape[2], size[1], across, beside, same))


@njit
def unroll(setting, size, corner, images, windows):
    """Copy each window's entries that lie within the image along the last axis of `windows`."""
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
                    if 0 <= u < h:
                        for r in range(runs):
                            v = (j * across + r * beside - corner[1]) * c
                            begin, end = max(v, 0), min(v + run, lines.shape[2])
                            to = (q * runs + r) * run + begin - v
                            for t in range(end - begin):
                                windows[b, i, j, to + t] = lines[b, u, begin + t]


@njit
def roll(setting, size, corner, windows, images):
    """Add each window's entries to where `unroll` takes them from."""
    n, rows, columns, k = windows.shape
    stride, across, dilation, beside, _ = setting
    h, c = images.shape[1], k // (size[0] * size[1])
    lines = images.reshape(len(images), h, images.shape[2] * c)
    runs, run = (1, size[1] * c) if beside == 1 else (size[1], c)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                for q in range(size[0]):
                    u = i * stride + q * dilation - corner[0]
                    if 0 <= u < h:
                        for r in range(runs):
                            v = (j * across + r * beside - corner[1]) * c
                            begin, end = max(v, 0), min(v + run, lines.shape[2])
                            to = (q * runs + r) * run + begin - v
                            for t in range(end - begin):
                                lines[b, u, begin + t] += windows[b, i, j, to + t]


def convolve(setting):
    """Unroll a block of windows, and multiply it by the kernel."""

    @numba_njit
    def convolve(x, W):
        x, kernel = np.ascontiguousarray(x), np.ascontiguousarray(W).reshape(-1, W.shape[3])
        n, (k, f), size = len(x), kernel.shape, W.shape[:2]
        rows, columns, corner = grid(setting, x.shape, size)
        y = np.empty((n, rows, columns, f), x.dtype)
        m = min(n, max(1, _BLOCK // (rows * columns * k)))
        windows = np.zeros((m, rows, columns, k), x.dtype)
        for start in range(0, n, m):
            end = min(n, start + m)
            block = windows[: end - start]
            unroll(setting, size, corner, x[start:end], block)
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
        m = min(n, max(1, _BLOCK // (rows * columns * k)))
        windows = np.zeros((m, rows, columns, k), x.dtype)
        for start in range(0, n, m):
            end = min(n, start + m)
            block = windows[: end - start]
            unroll(setting, size, corner, x[start:end], block)
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
        m = min(n, max(1, _BLOCK // (rows * columns * k)))
        windows = np.empty((m, rows, columns, k), x.dtype)
        for start in range(0, n, m):
            end = min(n, start + m)
            block = windows[: end - start]
            np.dot(g[start:end].reshape(-1, f), kernel.T, block.reshape(-1, k))
            roll(setting, size, corner, block, gradient[start:end])
        return gradient

    return image_gradient


@njit
def edges(setting, size, corner, shape, i, j):
    """Return where a window begins and ends within the image: top, bottom, left, right."""
    top, left = i * setting[0] - corner[0], j * setting[1] - corner[1]
    bottom, right = min(top + size[0], shape[1]), min(left + size[1], shape[2])
    return max(top, 0), bottom, max(left, 0), right


@njit
def find_largest(image, size, window, largest, chosen):
    """Note in which place of a window each channel is largest: of NaNs the last, else the first."""
    top, bottom, left, right = window
    for t in range(len(chosen)):
        largest[t], chosen[t] = image[top, left, t], 0
    for u in range(top, bottom):
        for v in range(left, right):
            place = np.int32((u - top) * size[1] + v - left)
            for t in range(len(chosen)):
                new = image[u, v, t]
                better = (new > largest[t]) | (new != new)
                largest[t] = new if better else largest[t]
                chosen[t] = place if better else chosen[t]


def take_largest(setting, size):
    """Find each window's largest places, and copy what is there."""

    @numba_njit
    def take_largest(x, values):
        n, _, _, c = x.shape
        rows, columns, corner = grid(setting, x.shape, size)
        y = np.empty((n, rows, columns, c), x.dtype)
        largest, chosen = np.empty(c, x.dtype), np.empty(c, np.int32)
        for b in range(n):
            for i in range(rows):
                for j in range(columns):
                    window = edges(setting, size, corner, x.shape, i, j)
                    find_largest(x[b], size, window, largest, chosen)
                    top, bottom, left, right = window
                    for u in range(top, bottom):
                        for v in range(left, right):
                            place = np.int32((u - top) * size[1] + v - left)
                            for t in range(c):
                                # Both are read before one is chosen, or no vector unit serves.
                                new, old = values[b, u, v, t], y[b, i, j, t]
                                y[b, i, j, t] = new if chosen[t] == place else old
        return y

    return take_largest


def put_largest(setting, size):
    """Find each window's largest places anew, and add the gradient there."""

    @numba_njit
    def put_largest(x, g):
        n, rows, columns, c = g.shape
        _, _, corner = grid(setting, x.shape, size)
        gradient = np.zeros(x.shape, x.dtype)
        largest, chosen = np.empty(c, x.dtype), np.empty(c, np.int32)
        for b in range(n):
            for i in range(rows):
                for j in range(columns):
                    window = edges(setting, size, corner, x.shape, i, j)
                    find_largest(x[b], size, window, largest, chosen)
                    top, bottom, left, right = window
                    for u in range(top, bottom):
                        for v in range(left, right):
                            place = np.int32((u - top) * size[1] + v - left)
                            for t in range(c):
                                gradient[b, u, v, t] += g[b, i, j, t] if chosen[t] == place else 0
        return gradient

    return put_largest


def average(setting, size):
    """Add up each window's entries, and divide by how many they are."""

    @numba_njit
    def average(x):
        n, _, _, c = x.shape
        rows, columns, corner = grid(setting, x.shape, size)
        y = np.zeros((n, rows, columns, c), x.dtype)
        for b in range(n):
            for i in range(rows):
                for j in range(columns):
                    top, bottom, left, right = edges(setting, size, corner, x.shape, i, j)
                    for u in range(top, bottom):
                        for v in range(left, right):
                            for t in range(c):
                                y[b, i, j, t] += x[b, u, v, t]
                    for t in range(c):
                        y[b, i, j, t] /= (bottom - top) * (right - left)
        return y

    return average


def average_gradient(setting, size):
    """Give each entry of a window its share of the gradient."""

    @numba_njit
    def average_gradient(x, g):
        n, rows, columns, c = g.shape
        _, _, corner = grid(setting, x.shape, size)
        gradient = np.zeros(x.shape, x.dtype)
        for b in range(n):
            for i in range(rows):
                for j in range(columns):
                    top, bottom, left, right = edges(setting, size, corner, x.shape, i, j)
                    area = (bottom - top) * (right - left)
                    for u in range(top, bottom):
                        for v in range(left, right):
                            for t in range(c):
                                gradient[b, u, v, t] += g[b, i, j, t] / area
        return gradient

    return average_gradient


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
