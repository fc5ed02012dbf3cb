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
_OUTPUT, _KERNEL, _IMAGES = range(3)

for rule in (extent, count, reach, before):
    register_jitable(rule)


@njit
def counts(setting, shape, size):
    """Return the numbers of windows on both axes of images (n, h, w, c)."""
    stride, across, dilation, beside, same = setting
    rows = count(shape[1], size[0], stride, dilation, same)
    columns = count(shape[2], size[1], across, beside, same)
    if rows < 1 or columns < 1:
        raise ValueError("windows are larger than the images they lie on.")
    return rows, columns


@njit
def unroll(setting, size, lines, windows):
    """Write each window of images, given as lines (n, h, w·c), along the last axis of `windows`."""
    n, rows, columns, k = windows.shape
    stride, across, dilation, beside, _ = setting
    c = k // (size[0] * size[1])
    # Undilated, a window's entries of one row are one run in memory.
    runs, run = (1, size[1] * c) if beside == 1 else (size[1], c)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                for q in range(size[0]):
                    for r in range(runs):
                        to, start = (q * runs + r) * run, (j * across + r * beside) * c
                        for t in range(run):
                            windows[b, i, j, to + t] = lines[b, i * stride + q * dilation, start + t]


@njit
def roll(setting, size, windows, lines):
    """Add each window to where `unroll` took it from."""
    n, rows, columns, k = windows.shape
    stride, across, dilation, beside, _ = setting
    c = k // (size[0] * size[1])
    runs, run = (1, size[1] * c) if beside == 1 else (size[1], c)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                for q in range(size[0]):
                    for r in range(runs):
                        to, start = (q * runs + r) * run, (j * across + r * beside) * c
                        for t in range(run):
                            lines[b, i * stride + q * dilation, start + t] += windows[b, i, j, to + t]


@njit
def products(of, setting, x, W, y):
    """Fill y from x and W, add to W from x and y, or fill x from W and y: block by block."""
    n, h, w, c = x.shape
    size, f = W.shape[:2], W.shape[3]
    rows, columns = y.shape[1], y.shape[2]
    stride, across, dilation, beside, same = setting
    top = before(h, size[0], stride, dilation, same)
    left = before(w, size[1], across, beside, same)
    height = max(reach(h, size[0], stride, dilation, same), top + h)
    width = max(reach(w, size[1], across, beside, same), left + w)
    k = size[0] * size[1] * c
    m = min(n, max(1, _BLOCK // (rows * columns * k)))
    kernel, part = W.reshape(k, f), np.empty((k, f), x.dtype)
    images = np.zeros((m, height, width, c), x.dtype)
    lines = images.reshape(m, height, width * c)
    cols = np.empty((m, rows, columns, k), x.dtype)
    for start in range(0, n, m):
        end = min(n, start + m)
        block = end - start
        results, unrolled = y[start:end].reshape(-1, f), cols[:block].reshape(-1, k)
        inside = images[:block, top : top + h, left : left + w]
        if of == _IMAGES:
            np.dot(results, kernel.T, unrolled)
            images[:] = 0
            roll(setting, size, cols[:block], lines)
            x[start:end] = inside
        else:
            inside[:] = x[start:end]
            unroll(setting, size, lines, cols[:block])
            if of == _OUTPUT:
                np.dot(unrolled, kernel, results)
            else:
                np.dot(unrolled.T, results, part)
                kernel += part


@njit
def convolve(setting, x, W):
    """Fill the output."""
    rows, columns = counts(setting, x.shape, W.shape[:2])
    y = np.empty((x.shape[0], rows, columns, W.shape[3]), x.dtype)
    products(_OUTPUT, setting, np.ascontiguousarray(x), np.ascontiguousarray(W), y)
    return y


@njit
def kernel_gradient(setting, x, g, W):
    """Fill the kernel's gradient."""
    gradient = np.zeros(W.shape, x.dtype)
    products(_KERNEL, setting, np.ascontiguousarray(x), gradient, np.ascontiguousarray(g))
    return gradient


@njit
def image_gradient(setting, W, g, x):
    """Fill the images' gradient."""
    gradient = np.empty(x.shape, x.dtype)
    products(_IMAGES, setting, gradient, np.ascontiguousarray(W), np.ascontiguousarray(g))
    return gradient


@njit
def edges(setting, size, shape, i, j):
    """Return where a window begins and ends within the image: top, bottom, left, right."""
    stride, across, _, _, same = setting
    top = i * stride - before(shape[1], size[0], stride, 1, same)
    left = j * across - before(shape[2], size[1], across, 1, same)
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


@njit
def take_largest(setting, size, x, values):
    """Go through the places of a window, all channels at a time."""
    n, _, _, c = x.shape
    rows, columns = counts(setting, x.shape, size)
    y, largest, chosen = np.empty((n, rows, columns, c), x.dtype), np.empty(c, x.dtype), np.empty(c, np.int32)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                window = edges(setting, size, x.shape, i, j)
                find_largest(x[b], size, window, largest, chosen)
                top, bottom, left, right = window
                for u in range(top, bottom):
                    for v in range(left, right):
                        place = np.int32((u - top) * size[1] + v - left)
                        for t in range(c):
                            # Both are read before one is chosen, or else no vector unit serves.
                            new, old = values[b, u, v, t], y[b, i, j, t]
                            y[b, i, j, t] = new if chosen[t] == place else old
    return y


@njit
def put_largest(setting, size, x, g):
    """Find the places anew, and add the gradients there."""
    n, rows, columns, c = g.shape
    gradient, largest, chosen = np.zeros(x.shape, x.dtype), np.empty(c, x.dtype), np.empty(c, np.int32)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                window = edges(setting, size, x.shape, i, j)
                find_largest(x[b], size, window, largest, chosen)
                top, bottom, left, right = window
                for u in range(top, bottom):
                    for v in range(left, right):
                        place = np.int32((u - top) * size[1] + v - left)
                        for t in range(c):
                            gradient[b, u, v, t] += g[b, i, j, t] if chosen[t] == place else 0
    return gradient


@njit
def average(setting, size, x):
    """Add up a window's entries, and divide by how many they are."""
    n, _, _, c = x.shape
    rows, columns = counts(setting, x.shape, size)
    y = np.zeros((n, rows, columns, c), x.dtype)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                top, bottom, left, right = edges(setting, size, x.shape, i, j)
                for u in range(top, bottom):
                    for v in range(left, right):
                        for t in range(c):
                            y[b, i, j, t] += x[b, u, v, t]
                for t in range(c):
                    y[b, i, j, t] /= (bottom - top) * (right - left)
    return y


@njit
def average_gradient(setting, size, x, g):
    """Give each entry of a window its share."""
    n, rows, columns, c = g.shape
    gradient = np.zeros(x.shape, x.dtype)
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                top, bottom, left, right = edges(setting, size, x.shape, i, j)
                for u in range(top, bottom):
                    for v in range(left, right):
                        for t in range(c):
                            gradient[b, u, v, t] += g[b, i, j, t] / ((bottom - top) * (right - left))
    return gradient


# The engine keeps what it compiled under an Op's name: with other loops it must not find that.
_SOURCE = inspect.getsource(windows) + inspect.getsource(sys.modules[__name__])
_VERSION = zlib.crc32(_SOURCE.encode())


def register(kind: type, kernel: Any) -> None:
    """Have Numba compute an Op by a kernel."""

    @register_funcify_default_op_cache_key(kind)
    def converted(op: Any, **others: Any) -> Any:
        options = op.options

        @numba_njit
        def compute(*arrays):
            return kernel(*options, *arrays)

        return compute, _VERSION


for kind in ops.KINDS:
    register(kind, globals()[kind.function])
