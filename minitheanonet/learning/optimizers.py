"""Optimizers: where each parameter's state starts, and a rule for what a step makes of both.

An optimizer is its hyperparameters, and keeps nothing. ``init(params)`` gives the state, a shared
variable for each average that the rule keeps, named after its parameter, ``dense_1/W/mean_square``;
``step(gradients, params, state, clock, rate)`` what becomes of them. ``updates(loss, params)`` is
both at once, for a graph of one's own.

Below, g is a parameter's gradient, η the learning rate, t the number of the step, from 1. Default
values are Keras's, where Keras has them. Those that divide by the size of the gradients before are
in `adaptive`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minitheanonet.checks import share
from minitheanonet.engine import Variable
from minitheanonet.learning.optimizer import Optimizer, Rate, State, setting


@dataclass(frozen=True, repr=False)
class SGD(Optimizer):
    """Stochastic gradient descent: p ← p - η g.

    Parameters
    ----------
    learning_rate : float or schedule, default 0.01
    **options
        As for every `Optimizer`.

    References
    ----------
    H. Robbins and S. Monro, "A stochastic approximation method", 1951.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> w_next = SGD(0.1).updates((w * w).sum(), [w])[w]
    >>> w_next.eval()
    array([0.8])
    """

    learning_rate: Rate = 0.01

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        return p - rate * g, {}


@dataclass(frozen=True, repr=False)
class Momentum(Optimizer):
    """SGD with momentum: v ← μ v - η g;  p ← p + v.

    Parameters
    ----------
    learning_rate : float or schedule, default 0.01
    momentum : float in [0, 1), default 0.9
        μ.
    **options
        As for every `Optimizer`.

    References
    ----------
    B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Momentum(0.1).updates((w * w).sum(), [w]))
    [w/velocity, w]
    """

    learning_rate: Rate = 0.01
    momentum: float = setting(0.9, share)

    def start(self, value: np.ndarray) -> dict[str, np.ndarray]:
        return {"velocity": np.zeros_like(value)}

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        v = self.momentum * state["velocity"] - rate * g
        return p + v, {"velocity": v}


@dataclass(frozen=True, repr=False)
class Nesterov(Momentum):
    """Nesterov's accelerated gradient: v ← μ v - η g;  p ← p + μ v - η g.

    The gradient is taken at p, in the form that looks one step ahead from there.

    Parameters
    ----------
    learning_rate : float or schedule, default 0.01
    momentum : float in [0, 1), default 0.9
        μ.
    **options
        As for every `Optimizer`.

    References
    ----------
    Y. Nesterov, 1983; in this form: Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, "Advances
    in optimizing recurrent networks", ICASSP 2013, equation 7.

    Examples
    --------
    >>> from minitheanonet.engine import shared
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Nesterov(0.1).updates((w * w).sum(), [w]))
    [w/velocity, w]
    """

    def rule(self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable) -> Any:
        v = self.momentum * state["velocity"] - rate * g
        return p + (self.momentum * v - rate * g), {"velocity": v}
