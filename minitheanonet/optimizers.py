"""Optimizers: pure rules, from a loss (or gradients) and parameters to updates.

``optimizer.updates(loss, params)`` returns a dict {shared variable: its next value}, to be compiled
into a function. It holds the parameters and the optimizer's state, a shared variable for each
average that the rule keeps, named after its parameter: ``dense_1/W/rmsprop/mean_square``.

Below, g is a parameter's gradient, η the learning rate, t the number of the step, from 1. Default
values are Keras's, where Keras has them. In RMSprop ε stands where Keras has it, in Adagrad and
Adam where the papers and PyTorch have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minitheanonet.arguments import is_number, number, positive_number
from minitheanonet.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from minitheanonet.engine import SharedVariable, T, Variable, constant, grad, leaves, shared
from minitheanonet.symbols import check_gradients, scalar_of, variables

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSprop",
]

Updates = dict[SharedVariable, Variable]


class Optimizer:
    """What the optimizers share: the learning rate, clipping, and named state.

    Parameters
    ----------
    learning_rate : float
        η, positive. Setting ``optimizer.learning_rate`` later changes it in functions that are
        compiled already.
    clip_value, clip_norm, clip_global_norm : float, optional
        Clip the gradients by `clip_by_value`, `clip_by_norm` or `clip_by_global_norm`; several
        apply in this order.

    Raises
    ------
    ValueError
        If a number is out of its range; the message names it.
    """

    def __init__(
        self,
        learning_rate: float,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        clip_global_norm: float | None = None,
    ) -> None:
        self.kind = type(self).__name__.lower()
        self._rates: dict[str, SharedVariable] = {}
        self.learning_rate = learning_rate
        self._clips: list[Callable[[list[Variable]], list[Variable]]] = []
        for clip, limit in (
            (clip_by_value, clip_value),
            (clip_by_norm, clip_norm),
            (clip_by_global_norm, clip_global_norm),
        ):
            if limit is not None:
                self._positive(f"{clip.__name__}'s limit", limit)
                self._clips.append(lambda g, clip=clip, limit=limit: clip(g, limit))

    @property
    def learning_rate(self) -> float:
        """η. May be set at any time, without compiling again."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._positive("learning_rate", value)
        held = {dtype: self._held(value, dtype) for dtype in self._rates}
        self._learning_rate = float(value)
        for dtype, rate in self._rates.items():
            rate.set_value(held[dtype])

    def updates(
        self, loss_or_gradients: Variable | Sequence[Variable], params: Sequence[SharedVariable]
    ) -> Updates:
        """Return what one step makes of the parameters, and of the state it keeps for them.

        Parameters
        ----------
        loss_or_gradients : symbolic scalar, or sequence of symbolic gradients
            What to minimise; or its gradients, one for each parameter, in the same order.
        params : sequence of shared variables

        Returns
        -------
        dict, shared variable → expression
            In the order in which `params` came, state before parameter. Each call makes new state.

        Raises
        ------
        TypeError
            If a parameter is no shared variable.
        ValueError
            If there are no parameters, or another number of gradients.
        """
        params = _checked_params(params)
        gradients = self._gradients(loss_or_gradients, params)
        updates: Updates = {}
        step = self._count_step(updates) if self._counts_steps else None
        for param, gradient in zip(params, gradients, strict=True):
            time = None if step is None else T.cast(step, param.dtype)
            updates.update(self._rule(param, gradient, self._rate(param.dtype), time))
        return updates

    # Whether the rule looks at t; then the step counter ``adam/step`` is part of the state.
    _counts_steps = False

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        """Return the updates of one parameter and its state; `time` is t, if `_counts_steps`."""
        raise NotImplementedError(f"{type(self).__name__} defines no _rule.")

    def _state(self, param: SharedVariable, what: str, start: float = 0.0) -> SharedVariable:
        """Return a new state variable like `param`, every entry `start`."""
        value = np.full_like(param.get_value(borrow=True), start)
        return shared(value, f"{param.name}/{self.kind}/{what}")

    def _count_step(self, updates: Updates) -> Variable:
        counter = shared(np.int64(0), f"{self.kind}/step")
        updates[counter] = counter + np.int64(1)
        return updates[counter]

    def _rate(self, dtype: str) -> SharedVariable:
        if dtype not in self._rates:
            value = self._held(self.learning_rate, dtype)
            self._rates[dtype] = shared(value, f"{self.kind}/learning_rate")
        return self._rates[dtype]

    def _held(self, learning_rate: float, dtype: str) -> np.ndarray:
        with np.errstate(over="ignore"):
            value = np.asarray(learning_rate, dtype=dtype)
        if not 0 < value < np.inf:
            raise ValueError(
                f"{type(self).__name__}: the learning_rate {learning_rate!r} is {value} in "
                f"{dtype}: use one that it can hold."
            )
        return value

    def _gradients(
        self, loss_or_gradients: Variable | Sequence[Variable], params: Sequence[SharedVariable]
    ) -> list[Variable]:
        who = type(self).__name__
        if isinstance(loss_or_gradients, Variable) or is_number(loss_or_gradients):
            gradients = grad(_checked_loss(loss_or_gradients, params), params)
        else:
            gradients = variables(loss_or_gradients, f"{who}: gradients")
            check_gradients(gradients, params, who)
        for clip in self._clips:
            gradients = clip(gradients)
        return gradients

    def _positive(self, what: str, value: float) -> None:
        positive_number(value, f"{type(self).__name__}: {what}")

    def _share(self, what: str, value: float) -> float:
        return number(value, f"{type(self).__name__}: {what}", "in [0, 1)", lambda v: 0 <= v < 1)

    def _not_negative(self, what: str, value: float) -> float:
        who = f"{type(self).__name__}: {what}"
        return number(value, who, "a number, 0 or more", lambda v: 0 <= v < float("inf"))


class SGD(Optimizer):
    """Stochastic gradient descent: p ← p - η g.

    Parameters
    ----------
    learning_rate : float, default 0.01
    **clipping
        As for every `Optimizer`.

    References
    ----------
    H. Robbins and S. Monro, "A stochastic approximation method", 1951.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> w_next = SGD(0.1).updates((w * w).sum(), [w])[w]
    >>> w_next.eval()
    array([0.8])
    """

    def __init__(self, learning_rate: float = 0.01, **clipping: float | None) -> None:
        super().__init__(learning_rate, **clipping)

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        return {param: param - rate * gradient}


class Momentum(Optimizer):
    """SGD with momentum: v ← μ v - η g;  p ← p + v.

    Parameters
    ----------
    learning_rate : float, default 0.01
    momentum : float in [0, 1), default 0.9
        μ.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    B. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Momentum(0.1).updates((w * w).sum(), [w]))
    [w/momentum/velocity, w]
    """

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.9, **clipping: float | None
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.momentum = self._share("momentum", momentum)

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        velocity = self._state(param, "velocity")
        moved = constant(self.momentum, param) * velocity - rate * gradient
        return {velocity: moved, param: param + self._step(param, moved, rate * gradient)}

    def _step(self, param: SharedVariable, velocity: Variable, descent: Variable) -> Variable:
        return velocity


class Nesterov(Momentum):
    """Nesterov's accelerated gradient: v ← μ v - η g;  p ← p + μ v - η g.

    The gradient is taken at p, in the form that looks one step ahead from there.

    Parameters
    ----------
    learning_rate : float, default 0.01
    momentum : float in [0, 1), default 0.9
        μ.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    Y. Nesterov, 1983; in this form: Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, "Advances
    in optimizing recurrent networks", ICASSP 2013, equation 7.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Nesterov(0.1).updates((w * w).sum(), [w]))
    [w/nesterov/velocity, w]
    """

    def _step(self, param: SharedVariable, velocity: Variable, descent: Variable) -> Variable:
        return constant(self.momentum, param) * velocity - descent


class Adagrad(Optimizer):
    """Adagrad: s ← s + g²;  p ← p - η g / (√s + ε).

    Parameters
    ----------
    learning_rate : float, default 0.001
    initial_accumulator : float, default 0.1
        What s starts from.
    epsilon : float, default 1e-7
        ε.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods", JMLR 12, 2011, figure 1.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Adagrad().updates((w * w).sum(), [w]))
    [w/adagrad/sum_of_squares, w]
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        initial_accumulator: float = 0.1,
        epsilon: float = 1e-7,
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.initial_accumulator = self._not_negative("initial_accumulator", initial_accumulator)
        self._positive("epsilon", epsilon)
        self.epsilon = epsilon

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        total = self._state(param, "sum_of_squares", self.initial_accumulator)
        grown = total + gradient * gradient
        descent = rate * gradient / (T.sqrt(grown) + constant(self.epsilon, param))
        return {total: grown, param: param - descent}


class RMSprop(Optimizer):
    """RMSprop: r ← ρ r + (1 - ρ) g²;  p ← p - η g / √(r + ε).

    Parameters
    ----------
    learning_rate : float, default 0.001
    rho : float in [0, 1), default 0.9
        ρ, the share of the running mean that a step keeps.
    epsilon : float, default 1e-7
        ε, inside the root as in Keras 3, TensorFlow and Lasagne: where gradients have become tiny,
        steps do too. PyTorch and the first Keras have √r + ε, which keeps them at full size.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    T. Tieleman and G. Hinton, "Neural networks for machine learning", Coursera, 2012, lecture 6e;
    with ε inside the root: A. Graves, "Generating sequences with recurrent neural networks",
    arXiv:1308.0850, 2013, equation 40 (there beside a mean of g, which is left out here).

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(RMSprop().updates((w * w).sum(), [w]))
    [w/rmsprop/mean_square, w]
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        epsilon: float = 1e-7,
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.rho = self._share("rho", rho)
        self._positive("epsilon", epsilon)
        self.epsilon = epsilon

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        mean = self._state(param, "mean_square")
        moved = _running_mean(mean, gradient * gradient, self.rho)
        descent = rate * gradient / T.sqrt(moved + constant(self.epsilon, param))
        return {mean: moved, param: param - descent}


class Adadelta(Optimizer):
    """Adadelta: r ← ρ r + (1 - ρ) g²;  d = g √(s + ε) / √(r + ε);  p ← p - η d.

    Of the steps d a running mean is kept too: s ← ρ s + (1 - ρ) d².

    Parameters
    ----------
    learning_rate : float, default 0.001
        The paper's algorithm has none, which is 1.
    rho : float in [0, 1), default 0.95
        ρ, the share of the running means that a step keeps.
    epsilon : float, default 1e-7
        ε.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    M. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701, 2012, algorithm 1.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Adadelta().updates((w * w).sum(), [w]))
    [w/adadelta/mean_square, w/adadelta/mean_square_step, w]
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.rho = self._share("rho", rho)
        self._positive("epsilon", epsilon)
        self.epsilon = epsilon

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        mean, mean_step = self._state(param, "mean_square"), self._state(param, "mean_square_step")
        epsilon = constant(self.epsilon, param)
        moved = _running_mean(mean, gradient * gradient, self.rho)
        step = gradient * T.sqrt(mean_step + epsilon) / T.sqrt(moved + epsilon)
        return {
            mean: moved,
            mean_step: _running_mean(mean_step, step * step, self.rho),
            param: param - rate * step,
        }


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  p ← p - η m̂ / (√v̂ + ε).

    m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) are free of the bias from starting at zero.

    Parameters
    ----------
    learning_rate : float, default 0.001
    beta_1, beta_2 : float in [0, 1), default 0.9 and 0.999
        β₁ and β₂.
    epsilon : float, default 1e-7
        ε. The paper and PyTorch have 1e-8.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(Adam().updates((w * w).sum(), [w]))
    [adam/step, w/adam/mean, w/adam/mean_square, w]
    """

    _counts_steps = True

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.beta_1, self.beta_2 = self._share("beta_1", beta_1), self._share("beta_2", beta_2)
        self._positive("epsilon", epsilon)
        self.epsilon = epsilon

    def _rule(
        self, param: SharedVariable, gradient: Variable, rate: Variable, time: Variable | None
    ) -> Updates:
        mean, mean_square = self._state(param, "mean"), self._state(param, "mean_square")
        first = _running_mean(mean, gradient, self.beta_1)
        second = _running_mean(mean_square, gradient * gradient, self.beta_2)
        one = constant(1, param)
        unbiased_first = first / (one - constant(self.beta_1, param) ** time)
        unbiased_second = second / (one - constant(self.beta_2, param) ** time)
        descent = rate * unbiased_first / (T.sqrt(unbiased_second) + constant(self.epsilon, param))
        return {mean: first, mean_square: second, param: self._kept(param, rate) - descent}

    def _kept(self, param: SharedVariable, rate: Variable) -> Variable:
        return param


class AdamW(Adam):
    """Adam with decoupled weight decay: p ← p - η λ p, beside Adam's own step.

    Parameters
    ----------
    learning_rate : float, default 0.001
    weight_decay : float, default 0.004
        λ, not negative. It decays every parameter it is given, biases too.
    beta_1, beta_2, epsilon
        As for `Adam`.
    **clipping
        As for every `Optimizer`.

    References
    ----------
    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.

    Examples
    --------
    >>> w = shared(np.array([1.0]), "w")
    >>> list(AdamW().updates((w * w).sum(), [w]))
    [adamw/step, w/adamw/mean, w/adamw/mean_square, w]
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **clipping)
        self.weight_decay = self._not_negative("weight_decay", weight_decay)

    def _kept(self, param: SharedVariable, rate: Variable) -> Variable:
        return param * (constant(1, param) - rate * constant(self.weight_decay, param))


def _running_mean(mean: Variable, value: Variable, kept: float) -> Variable:
    return constant(kept, mean) * mean + constant(1 - kept, mean) * value


def _checked_loss(loss: Variable, params: Sequence[SharedVariable]) -> Variable:
    loss = scalar_of(loss, "the loss of an optimizer")
    below = leaves([loss])
    for param in params:
        if param not in below:
            raise ValueError(
                f"the loss doesn't depend on {param.name}, and so has no gradient for it: leave "
                "that out of the parameters, or mend the loss."
            )
    return loss


def _checked_params(params: Sequence[SharedVariable]) -> list[SharedVariable]:
    params = variables(params, "an optimizer's parameters")
    if not params:
        raise ValueError(
            "an optimizer needs at least one parameter; the network has none to train."
        )
    names = [param.name for param in params]
    for param in params:
        if not isinstance(param, SharedVariable):
            raise TypeError(
                f"an optimizer updates shared variables; {param} is {type(param)}: make it one "
                "with engine.shared(value, name)."
            )
        if param.name is None or names.count(param.name) > 1:
            raise ValueError(
                f"an optimizer names its state after the parameters, so each needs a name of its "
                f"own; {param.name!r} stands {names.count(param.name)} times among {names}."
            )
    return params
