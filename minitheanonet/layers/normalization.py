"""Normalisation: features of mean 0 and variance 1, then a scale and an offset that are learned."""

from __future__ import annotations

from typing import Any

from minitheanonet.checks import positive_int, positive_number, share
from minitheanonet.engine import T, Variable
from minitheanonet.layers.features import check_example, checked_input
from minitheanonet.layers.initializers import Constant, Zeros
from minitheanonet.layers.layer import Layer, Shape

_NUMBERS = ("momentum", "epsilon")  # of which a repr tells


class _Normalization(Layer):
    """γ (x - mean) / √(variance + ε) + β, of a subclass's ``moments(x, training)``."""

    def __init__(
        self,
        n: int,
        epsilon: float = 1e-3,
        gamma: Any = Constant(1.0),
        beta: Any = Zeros(),
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype, seed=seed)
        self.n = positive_int(n, f"{type(self).__name__}: n")
        self.epsilon = positive_number(epsilon, f"{type(self).__name__}: epsilon")
        self.gamma = None if gamma is None else self.parameter("gamma", gamma, (self.n,))
        self.beta = None if beta is None else self.parameter("beta", beta, (self.n,))

    def forward(self, x: Variable, training: Any = None) -> Variable:
        x = checked_input(self, x, self.n)
        mean, variance = self.moments(x, training)
        normal = (x - mean) / T.sqrt(variance + self.epsilon)
        scaled = normal if self.gamma is None else self.gamma * normal
        return scaled if self.beta is None else scaled + self.beta

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape, after checking that it is (..., n)."""
        if input_shape is not None:
            check_example(self, input_shape, self.n)
        return input_shape

    def __repr__(self) -> str:
        numbers = [f"{key}={vars(self)[key]:g}" for key in _NUMBERS if key in vars(self)]
        without = [f"{key}=None" for key in ("gamma", "beta") if vars(self)[key] is None]
        return f"{type(self).__name__}({', '.join([str(self.n), *numbers, *without])})"


class BatchNorm(_Normalization):
    """Normalise each feature over the batch: γ (x - mean) / √(variance + ε) + β.

    In training, mean and variance are those of the batch, over all axes but the last. In
    prediction they are running averages, of which each training step makes
    momentum · average + (1 - momentum) · the batch's.

    Parameters
    ----------
    n : int
        The number of features, the length of the last axis.
    momentum : float in [0, 1), default 0.99
        The share of a running average that a step keeps; PyTorch's is 1 minus this.
    epsilon : float, default 1e-3
        ε.
    gamma, beta : initialiser, array, shared or symbolic variable, shape (n,), or None
        γ and β; ones and zeros by default. None leaves one out.
    mean, variance : initialiser, array or shared variable, shape (n,)
        Where the running averages begin, 0 and 1 by default. They are state: kept and saved, and
        left alone by optimizers and penalties.
    name, dtype, seed
        As for every `Layer`.

    Raises
    ------
    ValueError
        If a number is out of its range, or the input's last axis is not n long.
    TypeError
        If the input is not of the layer's dtype.

    Notes
    -----
    Takes vectors (n, features) and images (n, height, width, features). The variance is the biased
    one, Σ (x - mean)² / count, in the running average too, as in Keras.

    Frozen, by its own `trainable` or that of a layer around it, it normalises by the running
    averages in training too, and they stay as they are, as in Keras.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015, algorithm 1.

    Examples
    --------
    >>> layer = BatchNorm(2, mean=[1, 2], variance=[4, 4])
    >>> layer.predict([[1, 4]]).round(3)
    array([[0., 1.]], dtype=float32)
    """

    def __init__(
        self,
        n: int,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        gamma: Any = Constant(1.0),
        beta: Any = Zeros(),
        mean: Any = Zeros(),
        variance: Any = Constant(1.0),
        *,
        name: str | None = None,
        dtype: str = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(n, epsilon, gamma, beta, name=name, dtype=dtype, seed=seed)
        self.momentum = share(momentum, "BatchNorm: momentum")
        self.mean = self.state("mean", mean, (self.n,))
        self.variance = self.state("variance", variance, (self.n,))

    def moments(self, x: Variable, training: Any) -> tuple[Variable, Variable]:
        """Return the batch's mean and variance in training, else the running averages."""
        if training is None or self in training.frozen:
            return self.mean, self.variance
        mean, variance = _moments(x, tuple(range(x.ndim - 1)))
        for average, new in ((self.mean, mean), (self.variance, variance)):
            training.update(average, self.momentum * average + (1 - self.momentum) * new)
        return mean, variance


class LayerNorm(_Normalization):
    """Normalise each vector of features by itself: γ (x - mean) / √(variance + ε) + β.

    Mean and variance are over the last axis, in training and in prediction alike.

    Parameters
    ----------
    n : int
        The number of features, the length of the last axis.
    epsilon : float, default 1e-3
        ε; Keras's default, and PyTorch has 1e-5.
    gamma, beta : initialiser, array, shared or symbolic variable, shape (n,), or None
        γ and β; ones and zeros by default. None leaves one out.
    name, dtype, seed
        As for every `Layer`.

    Raises
    ------
    ValueError
        If a number is out of its range, or the input's last axis is not n long.
    TypeError
        If the input is not of the layer's dtype.

    References
    ----------
    J. Ba, J. Kiros and G. Hinton, "Layer normalization", arXiv:1607.06450, 2016, equation 3.

    Examples
    --------
    >>> LayerNorm(2, epsilon=1e-7).predict([[1, 3]]).round(3)
    array([[-1.,  1.]], dtype=float32)
    """

    def moments(self, x: Variable, training: Any) -> tuple[Variable, Variable]:
        """Return each vector's mean and variance."""
        return _moments(x, -1, keepdims=True)


def _moments(x: Variable, axes: Any, keepdims: bool = False) -> tuple[Variable, Variable]:
    """Return mean and biased variance; E (x - mean)² keeps the digits that E x² - mean² loses."""
    mean = x.mean(axis=axes, keepdims=keepdims)
    return mean, T.sqr(x - mean).mean(axis=axes, keepdims=keepdims)
