"""Pooling: images made smaller, each channel on its own."""

from __future__ import annotations

from minitheanonet.engine import T, Variable
from minitheanonet.engine.images import average_pool2d, max_pool2d
from minitheanonet.layers.layer import Shape
from minitheanonet.layers.windowed import Both, OnImages, Windowed


class _Pool2D(Windowed):
    def __init__(
        self,
        size: Both = 2,
        strides: Both | None = None,
        padding: str = "valid",
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(size, size if strides is None else strides, padding, name=name)


class MaxPool2D(_Pool2D):
    """The largest entry of each window, for each channel.

    Parameters
    ----------
    size : int or (rows, columns), default 2
        Of the window.
    strides : int or (rows, columns), optional
        How far apart windows begin; as far as they are large, if left out.
    padding : {"valid", "same"}, default "valid"
        As for `Conv2D`; what lies around the image is never the largest.
    name : str, optional

    Raises
    ------
    ValueError
        If a number isn't positive and whole, or images are no such or smaller than a window.

    Notes
    -----
    Takes (n, height, width, channels) and gives (n, rows, columns, channels). The gradient goes to
    the largest entry, the first of equal ones. NaN is larger than any number, so that a fault
    upstream is seen.

    Examples
    --------
    >>> MaxPool2D().predict([[[[1], [5]], [[3], [2]]]])
    array([[[[5.]]]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return max_pool2d(x, self.size, self.strides, self.padding)


class AveragePool2D(_Pool2D):
    """The mean of each window, for each channel.

    Parameters
    ----------
    size, strides, padding, name
        As for `MaxPool2D`; what lies around the image doesn't count.

    Raises
    ------
    ValueError
        As for `MaxPool2D`.

    Examples
    --------
    >>> AveragePool2D().predict([[[[1], [5]], [[3], [2]]]])
    array([[[[2.75]]]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return average_pool2d(x, self.size, self.strides, self.padding)


class GlobalAveragePool2D(OnImages):
    """The mean of each channel over the whole image: (n, height, width, channels) → (n, channels).

    References
    ----------
    M. Lin, Q. Chen and S. Yan, "Network in network", ICLR 2014, section 3.2.

    Examples
    --------
    >>> GlobalAveragePool2D().predict([[[[1], [5]], [[3], [2]]]])
    array([[2.75]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return T.mean(x, axis=(1, 2), acc_dtype=x.dtype)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return (channels,) for (height, width, channels)."""
        return None if input_shape is None else self.checked(input_shape)[2:]
