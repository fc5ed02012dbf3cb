"""float32 stays float32 in every variable of every training graph, whatever floatX says."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T

OPTIMIZERS = [
    mtn.SGD, mtn.Momentum, mtn.Nesterov, mtn.Adagrad, mtn.RMSprop, mtn.Adadelta, mtn.Adam,
    mtn.AdamW,
]  # fmt: skip
RATES = [
    0.01, mtn.Cosine(0.1, steps=50), mtn.Exponential(0.1, 0.5, 10),
    mtn.OneCycle(0.1, steps=50), mtn.Piecewise([10], [0.1, 0.01]), lambda steps: 0.1 / (1 + steps),
]  # fmt: skip
ROWS, LABELS = np.eye(3, dtype="float32"), np.arange(3, dtype="int32")
# The loss, the layers before it, and its targets; behind a Flatten the logits are out of sight.
LOSSES = {
    "squared error": (mtn.mean_squared_error, [mtn.Tanh], ROWS),
    "categorical": (mtn.categorical_crossentropy, [mtn.Softmax], LABELS),
    "categorical, rows": (mtn.categorical_crossentropy, [mtn.Softmax, mtn.Flatten], ROWS),
    "smoothed": (partial(mtn.categorical_crossentropy, label_smoothing=0.1), [mtn.Softmax], LABELS),
    "binary": (mtn.binary_crossentropy, [mtn.Sigmoid], ROWS),
    "binary, probabilities": (mtn.binary_crossentropy, [mtn.Sigmoid, mtn.Flatten], ROWS),
    "hinge": (mtn.multiclass_hinge, [], LABELS),
}
METRICS = {
    "binary_accuracy": mtn.binary_accuracy,
    "mean_absolute_error": mtn.mean_absolute_error,
}
METRICS_OF_CLASSES = {"accuracy": mtn.accuracy, "top_2": partial(mtn.top_k_accuracy, k=2)}
the_engine = importlib.import_module(engine.name)


class Own(mtn.Layer):
    """Floats of Python's in a layer of one's own, random numbers, and a running average."""

    def __init__(self):
        super().__init__()
        self.mean = self.state("mean", mtn.Zeros(), (5,))

    def forward(self, x, training=None):
        if training is None:
            return (x - self.mean) * 0.7 + 0.1
        training.update(self.mean, 0.9 * self.mean + 0.1 * x.mean(axis=0, acc_dtype=x.dtype))
        stream = training.stream(self)
        return x * 0.7 + 0.1 * stream.normal(x.shape, 2) + 0.1 * stream.uniform(x.shape, 2)


@pytest.fixture
def graphs(monkeypatch):
    """Collect the graphs that are compiled; `mode` is what they are compiled with."""
    found, compile_ = [], the_engine.function
    monkeypatch.setattr(
        the_engine,
        "function",
        lambda *given, **options: _kept(found, compile_(*given, **{**options, "mode": modes[0]})),
    )
    modes = [the_engine.compile.mode.Mode(linker="py", optimizer=None)]
    found.append(modes)
    with engine.flags(floatX="float64"):
        yield found


def _kept(found: list, made: Any) -> Any:
    found.append(made.maker.fgraph)
    return made


def every_kind() -> list[mtn.Layer]:
    return [
        mtn.Dense(4, 5), mtn.ReLU(), mtn.Dropout(0.2), Own(), mtn.Dense(5, 4), mtn.Tanh(),
        mtn.BatchNorm(4), mtn.LeakyReLU(), mtn.ELU(), mtn.LayerNorm(4), mtn.Dense(4, 4),
        mtn.Sigmoid(), mtn.GELU(), mtn.Softplus(),
        mtn.Residual(mtn.Tanh(), mtn.GaussianNoise(0.1)), mtn.Reshape((2, -1)), mtn.Flatten(),
        mtn.Concatenate(mtn.Dense(4, 1), mtn.Dense(4, 3)), mtn.Softmax(),
    ]  # fmt: skip


def a_few() -> list[mtn.Layer]:
    # Theano's Python form of a fused loop, which nobody has who has its C compiler, leaves out the
    # cast of a mask's positions.
    dropout = [mtn.Dropout(0.2)] if engine.name == "pytensor" else []
    return [mtn.Dense(4, 4), mtn.ReLU(), *dropout]


def train_a_step(optimizer: mtn.Optimizer, name: str, layers: Any = every_kind) -> None:
    """Take a step of a network, and validate it."""
    loss, end, targets = LOSSES[name]
    net = mtn.Sequential(
        mtn.Rescale(0.5, 0.1), mtn.Flatten(), *layers(), mtn.Dense(4, 3),
        *[layer() for layer in end], input_shape=(2, 2), seed=0,
    )  # fmt: skip
    metrics = METRICS | METRICS_OF_CLASSES if targets is ROWS else METRICS_OF_CLASSES
    penalty = np.float32(0.1) * (mtn.l1(net.params) + mtn.l2(net.params))
    trainer = mtn.Trainer(net, loss, optimizer, metrics=metrics, penalty=penalty)
    batch = np.ones((3, 2, 2), "float32"), targets, np.ones(3, "float32")
    trainer.fit(batch, validation=batch, progress=False)


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


def assert_float32(graphs: list[Any]) -> None:
    """Hold all graphs against float32; one of them is a training step's, and large."""
    lengths = []
    for graph in graphs[1:]:
        dtypes = [variable.type.dtype for variable in variables(graph) if is_real(variable)]
        assert set(dtypes) <= {"float32"}, graph
        lengths.append(len(dtypes))
    assert len(lengths) >= 2
    assert max(lengths) > 100


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_as_written(optimizer, graphs):
    made = optimizer(
        clip_value=1, clip_norm=1, clip_global_norm=1, average=0.9, rates={"dense_1/*": 0.1},
        constraints={"dense_2/W": mtn.MaxNorm(3), "dense_3/*": mtn.NonNegative()},
    )  # fmt: skip
    train_a_step(made, "categorical")
    assert_float32(graphs)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_as_written(loss, graphs):
    train_a_step(mtn.SGD(), loss)
    assert_float32(graphs)


def test_images_as_written(graphs):
    net = mtn.Sequential(
        mtn.Conv2D(1, 2, 2, padding="same"), mtn.ReLU(), mtn.MaxPool2D(), mtn.Conv2D(2, 2, 1),
        mtn.AveragePool2D(2, 1), mtn.GlobalAveragePool2D(), mtn.Dense(2, 3), mtn.Softmax(),
        input_shape=(4, 5, 1), seed=0,
    )  # fmt: skip
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(), [mtn.accuracy])
    batch = np.ones((3, 4, 5, 1), "float32"), LABELS
    trainer.fit(batch, validation=batch, progress=False)
    assert_float32(graphs)


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: type(rate).__name__)
def test_learning_rates_as_written(rate, graphs):
    train_a_step(mtn.Momentum(rate), "squared error")
    assert_float32(graphs)


@pytest.mark.parametrize(("optimizer", "loss"), list(zip(OPTIMIZERS[-7:], LOSSES, strict=True)))
def test_as_rewritten(optimizer, loss, graphs):
    # With all rewrites, whose arithmetic on constants may be done in another type.
    graphs[0][0] = the_engine.compile.mode.Mode(linker="py", optimizer="fast_run")
    train_a_step(optimizer(), loss, a_few)
    assert_float32(graphs)


def test_the_yardstick_sees_an_upcast(graphs):
    x = T.fvector("x")
    engine.function([x], x * np.float64(0.7))
    with pytest.raises(AssertionError):
        assert_float32(graphs)
