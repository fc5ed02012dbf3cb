"""A training step as a graph: built once, and handed to whatever runs it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitheanonet.engine import (
    SharedVariable,
    T,
    Variable,
    leaves,
    sigmoid_input,
    softmax_input,
    tensor,
)
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.gradients import gradients_of
from minitheanonet.learning.losses import (
    categorical_crossentropy,
    multiclass_hinge,
    wants_probabilities,
)
from minitheanonet.learning.metrics import accuracy, top_k_accuracy
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.learning.symbols import ONE_OUTPUT, scalar_of
from minitheanonet.training.named import called
from minitheanonet.training.randomness import Training

Metric = Callable[[Variable, Variable], Variable]


@dataclass(frozen=True)
class Step:
    """All that runs a training: a pure function of a batch and of the state.

    Attributes
    ----------
    inputs : list of symbolic variables
        A batch's: the network's inputs, targets, weights.
    outputs : list of symbolic scalars
        The loss, then the metrics.
    updates : dict, shared variable → expression
        What becomes of the state.
    state : dict of str to shared variable
        All that training changes, and all that must be kept to go on with it.
    """

    inputs: list[Variable]
    outputs: list[Variable]
    updates: dict[SharedVariable, Variable]
    state: dict[str, SharedVariable]


class Objective:
    """What is minimised and what is reported: the figures of a batch as expressions.

    Parameters
    ----------
    network : Layer
    loss : callable
    metrics : mapping of name to callable
    penalty : symbolic scalar, optional
    """

    def __init__(
        self,
        network: Layer,
        loss: Callable[..., Variable],
        metrics: Mapping[str, Metric],
        penalty: Variable | None,
    ) -> None:
        called(loss, "Trainer: loss", "a function, mtn.categorical_crossentropy say")
        if penalty is not None:
            scalar_of(penalty, "Trainer: penalty")
        self.network, self.loss = network, loss
        self.metrics, self.penalty = metrics, penalty
        self.names = ["loss", *metrics]

    @property
    def takes_shares(self) -> bool:
        """Whether predictions and targets are shares of classes, which sum to 1."""
        return getattr(self.loss, "func", self.loss) is categorical_crossentropy

    def figures(
        self, variables: list[Variable], inputs: int, training: Training | None
    ) -> list[Variable]:
        """Return the loss and the metrics as expressions of a batch's variables."""
        prediction = self.predict(variables[:inputs], training)
        loss = scalar_of(self.loss(prediction, *variables[inputs:]), "the loss")
        if self.penalty is not None:
            loss = loss + self.penalty
        # Numbers of Python's make a scalar of float32 into one of float64: it is cast back.
        figures = [T.cast(loss, self.network.dtype)]
        for name, metric in self.metrics.items():
            value = metric(prediction, variables[inputs])
            figures.append(scalar_of(value, f"the metric {name!r}"))
        return figures

    def predict(self, inputs: Sequence[Variable], training: Training | None) -> Variable:
        """Return the network's output."""
        return self.network(tuple(inputs) if len(inputs) > 1 else inputs[0], training)

    def check_output(self, shape: Any) -> None:
        """Refuse functions of several classes beside a network that has one output."""
        of_classes = (categorical_crossentropy, multiclass_hinge, accuracy, top_k_accuracy)
        for function in (self.loss, *self.metrics.values()):
            function = getattr(function, "func", function)
            if shape == (1,) and function in of_classes:
                raise ValueError(f"{function.__name__}: {ONE_OUTPUT}")

    def check_probabilities(self, inputs: tuple[np.ndarray, ...]) -> None:
        """Refuse a network whose predictions the loss would take wrongly for probabilities."""
        if not wants_probabilities(self.loss):
            return
        output = self.predict(variables_like(inputs), None)
        if softmax_input(output) is not None or sigmoid_input(output) is not None:
            return
        rows = self.network.predict(inputs if len(inputs) > 1 else inputs[0])
        classes = self.takes_shares
        outside = (rows < 0).any() or (rows > 1).any()
        if outside or (classes and (abs(rows.sum(axis=1) - 1) > 1e-3).any()):
            last = "Softmax" if classes else "Sigmoid"
            raise ValueError(
                f"the loss takes what the network predicts for probabilities, and it predicts "
                f"{rows.min():.3g} to {rows.max():.3g}: end the network with {last}(), or say that "
                f"these are logits: partial(mtn.{'categorical' if classes else 'binary'}"
                "_crossentropy, from_logits=True)."
            )


def training_step(
    objective: Objective,
    optimizer: Optimizer,
    params: Mapping[str, SharedVariable],
    state: dict[str, SharedVariable],
    training: Training,
    variables: list[Variable],
    inputs: int,
) -> Step:
    """Return the graph of a step, for batches like `variables`, of which so many are inputs.

    A step whose loss is not finite changes nothing: the state before it is worth keeping, and
    what went wrong can be looked for with it.
    """
    training = training.again()
    figures = objective.figures(variables, inputs, training)
    warn_of_strangers(objective.predict(variables[:inputs], training.again()), state)
    kept = {
        name.removeprefix("optimizer/"): variable
        for name, variable in state.items()
        if name.startswith("optimizer/")
    }
    gradients = gradients_of(figures[0], params)
    rate = state.get("learning_rate")
    updates = optimizer.step(gradients, params, kept, training.clock, rate)
    usable = all_finite(figures[0])
    gated = {
        old: T.switch(usable, new, old) for old, new in {**updates, **training.updates}.items()
    }
    return Step(variables, figures, gated, state)


def warn_of_strangers(prediction: Variable, state: Mapping[str, SharedVariable]) -> None:
    """Warn of a variable that the network computes with and that no training will change."""
    for leaf in leaves([prediction]):
        is_float = isinstance(leaf, SharedVariable) and "float" in leaf.dtype
        if is_float and leaf not in state.values():
            warnings.warn(
                f"the network computes with {leaf.name or 'a shared variable without a name'}, "
                "which is neither parameter nor state of any of its layers, and stays as it is: "
                "take it with self.parameter(...) or self.state(...), or keep it as an array.",
                stacklevel=2,
            )


def variables_like(batch: Sequence[np.ndarray]) -> list[Variable]:
    """Return a symbolic variable for each array of a batch."""
    return [tensor(array.dtype.name, array.ndim, f"batch_{i}") for i, array in enumerate(batch)]


def all_finite(x: Variable) -> Variable:
    """Return whether no entry is NaN or infinite."""
    return T.eq(T.sum(T.or_(T.isnan(x), T.isinf(x))), 0)
