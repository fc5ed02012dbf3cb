"""float32 stays float32 in every variable of every training graph, whatever floatX says."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import compiled, engine

OPTIMIZERS = [
    mtn.SGD, mtn.Momentum, mtn.Nesterov, mtn.Adagrad, mtn.RMSprop, mtn.Adadelta, mtn.Adam,
    mtn.AdamW,
]  # fmt: skip
ROWS, LABELS = np.eye(3, dtype="float32"), np.arange(3, dtype="int32")
# The loss, the layers before it, and its targets; behind a Flatten the logits are out of sight.
LOSSES = {
    "squared error": (mtn.mean_squared_error, [mtn.Tanh], ROWS),
    "categorical": (mtn.categorical_crossentropy, [mtn.Softmax], LABELS),
    "categorical, rows": (mtn.categorical_crossentropy, [mtn.Softmax, mtn.Flatten], ROWS),
    "binary": (mtn.binary_crossentropy, [mtn.Sigmoid], ROWS),
    "binary, probabilities": (mtn.binary_crossentropy, [mtn.Sigmoid, mtn.Flatten], ROWS),
    "hinge": (mtn.multiclass_hinge, [], LABELS),
}
METRICS = {
    "binary_accuracy": mtn.binary_accuracy,
    "mean_absolute_error": mtn.mean_absolute_error,
}
METRICS_OF_CLASSES = {"accuracy": mtn.accuracy, "top_2": partial(mtn.top_k_accuracy, k=2)}


def step_graph(optimizer: mtn.Optimizer, name: str) -> Any:
    """Return the graph of the compiled step of a network with every kind of layer."""
    loss, end, targets = LOSSES[name]
    net = mtn.Sequential(
        mtn.Flatten(), mtn.Dense(4, 5), mtn.ReLU(), mtn.Dropout(0.2), mtn.Dense(5, 4), mtn.Tanh(),
        mtn.Dense(4, 3), mtn.Sigmoid(), mtn.Dense(3, 3), mtn.Softmax(), mtn.Dense(3, 3),
        *[layer() for layer in end], input_shape=(2, 2), seed=0,
    )  # fmt: skip
    metrics = METRICS | METRICS_OF_CLASSES if targets is ROWS else METRICS_OF_CLASSES
    penalty = np.float32(0.1) * (mtn.l1(net.params) + mtn.l2(net.params))
    trainer = mtn.Trainer(net, loss, optimizer, metrics=metrics, penalty=penalty)
    batch = np.ones((3, 2, 2), "float32"), targets, np.ones(3, "float32")
    return trainer.compiled._compile_step(batch).maker.fgraph


def is_real(variable: Any) -> bool:
    """Whether it holds real numbers; integers count steps, classes and random words."""
    return variable.type.dtype.startswith(("float", "complex"))


def variables(graph: Any) -> list[Any]:
    """Return a graph's variables, and those of the graphs within its fused operations.

    Those that yield integers are left shut: Theano takes the length of a range by a ceiling.
    """
    found = list(graph.variables)
    for node in graph.apply_nodes:
        for operation in (node.op, getattr(node.op, "scalar_op", None)):
            inner = getattr(operation, "fgraph", None)
            if inner is not None and any(map(is_real, node.outputs)):
                found += variables(inner)
    return found


def assert_float32(graph: Any) -> None:
    dtypes = [variable.type.dtype for variable in variables(graph) if is_real(variable)]
    wrong = set(dtypes) - {"float32"}
    assert not wrong
    assert len(dtypes) > 100


def compile_with(monkeypatch, **options):
    mode = engine._engine.compile.mode.Mode(linker="py", **options)
    monkeypatch.setattr(compiled, "function", partial(engine.function, mode=mode))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_as_written(optimizer, loss, monkeypatch):
    compile_with(monkeypatch, optimizer=None)
    with engine.flags(floatX="float64"):
        made = optimizer(clip_value=1, clip_norm=1, clip_global_norm=1)
        assert_float32(step_graph(made, loss))


@pytest.mark.parametrize(("optimizer", "loss"), list(zip(OPTIMIZERS[-6:], LOSSES, strict=True)))
def test_as_rewritten(optimizer, loss, monkeypatch):
    # With all rewrites, whose arithmetic on constants may be done in another type.
    compile_with(monkeypatch, optimizer="fast_run")
    with engine.flags(floatX="float64"):
        assert_float32(step_graph(optimizer(), loss))
