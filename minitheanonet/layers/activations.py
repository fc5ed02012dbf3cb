"""Activations: functions of each entry, and the softmax of each row."""

from __future__ import annotations

import math
from typing import Any

from minitheanonet.checks import not_negative
from minitheanonet.engine import T, Variable, floats, rectify, sigmoid, softmax
from minitheanonet.layers.layer import Layer, Shape


class Elementwise(Layer):
    """What gives each entry a value of its own: a subclass's ``apply(x)``, x of a float type."""

    def forward(self, x: Variable, training: Any = None) -> Variable:
        return self.apply(floats(x, f"{self!r}: the input"))

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape


class ReLU(Elementwise):
    """The rectifier: max(0, x), elementwise.

    Notes
    -----
    At 0, where it has no derivative, 0 is taken for it. NaN stays NaN, so that a fault upstream
    is seen.

    References
    ----------
    V. Nair and G. Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    Examples
    --------
    >>> ReLU().predict([[-1, 2]])
    array([[0., 2.]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return rectify(x)


class LeakyReLU(Elementwise):
    """The leaky rectifier: x where x > 0, else slope · x.

    Parameters
    ----------
    slope : float, default 0.3
        Keras's default; PyTorch has 0.01.
    name : str, optional

    References
    ----------
    A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network acoustic
    models", 2013.

    Examples
    --------
    >>> LeakyReLU(0.5).predict([[-1, 2]])
    array([[-0.5,  2. ]], dtype=float32)
    """

    def __init__(self, slope: float = 0.3, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.slope = not_negative(slope, "LeakyReLU: slope")

    def apply(self, x: Variable) -> Variable:
        return rectify(x, self.slope * x)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope:g})"


class ELU(Elementwise):
    """The exponential linear unit: x where x > 0, else α (exp(x) - 1).

    Parameters
    ----------
    alpha : float, default 1
        α.
    name : str, optional

    References
    ----------
    D. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", ICLR 2016, equation 15.

    Examples
    --------
    >>> ELU().predict([[0, 2]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.alpha = not_negative(alpha, "ELU: alpha")

    def apply(self, x: Variable) -> Variable:
        # The exponential of what is above 0 might overflow, and its gradient be NaN.
        return rectify(x, self.alpha * T.expm1(x - rectify(x)))

    def __repr__(self) -> str:
        return f"ELU({self.alpha:g})"


class GELU(Elementwise):
    """The Gaussian error linear unit: x Φ(x), Φ the normal distribution function.

    References
    ----------
    D. Hendrycks and K. Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415, 2016,
    section 2; the exact form, as Keras and PyTorch have it by default.

    Examples
    --------
    >>> GELU().predict([[0, 10]])
    array([[ 0., 10.]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return 0.5 * x * (1 + T.erf(x * math.sqrt(0.5)))


class Softplus(Elementwise):
    """A smooth rectifier: log(1 + exp(x)), elementwise, without overflow.

    References
    ----------
    C. Dugas et al., "Incorporating second-order functional knowledge for better option pricing",
    NIPS 2000.

    Examples
    --------
    >>> Softplus().predict([[-1000, 1000]])
    array([[   0., 1000.]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        # |x| / 2 and x / 2 make the rectifier, with the right derivative at 0.
        return 0.5 * (abs(x) + x) + T.log1p(T.exp(-abs(x)))


class Sigmoid(Elementwise):
    """The logistic function: 1 / (1 + exp(-x)), elementwise.

    Examples
    --------
    >>> Sigmoid().predict([[0]])
    array([[0.5]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return sigmoid(x)


class Tanh(Elementwise):
    """The hyperbolic tangent, elementwise.

    Examples
    --------
    >>> Tanh().predict([[0]])
    array([[0.]], dtype=float32)
    """

    def apply(self, x: Variable) -> Variable:
        return T.tanh(x)


class Softmax(Layer):
    """Probabilities over classes: exp(x_k) / Σ_j exp(x_j) in each row.

    Raises
    ------
    ValueError
        If the input is no matrix, or has one class only: its probability would always be 1.

    Notes
    -----
    Takes and gives (n, classes). The cross-entropy of its output is computed from its input, the
    logits, and so stays finite however large they are.

    References
    ----------
    J. Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990.

    Examples
    --------
    >>> Softmax().predict([[1000, 1000]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = floats(x, f"{self!r}: the input")
        if x.ndim != 2:
            raise ValueError(
                f"{self!r}: expected an input of shape (n, classes), got ndim {x.ndim}. "
                "Flatten() makes matrices of higher-dimensional inputs."
            )
        return softmax(x)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape, after checking that it is a vector's."""
        if input_shape is not None and len(input_shape) != 1:
            raise ValueError(
                f"{self!r}: expected examples of shape (classes,), got {input_shape}. "
                "Put a Flatten() before it."
            )
        if input_shape == (1,):
            raise ValueError(
                f"{self!r}: of one output it is always 1. For two classes end the network with "
                "Sigmoid() and take binary_crossentropy, or give it two outputs."
            )
        return input_shape
