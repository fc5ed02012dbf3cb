"""Learning-rate schedules: functions of the clock, the number of steps taken before this one.

One stands where a learning rate stands: ``mtn.SGD(mtn.Cosine(0.1, steps=4690))``. It is part of
the graph and keeps nothing: a training that is resumed goes on with the same rates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from minitheanonet.checks import not_negative, number, positive_int, positive_number
from minitheanonet.engine import T, Variable


class Schedule:
    """What the schedules share; any function from t, a symbolic float, to the rate is one too.

    Examples
    --------
    >>> class Linear(Schedule):
    ...     def __call__(self, t):
    ...         return 0.1 * T.clip(1 - t / 100, 0, 1)
    >>> Linear().at(50)
    0.05
    """

    def __call__(self, t: Variable) -> Variable:
        """Return the learning rate of the step before which `t` steps were taken."""
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(t).")

    def at(self, t: int) -> float:
        """Return the rate as a number."""
        rate = self(T.constant(float(t), dtype="float64"))
        return round(float(rate.eval() if isinstance(rate, Variable) else rate), 12)


@dataclass(frozen=True)
class Piecewise(Schedule):
    """The first of `rates` for ``boundaries[0]`` steps, the next up to ``boundaries[1]``, and on.

    Parameters
    ----------
    boundaries : sequence of int
        Numbers of steps, rising.
    rates : sequence of float
        One more than `boundaries`.

    Examples
    --------
    >>> Piecewise([100], [0.1, 0.01]).at(100)
    0.01
    """

    boundaries: tuple[int, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "boundaries", tuple(self.boundaries))
        object.__setattr__(self, "rates", tuple(self.rates))
        for boundary in self.boundaries:
            positive_int(boundary, "Piecewise: a boundary")
        for rate in self.rates:
            not_negative(rate, "Piecewise: a rate")
        if len(self.rates) != len(self.boundaries) + 1:
            raise ValueError("Piecewise: give one rate more than boundaries.")
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise ValueError(f"Piecewise: boundaries must rise, got {self.boundaries}.")

    def __call__(self, t: Variable) -> Variable:
        rate: Any = self.rates[-1]
        for boundary, before in zip(self.boundaries[::-1], self.rates[-2::-1], strict=True):
            rate = T.switch(t < boundary, before, rate)
        return rate


@dataclass(frozen=True)
class Exponential(Schedule):
    """η(t) = `initial` · `decay`^(t / `steps`).

    Parameters
    ----------
    initial : float
    decay : float
        What is left of the rate after `steps` steps.
    steps : int

    Examples
    --------
    >>> Exponential(0.1, decay=0.5, steps=100).at(200)
    0.025
    """

    initial: float
    decay: float
    steps: int

    def __post_init__(self) -> None:
        not_negative(self.initial, "Exponential: initial")
        positive_number(self.decay, "Exponential: decay")
        positive_int(self.steps, "Exponential: steps")

    def __call__(self, t: Variable) -> Variable:
        return self.initial * T.exp(math.log(self.decay) / self.steps * t)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from `peak` to `final` over `steps`, after a linear warm-up from 0.

    With w = `warm_up`: η(t) = peak · (t + 1) / w while t < w; afterwards, with
    s = (t - w) / (steps - w), final + (peak - final) · (1 + cos(π min(s, 1))) / 2.

    Parameters
    ----------
    peak : float
    steps : int
        Of the whole training, the warm-up's included.
    warm_up : int, default 0
    final : float, default 0

    References
    ----------
    I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017,
    equation 5, without restarts. Warm-up: P. Goyal et al., "Accurate, large minibatch SGD",
    arXiv:1706.02677, 2017, section 2.2.

    Examples
    --------
    >>> schedule = Cosine(0.1, steps=110, warm_up=10)
    >>> schedule.at(9), schedule.at(60), schedule.at(110)
    (0.1, 0.05, 0.0)
    """

    peak: float
    steps: int
    warm_up: int = 0
    final: float = 0.0

    def __post_init__(self) -> None:
        not_negative(self.peak, "Cosine: peak")
        not_negative(self.final, "Cosine: final")
        if not 0 <= self.warm_up < positive_int(self.steps, "Cosine: steps"):
            raise ValueError(f"Cosine: warm_up must be in [0, steps), got {self.warm_up!r:.60}.")

    def __call__(self, t: Variable) -> Variable:
        fall = _cosine(self.peak, self.final, (t - self.warm_up) / (self.steps - self.warm_up))
        if not self.warm_up:
            return fall
        return T.switch(t < self.warm_up, (self.peak / self.warm_up) * (t + 1), fall)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up to `peak` and down again: half a cosine each way.

    Parameters
    ----------
    peak : float
    steps : int
        Of the whole training.
    rise : float in (0, 1), default 0.3
        The share of the steps that the way up takes.
    start_divisor : float, default 25
        The first rate is ``peak / start_divisor``.
    final_divisor : float, default 1e4
        The last rate is the first one over this.

    References
    ----------
    L. Smith and N. Topin, "Super-convergence", arXiv:1708.07120, 2017; these defaults, and
    cosines for the paper's lines, are PyTorch's.

    Examples
    --------
    >>> OneCycle(0.1, steps=100).at(30)
    0.1
    """

    peak: float
    steps: int
    rise: float = 0.3
    start_divisor: float = 25.0
    final_divisor: float = 1e4

    def __post_init__(self) -> None:
        not_negative(self.peak, "OneCycle: peak")
        positive_int(self.steps, "OneCycle: steps")
        number(self.rise, "OneCycle: rise", "in (0, 1)", lambda x: 0 < x < 1)
        positive_number(self.start_divisor, "OneCycle: start_divisor")
        positive_number(self.final_divisor, "OneCycle: final_divisor")

    def __call__(self, t: Variable) -> Variable:
        top, start = self.rise * self.steps, self.peak / self.start_divisor
        up = _cosine(start, self.peak, t / top)
        down = _cosine(self.peak, start / self.final_divisor, (t - top) / (self.steps - top))
        return T.switch(t < top, up, down)


def _cosine(start: float, end: float, share: Variable) -> Variable:
    """Return half a cosine from `start`, at share 0, to `end`, from share 1 on."""
    return end + 0.5 * (start - end) * (1 + T.cos(math.pi * T.clip(share, 0, 1)))
