"""The convolutional layer, of images."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import positive_int
from minitheanonet.engine import Variable
from minitheanonet.engine.images import conv2d
from minitheanonet.layers.features import check_dtype
from minitheanonet.layers.initializers import GlorotUniform, Zeros
from minitheanonet.layers.windowed import Both, Windowed


class Conv2D(Windowed):
    """A convolution of images: in each window a fully connected layer, everywhere the same one.

    y[b, i, j, f] = b[f] + Σ_{q, r, c} x[b, i·stride + q·dilation, j·stride + r·dilation, c]
    W[q, r, c, f]

    Parameters
    ----------
    n_in, n_out : int
        Numbers of channels of an input and of an output.
    size : int or (rows, columns)
        Of the window.
    strides : int or (rows, columns), default 1
        How far apart windows begin.
    padding : {"valid", "same"}, default "valid"
        "valid" has all windows within the image, "same" as many as there are pixels, over the
        strides: zeros lie around it, one more at the end if their number is odd.
    dilation : int or (rows, columns), default 1
        How far apart the pixels of a window lie.
    W : initialiser, array, shared or symbolic variable, shape (rows, columns, n_in, n_out)
        The kernel; Glorot uniform by default.
    b : the same, shape (n_out,), or None
        The biases; zeros by default. None leaves them out.
    name, dtype, seed
        As for every `Layer`.

    Raises
    ------
    ValueError
        If a number isn't positive and whole, a parameter's shape is not the expected one, or
        images are no such or smaller than a window.
    TypeError
        If a symbolic parameter, or the input, is not of the layer's dtype.

    Notes
    -----
    Called with x of shape (n, height, width, n_in), it gives (n, rows, columns, n_out). Strides and
    dilation may both be above 1; Keras refuses that, and so a model file can't hold it.

    References
    ----------
    Y. LeCun et al., "Gradient-based learning applied to document recognition", Proceedings of the
    IEEE 86, 1998, section II.

    Examples
    --------
    >>> Conv2D(1, 32, 3).output_shape((28, 28, 1))
    (26, 26, 32)
    >>> Conv2D(1, 1, 2, W=[[[[1]], [[1]]], [[[1]], [[1]]]]).predict([[[[1], [2]], [[3], [4]]]])
    array([[[[10.]]]], dtype=float32)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        size: Both,
        strides: Both = 1,
        padding: str = "valid",
        dilation: Both = 1,
        W: Any = GlorotUniform(),
        b: Any = Zeros(),
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(size, strides, padding, dilation, name=name, dtype=dtype, seed=seed)
        self.n_in = positive_int(n_in, "Conv2D: n_in")
        self.n_out = positive_int(n_out, "Conv2D: n_out")
        self.W = self.parameter("W", W, (*self.size, self.n_in, self.n_out))
        self.b = None if b is None else self.parameter("b", b, (self.n_out,))

    def apply(self, x: Variable) -> Variable:
        check_dtype(self, x)
        y = conv2d(x, self.W, self.strides, self.padding, self.dilation)
        return y if self.b is None else y + self.b
