"""Layers beside Keras's, by its defaults: outputs, and gradients of a weighted sum of them."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import function, grad, tensor

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

_rng = np.random.default_rng(11)
X = 3 * _rng.normal(size=(5, 4))
X[2] = 1000, -1000, 999, 0.5  # where exp overflows
CUBE = _rng.normal(size=(5, 2, 3))
CLOSE = {"float32": 1e-5, "float64": 1e-10}
# On JAX, Keras computes this one in float32, in a layer of float64 too.
IN_FLOAT32 = {"Tanh"}

LAYERS = {
    "ReLU": (mtn.ReLU(), lambda k: k.ReLU(), X),
    "LeakyReLU": (mtn.LeakyReLU(), lambda k: k.LeakyReLU(), X),
    "ELU": (mtn.ELU(), lambda k: k.ELU(), X),
    "GELU": (mtn.GELU(), lambda k: k.Activation("gelu"), X),
    "Softplus": (mtn.Softplus(), lambda k: k.Activation("softplus"), X),
    "Sigmoid": (mtn.Sigmoid(), lambda k: k.Activation("sigmoid"), X),
    "Tanh": (mtn.Tanh(), lambda k: k.Activation("tanh"), X),
    "Softmax": (mtn.Softmax(), lambda k: k.Softmax(), X),
    "Rescale": (mtn.Rescale(0.1), lambda k: k.Rescaling(0.1), X),
    "Rescale, offset": (mtn.Rescale(0.1, -2.0), lambda k: k.Rescaling(0.1, -2.0), X),
    "Flatten": (mtn.Flatten(), lambda k: k.Flatten(), CUBE),
    "Reshape": (mtn.Reshape((3, -1)), lambda k: k.Reshape((3, -1)), CUBE),
    "Dropout, predicting": (mtn.Dropout(0.5), lambda k: k.Dropout(0.5), X),
    "GaussianNoise, predicting": (mtn.GaussianNoise(0.5), lambda k: k.GaussianNoise(0.5), X),
    "Residual": (
        mtn.Residual(mtn.Sigmoid(), mtn.Softmax()),
        lambda k: lambda x: k.Add()([x, k.Softmax()(k.Activation("sigmoid")(x))]),
        X,
    ),
    "Concatenate": (
        mtn.Concatenate(mtn.ReLU(), mtn.Sigmoid()),
        lambda k: lambda x: k.Concatenate()([k.ReLU()(x), k.Activation("sigmoid")(x)]),
        X,
    ),
}


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("name", LAYERS)
def test_output_and_gradient_agree(keras, name, dtype):
    jax = pytest.importorskip("jax")
    keras.config.set_dtype_policy(dtype)
    layer, make, values = LAYERS[name]
    values, theirs = values.astype(dtype), make(keras.layers)
    expected = np.asarray(theirs(values))
    weights = np.random.default_rng(1).normal(size=expected.shape).astype(dtype)
    by_input = jax.grad(lambda x: (theirs(x) * weights).sum())(values)
    x = tensor(dtype, values.ndim, "x")
    p = layer(x)
    results = function([x], [p, grad((p * weights).sum(), x)])(values)
    close = CLOSE["float32" if name in IN_FLOAT32 else dtype]
    for mine, other in zip(results, (expected, np.asarray(by_input)), strict=True):
        assert mine.dtype == dtype
        np.testing.assert_allclose(mine, other, rtol=close, atol=close)


def test_the_noise_of_training_is_as_large(keras):
    """The numbers differ; both have mean 0 and the standard deviation that was asked for."""
    zeros, stddev = np.zeros((1000, 100)), 0.3
    x = tensor("float64", 2, "x")
    mine = function([x], mtn.GaussianNoise(stddev)(x, mtn.Training(seed=0)))(zeros)
    theirs = np.asarray(keras.layers.GaussianNoise(stddev, seed=0)(zeros, training=True))
    for noise in (mine, theirs):  # five standard errors of 100,000 draws
        assert abs(noise.mean()) < 5 * stddev / np.sqrt(1e5)
        assert abs(noise.std() - stddev) < 5 * stddev / np.sqrt(2e5)


def test_the_derivatives_at_zero(keras):
    """What `docs/differences.md` says: ours and PyTorch's is the slope's, and Keras's is 1."""
    jax, zero = pytest.importorskip("jax"), np.zeros((1, 1))
    x = tensor("float64", 2, "x")
    mine = function([x], grad(mtn.LeakyReLU(0.3)(x).sum(), x))(zero)
    theirs = jax.grad(lambda x: keras.layers.LeakyReLU(negative_slope=0.3)(x).sum())(zero)
    assert (mine.item(), theirs.item()) == (0.3, 1)


def test_keras_refuses_noise_that_no_file_is_written_of(keras):
    with pytest.raises(ValueError, match="between 0 and 1"):
        keras.layers.GaussianNoise(1.5)
