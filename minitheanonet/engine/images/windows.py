"""Where windows lie on images: plain arithmetic, of numbers and of symbolic lengths alike.

A window is `size` entries, `dilation` apart; the next begins `stride` entries further on. With
"valid" padding all windows lie within the image. With "same" there is one for every `stride`
entries, and they reach over both edges, by one more over the last if the number is odd.
"""

from __future__ import annotations

from typing import Any

Pair = tuple[int, int]
Setting = tuple[int, int, int, int, int]  # strides, dilations, and whether the padding is "same"
Axis = tuple[int, int, int, int, int]  # length, size, stride, dilation, same


def setting(strides: Pair, padding: str, dilation: Pair = (1, 1)) -> Setting:
    """Return how windows lie, as five numbers.

    Examples
    --------
    >>> setting((2, 1), "same")
    (2, 1, 1, 1, 1)
    """
    return (*strides, *dilation, int(padding == "same"))


def extent(size: Any, dilation: int) -> Any:
    """Return how many entries a window reaches over.

    Examples
    --------
    >>> extent(3, dilation=2)
    5
    """
    return (size - 1) * dilation + 1


def count(length: Any, size: Any, stride: int, dilation: int, same: int) -> Any:
    """Return the number of windows on an axis.

    Examples
    --------
    >>> count(28, 3, 2, 1, same=False), count(28, 3, 2, 1, same=True)
    (13, 14)
    """
    if same:
        return (length + stride - 1) // stride
    return (length - extent(size, dilation)) // stride + 1


def reach(length: int, size: int, stride: int, dilation: int, same: int) -> int:
    """Return how many entries the windows of an axis reach over, all together.

    Examples
    --------
    >>> reach(28, 3, 2, 1, same=False), reach(28, 3, 2, 1, same=True)
    (27, 29)
    """
    return (count(length, size, stride, dilation, same) - 1) * stride + extent(size, dilation)


def before(length: int, size: int, stride: int, dilation: int, same: int) -> int:
    """Return how many entries the first window begins before the image.

    Examples
    --------
    >>> before(28, 3, 1, 1, same=True), before(28, 3, 2, 1, same=True)
    (1, 0)
    """
    if not same:
        return 0
    return max(reach(length, size, stride, dilation, same) - length, 0) // 2


def axes(setting: Setting, shape: tuple[int, ...], size: Pair) -> list[Axis]:
    """Return what the functions above take, for both axes of images (n, h, w, c).

    Raises
    ------
    ValueError
        If a window is larger than the image.
    """
    both = [(shape[1 + k], size[k], setting[k], setting[2 + k], setting[4]) for k in (0, 1)]
    if min(count(*axis) for axis in both) < 1:
        raise ValueError(f"windows of {tuple(size)} don't fit on images of {tuple(shape[1:3])}.")
    return both
