"""What is compiled, shared by all networks whose graphs are the same.

A grid search fits the same network many times, each time from other values. So a compiled training
is kept, and lent: whoever borrows it sets its whole state. What two networks that share one have in
common is an account: all that their graphs depend on. For any network it is the graph itself,
operation by operation, without the values of what has a name in the state. What isn't known to be
equal is compiled.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from minitheanonet.engine import SharedVariable, Variable, function, leaves, shared, structure
from minitheanonet.layers.layer import Layer
from minitheanonet.learning.optimizer import Optimizer
from minitheanonet.learning.penalties import l2
from minitheanonet.training.history import History
from minitheanonet.training.state import TrainingState
from minitheanonet.training.step import Objective, training_step, variables_like
from minitheanonet.training.trainer import Trainer

_KEPT = 32  # the compiled trainings and predictions that are kept, those used last
_WORDS = ("seed_0", "seed_1", "place")  # what `Training` calls its random words


@dataclass(frozen=True)
class _Recipe:
    """How something is made; equal to any other that makes the same."""

    account: tuple
    make: Callable[[], Any] = field(compare=False)


@lru_cache(_KEPT)
def _made(recipe: _Recipe) -> Any:
    return recipe.make()


class Lent:
    """A compiled training, lent to one borrower at a time.

    Parameters
    ----------
    network : Layer
        Its own: nobody else sets its values.
    loss, optimizer
        As for a `Trainer`.
    """

    def __init__(self, network: Layer, loss: Callable, optimizer: Optimizer) -> None:
        self._lock = threading.Lock()
        self._decay = shared(np.zeros((), network.dtype), "decay")
        penalty = decayed(network, self._decay)
        self._trainer = Trainer(network, loss, optimizer, penalty=penalty, seed=0)

    @contextmanager
    def at(
        self, seed: int, history: History, values: Mapping[str, Any], decay: float
    ) -> Iterator[Trainer]:
        """Give the trainer, with its whole state set: its values by name, the penalty's factor."""
        with self._lock:
            self._decay.set_value(np.asarray(decay, self._decay.dtype))
            self._trainer.restart(seed, history, values)
            yield self._trainer


def training_like(account: tuple, network: Layer, loss: Callable, optimizer: Optimizer) -> Lent:
    """Return the compiled training of all networks of this account: that of `account_of`, say."""

    def make() -> Lent:
        return Lent(network.replace(network.values()), loss, optimizer)

    return _made(_Recipe(account, make))


def account_of(
    network: Layer, loss: Callable, optimizer: Optimizer, batch: Sequence[np.ndarray]
) -> tuple:
    """Return an account of all that a training computes: its step, and its evaluation."""
    decay = shared(np.zeros((), network.dtype), "decay")
    objective = Objective(network, loss, {}, decayed(network, decay))
    state, variables = TrainingState(network, optimizer, 0), variables_like(batch)
    step = training_step(
        objective, optimizer, state.params, state.variables(), state.training, variables, 1
    )
    outputs = [
        *step.outputs, *step.updates.values(), *objective.figures(variables, 1, None)
    ]  # fmt: skip
    # Lengths are no part of a graph, and no two networks of other lengths can lend to each other.
    names: dict[Variable, Any] = {
        variable: (name, variable.get_value(borrow=True).shape)
        for name, variable in step.state.items()
    }
    names |= {decay: "decay"} | {variable: i for i, variable in enumerate(variables)}
    for leaf in leaves(outputs):
        if isinstance(leaf, SharedVariable) and leaf.dtype == "uint64" and leaf.name in _WORDS:
            names[leaf] = leaf.name, int(leaf.get_value())
    return structure(outputs, names), tuple(names[variable] for variable in step.updates)


def beginning(network: Layer, optimizer: Optimizer) -> dict[str, np.ndarray]:
    """Return a training's state before its first step, by name, but for the network's own."""
    state = TrainingState(network, optimizer, 0).variables()
    own = network.variables()
    return {name: state[name].get_value() for name in state if name not in own}


def decayed(network: Layer, decay: Variable) -> Variable:
    """Return the penalty: `decay` times the sum of squares of all that is no bias."""
    weights = [variable for variable in network.params if variable.ndim > 1]
    return decay * l2(weights) if weights else decay * 0


def predictions(network: Layer, batches: Iterator[np.ndarray]) -> np.ndarray:
    """Return a network's outputs, computed by a function shared with all that are like it."""
    values = [variable.get_value(borrow=True) for variable in network.variables().values()]
    outputs = [_predictor(network, batch)(batch, values) for batch in batches]
    return np.concatenate(outputs)


class _Predictor:
    """A network's prediction as a function of its inputs and of its parameters and states."""

    def __init__(self, network: Layer, x: Variable) -> None:
        values = {path: variable.type(path) for path, variable in network.variables().items()}
        self._function = function(
            [x, *values.values()], network.replace(values)(x), trust_input=True
        )
        self._lock = threading.Lock()  # a compiled function has one place for its arguments

    def __call__(self, batch: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
        with self._lock:
            return self._function(batch, *values)


_predictors: WeakKeyDictionary[Layer, dict[tuple, _Predictor]] = WeakKeyDictionary()


def _predictor(network: Layer, batch: np.ndarray) -> _Predictor:
    known = _predictors.setdefault(network, {})
    kind = batch.dtype.char, batch.ndim
    if kind not in known:
        (x,) = variables_like([batch])
        names = {variable: name for name, variable in network.variables().items()} | {x: "x"}
        account = structure([network(x)], names)
        known[kind] = _made(_Recipe(account, lambda: _Predictor(network, x)))
    return known[kind]
