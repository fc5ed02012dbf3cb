"""Initial weights: each initialiser is a function (shape, rng) → array.

Fan-in and fan-out are the numbers of inputs and outputs of a layer: for a weight matrix of shape
(n_in, n_out) they are n_in and n_out, for a convolution's kernel (..., n_in, n_out) both times the
number of places in a window.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from minitheanonet.checks import number

Shape = tuple[int, ...]
Initializer = Callable[[Shape, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Constant:
    """Every entry is `value`.

    Examples
    --------
    >>> Constant(0.5)((2,), np.random.default_rng(0))
    array([0.5, 0.5])
    """

    value: float

    def __post_init__(self) -> None:
        _finite(self.value, "Constant: value")

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        return np.full(shape, self.value, dtype="float64")


@dataclass(frozen=True)
class Zeros:
    """Every entry is zero: the usual start of a bias.

    Examples
    --------
    >>> Zeros()((2,), np.random.default_rng(0))
    array([0., 0.])
    """

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        return np.zeros(shape)


@dataclass(frozen=True)
class Normal:
    """Entries from the normal distribution N(mean, std²).

    Parameters
    ----------
    std : float, default 0.05
        Standard deviation.
    mean : float, default 0

    Examples
    --------
    >>> Normal(std=0.01)((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """

    std: float = 0.05
    mean: float = 0.0

    def __post_init__(self) -> None:
        _at_least(0, self.std, "Normal: std")
        _finite(self.mean, "Normal: mean")

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(self.mean, self.std, shape)


@dataclass(frozen=True)
class Uniform:
    """Entries from the uniform distribution on [low, high).

    Parameters
    ----------
    low, high : float, default -0.05 and 0.05

    Examples
    --------
    >>> weights = Uniform(-1, 1)((100,), np.random.default_rng(0))
    >>> bool(weights.min() >= -1 and weights.max() < 1)
    True
    """

    low: float = -0.05
    high: float = 0.05

    def __post_init__(self) -> None:
        _finite(self.low, "Uniform: low")
        _at_least(self.low, self.high, "Uniform: high")

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        return rng.uniform(self.low, self.high, shape)


def _uniform(std: float, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    limit = math.sqrt(3) * std  # U(-a, a) has variance a² / 3
    return rng.uniform(-limit, limit, shape)


def _normal(std: float, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0.0, std, shape)


@dataclass(frozen=True)
class _VarianceScaling:
    """Draw with a variance that keeps the size of signals from layer to layer."""

    variance: ClassVar[Callable[[int, int], float]]  # of fan-in and fan-out
    draw: ClassVar[Callable[[float, Shape, np.random.Generator], np.ndarray]]

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        fans = _fans(shape, type(self).__name__)
        return type(self).draw(math.sqrt(type(self).variance(*fans)), shape, rng)


def _glorot(fan_in: int, fan_out: int) -> float:
    return 2 / (fan_in + fan_out)


def _he(fan_in: int, fan_out: int) -> float:
    return 2 / fan_in


def _lecun(fan_in: int, fan_out: int) -> float:
    return 1 / fan_in


class GlorotUniform(_VarianceScaling):
    """U(-a, a) with a = √(6 / (fan-in + fan-out)); the default of `Dense`.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 16.

    Examples
    --------
    >>> weights = GlorotUniform()((784, 512), np.random.default_rng(0))
    >>> bool(abs(weights).max() <= np.sqrt(6 / (784 + 512)))
    True
    """

    variance, draw = staticmethod(_glorot), staticmethod(_uniform)


class GlorotNormal(_VarianceScaling):
    """N(0, 2 / (fan-in + fan-out)).

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 12.

    Examples
    --------
    >>> GlorotNormal()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """

    variance, draw = staticmethod(_glorot), staticmethod(_normal)


class HeUniform(_VarianceScaling):
    """U(-a, a) with a = √(6 / fan-in): for layers that a ReLU follows.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.

    Examples
    --------
    >>> HeUniform()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """

    variance, draw = staticmethod(_he), staticmethod(_uniform)


class HeNormal(_VarianceScaling):
    """N(0, 2 / fan-in): for layers that a ReLU follows.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.

    Examples
    --------
    >>> HeNormal()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """

    variance, draw = staticmethod(_he), staticmethod(_normal)


class LeCunUniform(_VarianceScaling):
    """U(-a, a) with a = √(3 / fan-in).

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", 1998, equation 16.

    Examples
    --------
    >>> LeCunUniform()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """

    variance, draw = staticmethod(_lecun), staticmethod(_uniform)


class LeCunNormal(_VarianceScaling):
    """N(0, 1 / fan-in).

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", 1998, equation 16.

    Examples
    --------
    >>> LeCunNormal()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """

    variance, draw = staticmethod(_lecun), staticmethod(_normal)


@dataclass(frozen=True)
class Orthogonal:
    """A matrix whose rows or columns (whichever are fewer) are orthogonal, of length `gain`.

    A kernel (..., n_in, n_out) is drawn as the matrix that has a row for all but its last axis.

    Parameters
    ----------
    gain : float, default 1

    References
    ----------
    A. Saxe, J. McClelland and S. Ganguli, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks", ICLR 2014. The signs are mended as in F. Mezzadri, "How to
    generate random matrices from the classical compact groups", Notices of the AMS 54, 2007.

    Examples
    --------
    >>> Q = Orthogonal()((5, 3), np.random.default_rng(0))
    >>> np.allclose(Q.T @ Q, np.eye(3))
    True
    """

    gain: float = 1.0

    def __post_init__(self) -> None:
        _finite(self.gain, "Orthogonal: gain")

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        rows, columns = _fans(shape, "Orthogonal")[0], shape[-1]
        tall = rng.normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        # QR leaves the signs of the columns to the implementation; with R's diagonal positive
        # the matrix is uniformly distributed over the orthogonal ones.
        q *= np.sign(np.diag(r))
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


def _fans(shape: Shape, who: str) -> tuple[int, int]:
    """Return fan-in and fan-out of a weight matrix, or of a kernel."""
    if len(shape) < 2:
        raise ValueError(
            f"{who} draws weight matrices, of shape (fan-in, fan-out), and kernels; it was asked "
            f"for shape {shape}. Use Zeros, Constant, Normal or Uniform for that parameter."
        )
    *window, n_in, n_out = shape
    places = math.prod(window)
    return places * n_in, places * n_out


def _finite(value: float, what: str) -> None:
    number(value, what, "a finite number", math.isfinite)


def _at_least(low: float, value: float, what: str) -> None:
    number(value, what, f"a finite number, {low:g} or more", lambda x: low <= x < math.inf)
