"""Every layer's and every loss's gradient against central differences, over random networks."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pytest
from differences import assert_gradients_agree
from hypothesis import given, settings
from hypothesis import strategies as st

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function, grad

sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)

LAYERS = {
    "ReLU": mtn.ReLU,
    "Sigmoid": mtn.Sigmoid,
    "Tanh": mtn.Tanh,
    "Softmax": mtn.Softmax,
    "Dropout": lambda: mtn.Dropout(0.4),
    "Flatten": mtn.Flatten,
    "Reshape": lambda: mtn.Reshape((-1,)),
    "GaussianNoise": lambda: mtn.GaussianNoise(0.4),
    "Residual": lambda: mtn.Residual(mtn.Softmax(), mtn.Dropout(0.4)),
}


def away_from_zero(values):
    """Move every entry 0.01 away from 0, where ReLU and the hinge have a kink."""
    return values + np.where(values < 0, -0.01, 0.01)


@cache
def compiled_layer(kind):
    """Compile Σ (layer(x) · weights) and its gradient; the weights make every output count."""
    x, weights = T.dmatrix("x"), T.dmatrix("weights")
    with engine.flags(mode="FAST_COMPILE"):
        output = (LAYERS[kind]()(x, mtn.Training(seed=0)) * weights).sum()
        # No step counter is updated, so every call draws the same dropout mask.
        return function([x, weights], output), function([x, weights], grad(output, [x, weights]))


@cache
def compiled_dense(n_in, n_out):
    x, W, b, weights = T.dmatrix("x"), T.dmatrix("W"), T.dvector("b"), T.dmatrix("weights")
    inputs = [x, W, b, weights]
    with engine.flags(mode="FAST_COMPILE"):
        output = (mtn.Dense(n_in, n_out, W, b, dtype="float64")(x) * weights).sum()
        return function(inputs, output), function(inputs, grad(output, inputs))


@pytest.mark.parametrize("kind", LAYERS)
@settings(max_examples=25, deadline=None)
@given(rows=sizes, columns=sizes, seed=seeds)
def test_layer(kind, rows, columns, seed):
    rng = np.random.default_rng(seed)
    x, weights = away_from_zero(rng.normal(size=(2, rows, columns)))
    assert_gradients_agree(*compiled_layer(kind), [x, weights])


@settings(max_examples=25, deadline=None)
@given(rows=sizes, n_in=sizes, n_out=sizes, seed=seeds)
def test_dense(rows, n_in, n_out, seed):
    rng = np.random.default_rng(seed)
    shapes = [(rows, n_in), (n_in, n_out), (n_out,), (rows, n_out)]
    assert_gradients_agree(*compiled_dense(n_in, n_out), [rng.normal(size=s) for s in shapes])


@cache
def compiled_towers():
    """Compile two branches with an input each, one of them with a way around its layer."""
    x, y, weights = T.dmatrix("x"), T.dmatrix("y"), T.dmatrix("weights")
    W, V = T.dmatrix("W"), T.dmatrix("V")
    one = mtn.Dense(2, 3, W, None, dtype="float64")
    other = mtn.Residual(mtn.Dense(3, 3, V, None, dtype="float64"), mtn.Tanh())
    inputs = [x, y, W, V, weights]
    with engine.flags(mode="FAST_COMPILE"):
        output = (mtn.Concatenate(one, other)((x, y)) * weights).sum()
        return function(inputs, output), function(inputs, grad(output, inputs))


@settings(max_examples=25, deadline=None)
@given(rows=sizes, seed=seeds)
def test_branches(rows, seed):
    rng = np.random.default_rng(seed)
    shapes = [(rows, 2), (rows, 3), (2, 3), (3, 3), (rows, 6)]
    assert_gradients_agree(*compiled_towers(), [rng.normal(size=s) for s in shapes])


@cache
def compiled_normalization(kind, frozen):
    x, gamma, beta, weights = T.dmatrix("x"), T.dvector("g"), T.dvector("b"), T.dmatrix("weights")
    inputs, averages = [x, gamma, beta, weights], {}
    if kind is mtn.BatchNorm:
        averages = {"mean": [1, -1, 0.5], "variance": [0.5, 2, 3]}
    layer = kind(3, gamma=gamma, beta=beta, dtype="float64", **averages)
    layer.trainable = not frozen
    with engine.flags(mode="FAST_COMPILE"):
        output = (layer(x, mtn.Training(seed=0)) * weights).sum()
        return function(inputs, output), function(inputs, grad(output, inputs))


@pytest.mark.parametrize(
    ("kind", "frozen"), [(mtn.BatchNorm, False), (mtn.BatchNorm, True), (mtn.LayerNorm, False)]
)
@settings(max_examples=25, deadline=None)
@given(rows=sizes, seed=seeds)
def test_normalization(kind, frozen, rows, seed):
    rng = np.random.default_rng(seed)
    shapes = [(rows, 3), (3,), (3,), (rows, 3)]
    # Away from rows or columns that are nearly alike, where the curvature is that of √ε.
    x = rng.permuted(np.linspace(-2, 2, rows * 3).reshape(rows, 3), axis=None).reshape(rows, 3)
    values = [x, *(rng.normal(size=s) for s in shapes[1:])]
    assert_gradients_agree(*compiled_normalization(kind, frozen), values)


@cache
def compiled_embedding():
    x, W, weights = T.imatrix("x"), T.dmatrix("W"), T.dtensor3("weights")
    with engine.flags(mode="FAST_COMPILE"):
        output = (mtn.Embedding(4, 2, W, dtype="float64")(x) * weights).sum()
        given = [x, W, weights]
        return function(given, output), function(given, grad(output, [W, weights]))


@settings(max_examples=25, deadline=None)
@given(rows=sizes, columns=sizes, seed=seeds)
def test_embedding(rows, columns, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, (rows, columns)).astype("int32")
    f, gradients = compiled_embedding()
    values = [rng.normal(size=(4, 2)), rng.normal(size=(rows, columns, 2))]
    assert_gradients_agree(partial(f, x), partial(gradients, x), values)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
IMAGES = {
    "Conv2D": lambda size, strides, padding, W, b: mtn.Conv2D(
        2, 2, size, strides, padding, W=W, b=b, dtype="float64"
    ),
    "Conv2D, dilated": lambda size, dilation, padding, W, b: mtn.Conv2D(
        2, 2, size, 1, padding, dilation, W, b, dtype="float64"
    ),
    "MaxPool2D": lambda size, strides, padding, W, b: mtn.MaxPool2D(size, strides, padding),
    "AveragePool2D": lambda size, strides, padding, W, b: mtn.AveragePool2D(size, strides, padding),
    "GlobalAveragePool2D": lambda *others: mtn.GlobalAveragePool2D(),
}


@pytest.mark.parametrize("kind", IMAGES)
@settings(max_examples=5, deadline=None)
@given(size=pairs, other=pairs, padding=st.sampled_from(["valid", "same"]), seed=seeds)
def test_images(kind, size, other, padding, seed):
    """The first derivatives, and those of the sum of their squares."""
    rng = np.random.default_rng(seed)
    variables = [T.dtensor4("x"), engine.tensor("float64", 4, "W"), T.dvector("b")]
    values = [rng.normal(size=shape) for shape in [(1, 7, 7, 2), (*size, 2, 2), (2,)]]
    layer = IMAGES[kind](size, other, padding, *variables[1:])
    count = 3 if layer.parameters else 1
    variables, values = variables[:count], values[:count]
    with engine.flags(mode="FAST_COMPILE"):
        output = (layer(variables[0]) ** 2).sum()
        squares = sum((g**2).sum() for g in grad(output, variables))
        for figure in (output, squares):
            f = function(variables, figure)
            assert_gradients_agree(f, function(variables, grad(figure, variables)), values)


LOSSES = {
    "mean_squared_error": lambda x, y, w: mtn.mean_squared_error(x, y, w),
    "softmax + categorical": lambda x, y, w: mtn.categorical_crossentropy(
        mtn.Softmax()(x), y / y.sum(axis=1, keepdims=True), w
    ),
    "probabilities + categorical": lambda x, y, w: mtn.categorical_crossentropy(
        T.exp(x) / T.exp(x).sum(axis=1, keepdims=True), y, w
    ),
    "sigmoid + binary": lambda x, y, w: mtn.binary_crossentropy(mtn.Sigmoid()(x), y, w),
    "probabilities + binary": lambda x, y, w: mtn.binary_crossentropy(1 / (1 + T.exp(-x)), y, w),
    "l1": lambda x, y, w: mtn.l1([x, y]) + w.sum(),
    "l2": lambda x, y, w: mtn.l2([x, y]) + w.sum(),
}


@cache
def compiled_loss(name):
    x, y, w = T.dmatrix("x"), T.dmatrix("y"), T.dvector("w")
    with engine.flags(mode="FAST_COMPILE"):
        loss = LOSSES[name](x, y, w)
        return function([x, y, w], loss), function([x, y, w], grad(loss, [x, y, w]))


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=25, deadline=None)
@given(rows=sizes, columns=sizes, seed=seeds)
def test_loss(name, rows, columns, seed):
    rng = np.random.default_rng(seed)
    x = away_from_zero(2 * rng.normal(size=(rows, columns)))
    y = rng.uniform(0.05, 0.95, size=(rows, columns))
    assert_gradients_agree(*compiled_loss(name), [x, y, rng.uniform(0.1, 2, size=rows)])


@cache
def compiled_hinge():
    s, y, w = T.dmatrix("s"), T.ivector("y"), T.dvector("w")
    with engine.flags(mode="FAST_COMPILE"):
        loss = mtn.multiclass_hinge(s, y, w)
        return function([s, y, w], loss), function([s, y, w], grad(loss, [s, w]))


@settings(max_examples=25, deadline=None)
@given(rows=sizes, classes=st.integers(2, 5), seed=seeds)
def test_multiclass_hinge(rows, classes, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows).astype("int32")
    # Scores on a grid of odd multiples of 0.1: no margin s_k - s_y + 1 is nearer to 0 than 0.1.
    scores = 0.2 * rng.integers(-20, 20, size=(rows, classes)) + 0.1 * np.eye(classes)[labels]
    f, gradients = compiled_hinge()
    assert_gradients_agree(
        lambda s, w: f(s, labels, w),
        lambda s, w: gradients(s, labels, w),
        [scores, rng.uniform(0.1, 2, size=rows)],
    )
