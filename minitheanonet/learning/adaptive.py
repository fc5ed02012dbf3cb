"""Optimizers that divide a step by the size of the gradients before it, number by number.

The letters are those of `optimizers`. In RMSprop ε stands where Keras has it, in Adagrad and Adam
where the papers and PyTorch have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minitheanonet.checks import not_negative, positive_number, share
from minitheanonet.engine import T, Variable
from minitheanonet.learning.optimizer import Optimizer, Rate, State, setting


@dataclass(frozen=True, repr=False)
class Adagrad(Optimizer):
    """Adagrad: s ← s + g²;  p ← p - η g / (√s + ε).

    Parameters
    ----------
    learning_rate : float or schedule, default 0.001
    initial_accumulator : float, default 0.1
        What s starts from.
    epsilon : float, default 1e-7
        ε.
    **options
        As for every `Optimizer`.

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods", JMLR 12, 2011, figure 1.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Adagrad().updates((w * w).sum(), [w]))
    [w/sum_of_squares, w]
    """

    learning_rate: Rate = 0.001
    initial_accumulator: float = setting(0.1, not_negative)
    epsilon: float = setting(1e-7, positive_number)

    def start(self, value: np.ndarray) -> dict[str, np.ndarray]:
        return {"sum_of_squares": np.full_like(value, self.initial_accumulator)}

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        s = state["sum_of_squares"] + g * g
        return p - rate * g / (T.sqrt(s) + self.epsilon), {"sum_of_squares": s}


@dataclass(frozen=True, repr=False)
class RMSprop(Optimizer):
    """RMSprop: r ← ρ r + (1 - ρ) g²;  p ← p - η g / √(r + ε).

    Parameters
    ----------
    learning_rate : float or schedule, default 0.001
    rho : float in [0, 1), default 0.9
        ρ, the share of the running mean that a step keeps.
    epsilon : float, default 1e-7
        ε, inside the root as in Keras 3, TensorFlow and Lasagne: where gradients have become tiny,
        steps do too. PyTorch and the first Keras have √r + ε, which keeps them at full size.
    **options
        As for every `Optimizer`.

    References
    ----------
    T. Tieleman and G. Hinton, "Neural networks for machine learning", Coursera, 2012, lecture 6e;
    with ε inside the root: A. Graves, "Generating sequences with recurrent neural networks",
    arXiv:1308.0850, 2013, equation 40 (there beside a mean of g, which is left out here).

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(RMSprop().updates((w * w).sum(), [w]))
    [w/mean_square, w]
    """

    learning_rate: Rate = 0.001
    rho: float = setting(0.9, share)
    epsilon: float = setting(1e-7, positive_number)

    def start(self, value: np.ndarray) -> dict[str, np.ndarray]:
        return {"mean_square": np.zeros_like(value)}

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        r = self.rho * state["mean_square"] + (1 - self.rho) * (g * g)
        return p - rate * g / T.sqrt(r + self.epsilon), {"mean_square": r}


@dataclass(frozen=True, repr=False)
class Adadelta(Optimizer):
    """Adadelta: r ← ρ r + (1 - ρ) g²;  d = g √(s + ε) / √(r + ε);  p ← p - η d.

    Of the steps d a running mean is kept too: s ← ρ s + (1 - ρ) d².

    Parameters
    ----------
    learning_rate : float or schedule, default 0.001
        The paper's algorithm has none, which is 1.
    rho : float in [0, 1), default 0.95
        ρ, the share of the running means that a step keeps.
    epsilon : float, default 1e-7
        ε.
    **options
        As for every `Optimizer`.

    References
    ----------
    M. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701, 2012, algorithm 1.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Adadelta().updates((w * w).sum(), [w]))
    [w/mean_square, w/mean_square_step, w]
    """

    learning_rate: Rate = 0.001
    rho: float = setting(0.95, share)
    epsilon: float = setting(1e-7, positive_number)

    def start(self, value: np.ndarray) -> dict[str, np.ndarray]:
        return {"mean_square": np.zeros_like(value), "mean_square_step": np.zeros_like(value)}

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        s = state["mean_square_step"]
        r = self.rho * state["mean_square"] + (1 - self.rho) * (g * g)
        d = g * T.sqrt(s + self.epsilon) / T.sqrt(r + self.epsilon)
        s = self.rho * s + (1 - self.rho) * (d * d)
        return p - rate * d, {"mean_square": r, "mean_square_step": s}


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  p ← p - η m̂ / (√v̂ + ε).

    m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) are free of the bias from starting at zero.

    Parameters
    ----------
    learning_rate : float or schedule, default 0.001
    beta_1, beta_2 : float in [0, 1), default 0.9 and 0.999
        β₁ and β₂.
    epsilon : float, default 1e-7
        ε. The paper and PyTorch have 1e-8.
    **options
        As for every `Optimizer`.

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Adam().updates((w * w).sum(), [w]))
    [w/mean, w/mean_square, w, clock]
    """

    learning_rate: Rate = 0.001
    beta_1: float = setting(0.9, share)
    beta_2: float = setting(0.999, share)
    epsilon: float = setting(1e-7, positive_number)

    def start(self, value: np.ndarray) -> dict[str, np.ndarray]:
        return {"mean": np.zeros_like(value), "mean_square": np.zeros_like(value)}

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        m = self.beta_1 * state["mean"] + (1 - self.beta_1) * g
        v = self.beta_2 * state["mean_square"] + (1 - self.beta_2) * (g * g)
        m_hat, v_hat = m / (1 - self.beta_1**t), v / (1 - self.beta_2**t)
        return p - rate * m_hat / (T.sqrt(v_hat) + self.epsilon), {"mean": m, "mean_square": v}


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    """Adam with decoupled weight decay: p ← p - η λ p, beside Adam's own step.

    Parameters
    ----------
    learning_rate : float or schedule, default 0.001
    beta_1, beta_2, epsilon
        As for `Adam`.
    weight_decay : float, default 0.004
        λ, not negative. It decays every parameter it is given, biases too.
    **options
        As for every `Optimizer`.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(AdamW().updates((w * w).sum(), [w]))
    [w/mean, w/mean_square, w, clock]
    """

    weight_decay: float = setting(0.004, not_negative)

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        return super().rule(p * (1 - rate * self.weight_decay), g, state, rate, t)
