"""Initial weights: each initialiser is a function (shape, rng) → array.

Fan-in and fan-out are the numbers of inputs and outputs of a layer: for a weight matrix of shape
(n_in, n_out) they are n_in and n_out.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minitheanonet.checks import checked_shape, number

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
        return np.full(checked_shape(shape, "Constant: shape"), self.value, dtype="float64")


@dataclass(frozen=True)
class Zeros:
    """Every entry is zero: the usual start of a bias.

    Examples
    --------
    >>> Zeros()((2,), np.random.default_rng(0))
    array([0., 0.])
    """

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        return np.zeros(checked_shape(shape, "Zeros: shape"))


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
        shape = checked_shape(shape, "Normal: shape")
        return _checked_rng(rng, "Normal").normal(self.mean, self.std, shape)


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
        shape = checked_shape(shape, "Uniform: shape")
        return _checked_rng(rng, "Uniform").uniform(self.low, self.high, shape)


@dataclass(frozen=True)
class _VarianceScaling(ABC):
    """Draw with a variance that keeps the size of signals from layer to layer."""

    @abstractmethod
    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return the variance of each entry."""

    @abstractmethod
    def draw(self, shape: Shape, variance: float, rng: np.random.Generator) -> np.ndarray:
        """Return an array of that shape, with that variance and mean 0."""

    def __call__(self, shape: Shape, rng: np.random.Generator) -> np.ndarray:
        who = type(self).__name__
        fan_in, fan_out = _fans(shape, who)
        variance = self.variance(fan_in, fan_out)
        return self.draw((fan_in, fan_out), variance, _checked_rng(rng, who))


class _UniformDraw(_VarianceScaling):
    def draw(self, shape: Shape, variance: float, rng: np.random.Generator) -> np.ndarray:
        limit = np.sqrt(3 * variance)  # U(-a, a) has variance a² / 3
        return rng.uniform(-limit, limit, shape)


class _NormalDraw(_VarianceScaling):
    def draw(self, shape: Shape, variance: float, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(0.0, np.sqrt(variance), shape)


class _GlorotVariance(_VarianceScaling):
    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)


class _HeVariance(_VarianceScaling):
    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


class _LeCunVariance(_VarianceScaling):
    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1 / fan_in


class GlorotUniform(_UniformDraw, _GlorotVariance):
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


class GlorotNormal(_NormalDraw, _GlorotVariance):
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


class HeUniform(_UniformDraw, _HeVariance):
    """U(-a, a) with a = √(6 / fan-in): for layers that a ReLU follows.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.

    Examples
    --------
    >>> HeUniform()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """


class HeNormal(_NormalDraw, _HeVariance):
    """N(0, 2 / fan-in): for layers that a ReLU follows.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.

    Examples
    --------
    >>> HeNormal()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """


class LeCunUniform(_UniformDraw, _LeCunVariance):
    """U(-a, a) with a = √(3 / fan-in).

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", 1998, equation 16.

    Examples
    --------
    >>> LeCunUniform()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """


class LeCunNormal(_NormalDraw, _LeCunVariance):
    """N(0, 1 / fan-in).

    References
    ----------
    Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", 1998, equation 16.

    Examples
    --------
    >>> LeCunNormal()((3, 2), np.random.default_rng(0)).shape
    (3, 2)
    """


@dataclass(frozen=True)
class Orthogonal:
    """A matrix whose rows or columns (whichever are fewer) are orthogonal, of length `gain`.

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
        rows, columns = _fans(shape, "Orthogonal")
        tall = _checked_rng(rng, "Orthogonal").normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        # QR leaves the signs of the columns to the implementation; with R's diagonal positive
        # the matrix is uniformly distributed over the orthogonal ones.
        q *= np.sign(np.diag(r))
        return self.gain * (q if rows >= columns else q.T)


def _fans(shape: Shape, who: str) -> tuple[int, int]:
    """Return fan-in and fan-out of a weight matrix."""
    shape = checked_shape(shape, f"{who}: shape")
    if len(shape) != 2:
        raise ValueError(
            f"{who} draws weight matrices, of shape (fan-in, fan-out); it was asked for shape "
            f"{shape}. Use Zeros, Constant, Normal or Uniform for that parameter."
        )
    return shape


def _checked_rng(rng: np.random.Generator, who: str) -> np.random.Generator:
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{who}: rng must be a numpy.random.Generator, np.random.default_rng(seed) say, got "
            f"{rng!r:.60}."
        )
    return rng


def _finite(value: float, what: str) -> None:
    number(value, what, "a finite number", math.isfinite)


def _at_least(low: float, value: float, what: str) -> None:
    number(value, what, f"a finite number, {low:g} or more", lambda x: low <= x < math.inf)
