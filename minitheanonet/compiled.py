"""What a training compiles: the step, the evaluation, and the search for what is not finite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minitheanonet.data import Batch
from minitheanonet.engine import SharedVariable, T, Variable, function, tensor
from minitheanonet.optimizers import Optimizer
from minitheanonet.sequential import Sequential
from minitheanonet.symbols import called, check_leaves, scalar_of
from minitheanonet.training import Training

__all__ = ["CompiledTraining", "Metric"]

Metric = Callable[[Variable, Variable], Variable]


class CompiledTraining:
    """The functions of a training, each compiled when a batch first asks for it, and then kept.

    Parameters
    ----------
    network, loss, optimizer, metrics, penalty
        As for `Trainer`; the metrics by name.
    training : Training
    """

    def __init__(
        self,
        network: Sequential,
        loss: Callable[..., Variable],
        optimizer: Optimizer,
        metrics: Mapping[str, Metric],
        penalty: Variable | None,
        training: Training,
    ) -> None:
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.metrics, self.penalty, self.training = metrics, penalty, training
        self.figures = ["loss", *metrics]
        self.updates: dict[SharedVariable, Variable] = {}
        self._awaiting: Mapping[str, np.ndarray] = {}
        self._functions: dict[tuple, Any] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was compiled yet."""
        return not self._functions

    def step(self, batch: Batch) -> list[np.ndarray]:
        """Take a training step and return its figures: the loss, then the metrics."""
        return self._function(self._compile_step, batch)(*batch)

    def evaluate(self, batch: Batch) -> list[np.ndarray]:
        """Return the figures of the predictions."""
        return self._function(self._compile_evaluation, batch)(*batch)

    def check(self, batch: Batch) -> None:
        """Refuse a kind of batch that `evaluate` couldn't take, without compiling anything."""
        self._figures_of(_variables_like(batch), None)

    def culprit(self, batch: Batch) -> str:
        """Return the first thing on the way to the loss that is not finite, at the last step."""
        for what, array in zip(("inputs", "targets"), batch, strict=False):
            if not np.isfinite(array).all():
                return what
        inputs = batch[:1]
        names = [name for name, _ in self.network.trace(_variables_like(inputs)[0])]
        finite = self._function(self._compile_culprit, inputs)(*inputs)
        return next((name for name, fine in zip(names, finite, strict=True) if not fine), "loss")

    @property
    def optimizer_state(self) -> list[SharedVariable]:
        """What the optimizer keeps between steps; empty before the first one."""
        params = self.network.params
        return [variable for variable in self.updates if variable not in params]

    @property
    def optimizer_values(self) -> dict[str, np.ndarray]:
        """The values of the optimizer's state, by name; those that wait for the first step, too."""
        if not self.updates:
            return dict(self._awaiting)
        return {variable.name: variable.get_value() for variable in self.optimizer_state}

    def set_optimizer_state(self, values: Mapping[str, np.ndarray]) -> None:
        """Set the optimizer's state, by name; before the first step the values wait for it."""
        self._awaiting = values
        for variable in self.optimizer_state:
            if variable.name in values:
                variable.set_value(values[variable.name])

    def _function(self, compile_: Callable[[Batch], Any], batch: Batch) -> Any:
        """Return what `compile_` makes for this kind of batch, compiled once."""
        kind = (compile_.__name__, *[(array.dtype.char, array.ndim) for array in batch])
        if kind not in self._functions:
            self._functions[kind] = compile_(batch)
        return self._functions[kind]

    def _compile_step(self, batch: Batch) -> Any:
        if self.updates:
            raise ValueError(
                "this trainer was begun with another kind of batches (targets of another type, or "
                "weights in one and not the other): give it the same kind, or make a new Trainer."
            )
        # Whatever graphs were made before, of other batches perhaps, the step's masks are the same.
        variables, training = _variables_like(batch), self.training.again()
        figures = self._figures_of(variables, training)
        updates = self.optimizer.updates(figures[0], self.network.params)
        # A step whose loss is not finite changes nothing: the parameters before it are worth
        # keeping, and what went wrong can be looked for with them.
        usable = _all_finite(figures[0])
        gated = {
            old: T.switch(usable, new, old) for old, new in {**updates, **training.updates}.items()
        }
        step = function(variables, figures, gated, trust_input=True)
        self.updates = updates
        self.set_optimizer_state(self._awaiting)
        return step

    def _compile_evaluation(self, batch: Batch) -> Any:
        variables = _variables_like(batch)
        return function(variables, self._figures_of(variables, None), trust_input=True)

    def _compile_culprit(self, inputs: Batch) -> Any:
        variables = _variables_like(inputs)
        trace = self.network.trace(variables[0], self.training.again())  # with the step's masks
        return function(variables, [_all_finite(out) for _, out in trace], trust_input=True)

    def _figures_of(self, variables: list[Variable], training: Training | None) -> list[Variable]:
        """Return the loss and the metrics as expressions of a batch's variables."""
        prediction = self.network(variables[0], training)
        # Numbers of Python's make a scalar of float32 into one of float64: it is cast back.
        dtype = self.network.dtype
        loss = scalar_of(called(self.loss, "the loss", prediction, *variables[1:]), "the loss")
        figures = [T.cast(loss, dtype)]
        if self.penalty is not None:
            figures[0] = figures[0] + T.cast(self.penalty, dtype)
        for name, metric in self.metrics.items():
            what = f"the metric {name!r}"
            figures.append(scalar_of(called(metric, what, prediction, variables[1]), what))
        check_leaves(figures, variables)
        return figures


def _variables_like(batch: Batch) -> list[Variable]:
    names = ("inputs", "targets", "weights")
    return [
        tensor(array.dtype.name, array.ndim, name)
        for name, array in zip(names, batch, strict=False)
    ]


def _all_finite(x: Variable) -> Variable:
    return T.eq(T.sum(T.or_(T.isnan(x), T.isinf(x))), 0)
