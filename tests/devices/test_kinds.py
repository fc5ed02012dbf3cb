"""Every layer, loss, metric, optimizer and schedule: on JAX as on the engine's own."""

from functools import partial

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine

pytestmark = pytest.mark.skipif(engine.name != "pytensor", reason="Theano doesn't run on JAX")
pytest.importorskip("jax")

EXAMPLES, CLASSES = 12, 3
SHAPES = {"rows": (4,), "images": (5, 6, 2), "bytes": (5, 6, 2), "numbers": (4,)}
DOUBLE = {"dtype": "float64"}
dense, conv = partial(mtn.Dense, **DOUBLE), partial(mtn.Conv2D, **DOUBLE)
batch_norm, layer_norm = partial(mtn.BatchNorm, **DOUBLE), partial(mtn.LayerNorm, **DOUBLE)

# What the inputs are, and the layers below a Softmax.
NETWORKS = {
    "noise": ("rows", lambda: [mtn.GaussianNoise(0.2), dense(4, 6), mtn.Dropout(0.4), dense(6, 3)]),
    "batches": ("rows", lambda: [dense(4, 6, b=None), batch_norm(6), mtn.ReLU(), dense(6, 3)]),
    "branches": ("rows", lambda: [mtn.Concatenate(dense(4, 3), mtn.Tanh()), dense(7, 3)]),
    "residual": (
        "rows",
        lambda: [mtn.Residual(dense(4, 4), mtn.Softplus()), layer_norm(4), dense(4, 3)],
    ),
    "convolution": (
        "images",
        lambda: [
            conv(2, 3, (3, 2), strides=(1, 2), b=None), batch_norm(3), mtn.LeakyReLU(),
            mtn.MaxPool2D(2, 1), mtn.Flatten(), dense(12, 3),
        ],
    ),
    "padding": (
        "images",
        lambda: [
            conv(2, 3, 3, padding="same"), mtn.GELU(), mtn.AveragePool2D(2, 1, "same"),
            mtn.Reshape((-1,)), dense(90, 3),
        ],
    ),
    "dilation": (
        "images",
        lambda: [conv(2, 4, 2, dilation=2), mtn.Sigmoid(), mtn.GlobalAveragePool2D(), dense(4, 3)],
    ),
    "bytes": (
        "bytes",
        lambda: [mtn.Rescale(1 / 255, -0.5, **DOUBLE), mtn.ELU(), mtn.Flatten(), dense(60, 3)],
    ),
    "embedding": (
        "numbers",
        lambda: [mtn.Embedding(9, 4, **DOUBLE), layer_norm(4), mtn.Flatten(), dense(16, 3)],
    ),
}  # fmt: skip


def inputs_of(kind, rng):
    shape = EXAMPLES, *SHAPES[kind]
    if kind == "numbers":
        return rng.integers(0, 9, shape)
    return rng.integers(0, 256, shape, "uint8") if kind == "bytes" else rng.normal(size=shape)


def assert_alike(make, data, **options):
    """Train on the engine and on JAX, and compare the states and the figures."""
    options = {"epochs": 2, "batch_size": 4, "progress": False, "validation": data} | options
    mine, other = make(None), make(mtn.Jax(1))
    expected, found = (trainer.fit(data, **options) for trainer in (mine, other))
    for name, variable in mine.state.items():
        value, kept = variable.get_value(), other.state[name].get_value()
        assert (value.dtype, type(kept)) == (kept.dtype, np.ndarray)
        np.testing.assert_allclose(kept, value, rtol=0, atol=1e-13, err_msg=name)
    for name in set(expected) - {"seconds"}:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_layers(name, rng):
    kind, layers = NETWORKS[name]
    data = inputs_of(kind, rng), rng.integers(0, CLASSES, EXAMPLES).astype("int32")

    def make(backend):
        net = mtn.Sequential(*layers(), mtn.Softmax(), seed=1)
        return mtn.Trainer(net, CROSS, mtn.Nesterov(0.05), [mtn.accuracy], backend=backend)

    assert_alike(make, data)


CROSS, BINARY = mtn.categorical_crossentropy, mtn.binary_crossentropy
SMOOTHED = partial(CROSS, from_logits=True, label_smoothing=0.1)
# An optimizer, a loss, and what stands between two layers.
CASES = {
    "sgd": (mtn.SGD(mtn.Piecewise([3], [0.1, 0.05]), rates={"dense_1/*": 0.5}), CROSS, mtn.ReLU),
    "momentum": (
        mtn.Momentum(mtn.Exponential(0.1, 0.5, steps=4), clip_global_norm=0.5), SMOOTHED,
        mtn.LeakyReLU,
    ),
    "nesterov": (mtn.Nesterov(0.1, clip_norm=0.5), mtn.multiclass_hinge, mtn.ELU),
    "adagrad": (mtn.Adagrad(0.1, clip_value=0.1), BINARY, mtn.GELU),
    "rmsprop": (
        mtn.RMSprop(0.01, constraints={"*/W": mtn.MaxNorm(0.8)}), mtn.mean_squared_error,
        mtn.Sigmoid,
    ),
    "adadelta": (mtn.Adadelta(constraints={"*/b": mtn.NonNegative()}), CROSS, mtn.Softplus),
    "adam": (mtn.Adam(mtn.Cosine(0.02, steps=8, warm_up=2), average=0.9), CROSS, mtn.Tanh),
    "adamw": (mtn.AdamW(mtn.OneCycle(0.02, steps=10)), CROSS, mtn.Softmax),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_optimizers_losses_and_metrics(case, rng):
    optimizer, loss, between = CASES[case]
    y, metrics = rng.integers(0, CLASSES, 37), [mtn.accuracy, partial(mtn.top_k_accuracy, k=2)]
    if loss in (BINARY, mtn.mean_squared_error):
        y, metrics = np.eye(CLASSES)[y], [mtn.binary_accuracy, mtn.mean_absolute_error]
    last = {BINARY: [mtn.Sigmoid], CROSS: [mtn.Softmax]}.get(loss, [])

    def make(backend):
        ends = [layer() for layer in last]
        net = mtn.Sequential(dense(4, 6), between(), dense(6, CLASSES), *ends, seed=3)
        penalty = 1e-3 * mtn.l2([net.layers[0].W]) + 1e-3 * mtn.l1([net.layers[0].W])
        return mtn.Trainer(net, loss, optimizer, metrics, penalty=penalty, backend=backend)

    data = rng.normal(size=(37, 4)), y, np.linspace(0, 2, 37)
    assert_alike(make, data, batch_size=8)


def test_none_is_left_out():
    networks = [mtn.Sequential(*make()) for _, make in NETWORKS.values()]
    tested = {type(layer) for net in networks for _, layer in net.walk()}
    for optimizer, _, between in CASES.values():
        tested |= {type(optimizer), type(optimizer.learning_rate), between}
        tested |= {type(rule) for rule in optimizer.constraints.values()}
    bases = mtn.Layer, mtn.Optimizer, mtn.Schedule
    ours = {kind for kind in vars(mtn).values() if isinstance(kind, type)}
    asked = {kind for kind in ours if issubclass(kind, bases)} - set(bases)
    assert asked | {mtn.MaxNorm, mtn.NonNegative} <= tested
