"""Gradients of whole networks, drawn at random, against central differences in float64.

Depth, widths, layers, loss, penalty and sample weights are drawn. Differences say nothing across
a kink (of a rectifier, |w|, a clip), so every kink in the graph is found, and a network is passed
over when two ends of a difference lie on two sides of one. That happens by rare chance: were it
often, hypothesis would complain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from differences import assert_gradients_agree
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function, grad

widths = st.integers(1, 3)
ACTIVATIONS = {
    "ReLU": mtn.ReLU,
    "Sigmoid": mtn.Sigmoid,
    "Tanh": mtn.Tanh,
    "Softmax": mtn.Softmax,
    "Dropout": lambda: mtn.Dropout(0.3),
    "Flatten": mtn.Flatten,
    "LeakyReLU": mtn.LeakyReLU,
    "ELU": mtn.ELU,
    "GELU": mtn.GELU,
    "Softplus": mtn.Softplus,
    "Rescale": lambda: mtn.Rescale(0.7, 0.1, dtype="float64"),
    "GaussianNoise": lambda: mtn.GaussianNoise(0.3),
    "Reshape": lambda: mtn.Sequential(mtn.Reshape((1, -1)), mtn.Reshape((-1,))),
    "Residual": lambda: mtn.Residual(mtn.Tanh(), mtn.Dropout(0.3)),
}
LOSSES = {
    "squared error": mtn.mean_squared_error,
    "categorical": mtn.categorical_crossentropy,
    "binary": mtn.binary_crossentropy,
    "hinge": mtn.multiclass_hinge,
}
# Behind a Flatten the logits are out of sight, and the loss is that of plain probabilities.
ENDS = {
    "squared error": [(), ("Tanh",), ("ReLU",), ("Dropout",)],
    "categorical": [("Softmax",), ("Softmax", "Flatten")],
    "binary": [("Sigmoid",), ("Sigmoid", "Flatten")],
    "hinge": [(), ("Dropout",)],
}

# The graph with nothing rewritten: quick to compile, and the yardstick of what is rewritten.
AS_WRITTEN = engine._own.engine.compile.mode.Mode(linker="py", optimizer=None)


@dataclass(frozen=True)
class Problem:
    """What is drawn: a network's shape, what it is to minimise, and the seed of all numbers."""

    examples: int
    example_shape: tuple[int, ...]
    hidden: list[tuple[int, bool, tuple[str, ...]]]  # width, has biases, layers behind it
    outputs: int
    loss: str
    end: tuple[str, ...]
    targets: str
    weighted: bool
    l1: float
    l2: float
    seed: int


@st.composite
def problems(draw: Any, losses: st.SearchStrategy[str], deepest: int = 3) -> Problem:
    loss = draw(losses)
    behind = st.lists(st.sampled_from(sorted(ACTIVATIONS)), max_size=2).map(tuple)
    factors = st.sampled_from([0.0, 0.1])
    return Problem(
        examples=draw(widths),
        example_shape=draw(st.sampled_from([(3,), (1,), (2, 2)])),
        hidden=draw(st.lists(st.tuples(widths, st.booleans(), behind), max_size=deepest)),
        outputs=draw(st.integers(2, 3) if loss in ("categorical", "hinge") else widths),
        loss=loss,
        end=draw(st.sampled_from(ENDS[loss])),
        targets=draw(st.sampled_from(["labels", "rows"])),
        weighted=draw(st.booleans()),
        l1=draw(factors),
        l2=draw(factors),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def network(problem: Problem) -> mtn.Sequential:
    """Return the network, its parameters symbolic: inputs, like all that is differentiated by."""
    layers = [mtn.Flatten()] if len(problem.example_shape) > 1 else []
    n_in = int(np.prod(problem.example_shape))
    for n_out, has_biases, behind in [*problem.hidden, (problem.outputs, True, problem.end)]:
        b = T.dvector("b") if has_biases else None
        layers.append(mtn.Dense(n_in, n_out, T.dmatrix("W"), b, dtype="float64"))
        # A softmax of one entry is refused: it is always 1.
        layers += [ACTIVATIONS[kind]() for kind in behind if (n_out, kind) != (1, "Softmax")]
        n_in = n_out
    return mtn.Sequential(*layers, input_shape=problem.example_shape)


def target_values(problem: Problem, rng: np.random.Generator) -> np.ndarray:
    shape = problem.examples, problem.outputs
    if problem.loss == "squared error":
        return rng.normal(size=shape)
    if problem.loss == "binary":
        return rng.uniform(size=shape)
    labels = rng.integers(0, problem.outputs, problem.examples)
    if problem.targets == "labels":
        return labels.astype("int32")
    if problem.loss == "hinge":
        return np.eye(problem.outputs)[labels]
    return rng.dirichlet(np.ones(problem.outputs), problem.examples)


def kinks(expression: Any) -> Iterator[Any]:
    """Yield, for every kink on the way to the expression, on which side of it the values lie."""
    seen, waiting = set(), [expression]
    while waiting:
        variable = waiting.pop()
        if variable in seen or variable.owner is None:
            continue
        seen.add(variable)
        inputs = variable.owner.inputs
        waiting += inputs
        kind = type(getattr(variable.owner.op, "scalar_op", None)).__name__
        if kind == "Switch":
            yield inputs[0]
        elif kind == "Abs":
            yield inputs[0] > 0
        elif kind == "Clip":
            yield inputs[0] < inputs[1]
            yield inputs[0] > inputs[2]


def smooth(f: Callable, values: list[np.ndarray]) -> Callable:
    """Return the first of f's results, for arguments that no kink parts from these values."""
    _, *here = f(*values)

    def within(*moved: np.ndarray) -> float:
        result, *there = f(*moved)
        assume(all(np.array_equal(a, b) for a, b in zip(here, there, strict=True)))
        return result

    return within


def check(problem: Problem, mode: Any) -> None:
    """Hold the gradients, compiled in this mode, against differences of the loss."""
    rng = np.random.default_rng(problem.seed)
    net = network(problem)
    x = engine.tensor("float64", 1 + len(problem.example_shape), "x")
    targets = target_values(problem, rng)
    y = engine.tensor(targets.dtype.name, targets.ndim, "y")
    arguments = [x, *net.parameters.values()]
    values = [rng.normal(size=(problem.examples, *problem.example_shape))]
    for layer in net.layers:
        for key, param in layer.parameters.items():
            shape = (layer.n_in, layer.n_out) if param.ndim == 2 else (layer.n_out,)
            values.append(rng.normal(size=shape) / np.sqrt(layer.n_in if key == "W" else 1))
    if problem.weighted:
        arguments.append(T.dvector("weights"))
        values.append(rng.uniform(0.1, 2, problem.examples))
    prediction = net(x, mtn.Training(seed=problem.seed))  # no step is counted: the masks stay
    loss = LOSSES[problem.loss](prediction, y, *arguments[len(net.parameters) + 1 :])
    matrices = [p for p in net.parameters.values() if p.ndim == 2]
    loss = loss + problem.l1 * mtn.l1(matrices) + problem.l2 * mtn.l2(matrices)

    f = function([*arguments, y], [loss, *kinks(loss)], mode=AS_WRITTEN)
    gradients = function([*arguments, y], [loss, *grad(loss, arguments)], mode=mode)
    assert gradients(*values, targets)[0] == pytest.approx(f(*values, targets)[0], rel=1e-12)
    assert_gradients_agree(
        smooth(lambda *moved: f(*moved, targets), values),
        lambda *moved: gradients(*moved, targets)[1:],
        values,
    )


@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_random_networks(loss, data):
    check(data.draw(problems(st.just(loss))), AS_WRITTEN)


@settings(max_examples=10, deadline=None)
@given(problem=problems(st.sampled_from(sorted(LOSSES))))
def test_random_networks_in_fast_compile_mode(problem):
    check(problem, "FAST_COMPILE")


@pytest.mark.engine_mode
@settings(max_examples=5, deadline=None)
@given(problem=problems(st.sampled_from(sorted(LOSSES)), deepest=1))
def test_random_networks_in_the_engine_s_own_mode(problem):
    check(problem, None)
