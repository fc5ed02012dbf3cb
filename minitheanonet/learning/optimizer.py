"""What the optimizers share: clipping, rates by path, constraints, averaged weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from minitheanonet.checks import not_negative, positive_number, share
from minitheanonet.engine import SharedVariable, T, Variable, floats_as, leaves, shared
from minitheanonet.learning.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from minitheanonet.learning.gradients import by_path, gradients_of
from minitheanonet.learning.schedules import Schedule

Rate = float | Schedule | Callable[[Variable], Variable]
State = Mapping[str, Variable]
Updates = dict[SharedVariable, Variable]


def setting(default: float | None, check: Callable[[Any, str], float]) -> Any:
    """Return a hyperparameter's field: its default, and what it must be."""
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True, kw_only=True, repr=False)
class Optimizer:
    """What the optimizers share; hyperparameters alone, so that one serves many trainers.

    One of one's own is a dataclass like those here: hyperparameters as fields, `rule`, and `start`
    if it keeps anything.

    Parameters
    ----------
    learning_rate : float or schedule
        η, 0 or more; or a function of the clock, `Cosine(0.1, steps=4690)` say.
    clip_value, clip_norm, clip_global_norm : float, optional
        Clip the gradients by `clip_by_value`, `clip_by_norm` or `clip_by_global_norm`; several
        apply in this order.
    rates : mapping of pattern to float, optional
        Factors of the learning rate for some parameters, by their paths:
        ``{"encoder/*": 0.1}``. The first pattern that fits counts.
    constraints : mapping of pattern to constraint, optional
        What keeps parameters in bounds after each step: ``{"*/W": MaxNorm(3)}``.
    average : float in [0, 1), optional
        d: of each parameter a running average is kept too, a ← d a + (1 - d) p, from its initial
        value on. `Trainer.averaged` is the network that has them.

    Raises
    ------
    ValueError
        If a number is out of its range; the message names it.

    References
    ----------
    Averaged weights: B. Polyak and A. Juditsky, "Acceleration of stochastic approximation by
    averaging", 1992; exponential, as in D. Kingma and J. Ba, "Adam", ICLR 2015, section 7.2, but
    from the initial values and without their correction.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, repr=False)
    ... class SignSGD(Optimizer):
    ...     learning_rate: float = 0.01
    ...     def rule(self, p, g, state, rate, t):
    ...         return p - rate * T.sgn(g), {}
    >>> SignSGD(0.1, clip_norm=1)
    SignSGD(learning_rate=0.1, clip_norm=1)
    """

    clip_value: float | None = setting(None, positive_number)
    clip_norm: float | None = setting(None, positive_number)
    clip_global_norm: float | None = setting(None, positive_number)
    rates: Mapping[str, float] = field(default_factory=dict)
    constraints: Mapping[str, Callable[[Variable], Variable]] = field(default_factory=dict)
    average: float | None = setting(None, share)

    def __post_init__(self) -> None:
        who = type(self).__name__
        if not callable(self.learning_rate):
            not_negative(self.learning_rate, f"{who}: learning_rate")
        for one in fields(self):
            value = getattr(self, one.name)
            if "check" in one.metadata and not (value is None and one.default is None):
                one.metadata["check"](value, f"{who}: {one.name}")
        for pattern, factor in self.rates.items():
            not_negative(factor, f"{who}: rates[{pattern!r}]")

    def start(self, value: np.ndarray) -> dict[str, np.ndarray]:
        """Return what the rule keeps of a parameter with this value, as it starts."""
        return {}

    def rule(
        self, p: Variable, g: Variable, state: State, rate: Variable, t: Variable
    ) -> tuple[Variable, dict[str, Variable]]:
        """Return what a step makes of a parameter, and of what `start` began, by its names.

        Parameters
        ----------
        p, g : symbolic
            The parameter and its gradient.
        state : mapping of str to symbolic
        rate, t : symbolic scalars in the parameter's dtype
            The learning rate, and the number of the step, from 1.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no rule.")

    def init(self, params: Mapping[str, SharedVariable]) -> dict[str, SharedVariable]:
        """Return the state as it starts, by path: ``{"dense_1/W/mean_square": ...}``."""
        state = {}
        for path, param in params.items():
            value = param.get_value(borrow=True)
            started = self.start(value) | ({} if self.average is None else {"average": value})
            state |= {
                f"{path}/{name}": shared(begun, f"{path}/{name}") for name, begun in started.items()
            }
        return state

    def step(
        self,
        gradients: Mapping[str, Variable],
        params: Mapping[str, SharedVariable],
        state: Mapping[str, SharedVariable],
        clock: Variable,
        rate: Variable | None = None,
    ) -> Updates:
        """Return what one step makes of the parameters and of the state.

        Parameters
        ----------
        gradients, params : mapping of path to variable
        state : mapping
            What `init` returned for these parameters.
        clock : symbolic scalar, uint64
            The number of steps taken before.
        rate : symbolic scalar, optional
            The learning rate; the optimizer's own if left out.

        Returns
        -------
        dict, shared variable → expression
            In the order of `params`, state before parameter.

        Raises
        ------
        ValueError
            If a pattern of `rates` or `constraints` fits no parameter.
        TypeError
            If what becomes of a variable has another dtype: something upcasts.
        """
        self._check_patterns(params)
        gradients = dict(zip(gradients, self._clipped(list(gradients.values())), strict=True))
        updates: Updates = {}
        for path, param in params.items():
            if gradients[path].ndim != param.ndim:  # it would be broadcast, and learned from
                raise TypeError(
                    f"{type(self).__name__}: the gradient of {path} has ndim "
                    f"{gradients[path].ndim}, and {path} has {param.ndim}."
                )
            with floats_as(param.dtype):
                updates |= self._updates_of(path, param, gradients[path], state, clock, rate)
        for variable, value in updates.items():
            if (value.dtype, value.ndim) != (variable.dtype, variable.ndim):
                raise TypeError(
                    f"{type(self).__name__}: {variable.name} would become {value.dtype} of ndim "
                    f"{value.ndim}, and is {variable.dtype} of ndim {variable.ndim}: "
                    f'T.cast(..., "{variable.dtype}") what upcasts.'
                )
        return updates

    def updates(
        self,
        loss_or_gradients: Variable | Sequence[Variable],
        params: Sequence[SharedVariable] | Mapping[str, SharedVariable],
    ) -> Updates:
        """Return what one step makes of the parameters and of new state: `init` and `step`.

        Parameters
        ----------
        loss_or_gradients : symbolic scalar, or sequence of symbolic gradients
            What to minimise; or its gradients, one for each parameter, in the same order.
        params : sequence of shared variables, or mapping of path to shared variable
            ``net.params`` or ``net.trained``.

        Returns
        -------
        dict, shared variable → expression
            To be compiled into a function; with a clock, if the rule or a schedule looks at one.

        Raises
        ------
        TypeError
            If a parameter is no shared variable.
        ValueError
            If there are no parameters, another number of gradients, or the loss does not depend
            on a parameter.
        """
        named = by_path(params)
        gradients = gradients_of(loss_or_gradients, named)
        clock = shared(np.uint64(0), "clock")
        updates = self.step(gradients, named, self.init(named), clock)
        if clock in leaves(list(updates.values())):
            updates[clock] = clock + np.uint64(1)
        return updates

    def _clipped(self, gradients: list[Variable]) -> list[Variable]:
        for clip, limit in (
            (clip_by_value, self.clip_value),
            (clip_by_norm, self.clip_norm),
            (clip_by_global_norm, self.clip_global_norm),
        ):
            if limit is not None:
                gradients = clip(gradients, limit)
        return gradients

    def _updates_of(
        self,
        path: str,
        param: SharedVariable,
        gradient: Variable,
        state: Mapping[str, SharedVariable],
        clock: Variable,
        rate: Variable | None,
    ) -> Updates:
        own = {
            name.removeprefix(f"{path}/"): variable
            for name, variable in state.items()
            if name.rpartition("/")[0] == path
        }
        steps = T.cast(clock, param.dtype)
        eta = self.rate(steps) if rate is None else rate
        eta = T.cast(T.as_tensor_variable(eta), param.dtype)
        if self.rates:
            eta = eta * _match(self.rates, path, 1.0)
        new, kept = self.rule(param, gradient, own, eta, steps + 1)
        new = _match(self.constraints, path, lambda p: p)(new)
        if self.average is not None:
            kept = kept | {"average": self.average * own["average"] + (1 - self.average) * new}
        return {own[name]: value for name, value in kept.items()} | {param: new}

    def rate(self, steps: Variable) -> Any:
        """Return the learning rate after a number of steps, as the schedule says if it is one."""
        return self.learning_rate(steps) if callable(self.learning_rate) else self.learning_rate

    def _check_patterns(self, params: Mapping[str, Any]) -> None:
        for pattern in (*self.rates, *self.constraints):
            if not any(fnmatchcase(path, pattern) for path in params):
                raise ValueError(
                    f"{type(self).__name__}: the pattern {pattern!r} fits no parameter; they are "
                    f"{', '.join(params):.300}."
                )

    def __repr__(self) -> str:
        inherited = {one.name for one in fields(Optimizer)}
        told = sorted(fields(self), key=lambda one: one.name in inherited)
        shown = {one.name: getattr(self, one.name) for one in told}
        kept = [n for n, v in shown.items() if n not in inherited or v not in (None, {})]
        return f"{type(self).__name__}({', '.join(f'{n}={_told(shown[n])}' for n in kept)})"


def _told(value: Any) -> str:
    """Return a setting as text; a function by its name, since its address is another each time."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_told(entry)}' for key, entry in value.items())}}}"
    return getattr(value, "__name__", None) or repr(value)


def _match(patterns: Mapping[str, Any], path: str, otherwise: Any) -> Any:
    """Return what stands beside the first pattern that fits a path."""
    return next((v for p, v in patterns.items() if fnmatchcase(path, p)), otherwise)
