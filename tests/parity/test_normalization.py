"""Normalisation and embedding beside PyTorch and Keras: values, gradients, running averages."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, tensor

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SHAPES = {"vectors": (20, 4), "images": (3, 5, 6, 4)}
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
KERAS_S = 1e-5  # its normalisation computes in float32 whatever its dtype: a test below
VOCABULARY, WORDS = 7, np.array([[0, 3, 3], [6, 1, 0]], "int32")


def arrays(shape, dtype):
    """Return x, γ, β, the running mean and variance, and weights of the outputs."""
    rng, n = np.random.default_rng(3), shape[-1]
    given = [
        2 * rng.normal(size=shape) + 1, rng.normal(size=n), rng.normal(size=n),
        rng.normal(size=n), rng.uniform(0.5, 2, n), rng.normal(size=shape),
    ]  # fmt: skip
    return [array.astype(dtype) for array in given]


def agree(mine, theirs, dtype, tolerance=None):
    """Hold arrays against theirs, up to a share of the largest."""
    tolerance = tolerance or TOLERANCE[dtype]
    for a, b in zip(mine, theirs, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(1, abs(b).max()))


def ours(layer, x, weights, is_training):
    """Return the output, the gradients by input and parameters, and the averages afterwards."""
    training = mtn.Training(seed=0) if is_training else None
    v = tensor(layer.dtype, x.ndim, "x")
    p = layer(v, training)
    wanted = [p, *grad((p * weights).sum(), [v, *layer.params])]
    results = function([v], wanted, updates=training.updates if training else {})(x)
    return [*results, *(state.get_value() for state in layer.states.values())]


def keras_s(keras, layer, values, x, weights, is_training):
    """Return the same of a layer of Keras's with these arrays."""
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    layer.build(x.shape)
    layer.set_weights(values)
    start = [[v.value for v in vs] for vs in
             (layer.trainable_variables, layer.non_trainable_variables)]  # fmt: skip

    def loss(x, trained):
        options = {"training": is_training} if start[1] else {}
        output, kept = layer.stateless_call(trained, start[1], x, **options)
        return (output * weights).sum(), (output, kept)

    differentiate = jax.grad(loss, argnums=(0, 1), has_aux=True)
    (by_x, by_trained), (output, kept) = differentiate(jax.numpy.asarray(x), start[0])
    return [output, by_x, *by_trained, *kept]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
class TestValuesAndGradients:
    @pytest.mark.parametrize("is_training", [True, False])
    def test_batch_norm_as_keras(self, keras, shape, dtype, is_training):
        x, *values, weights = arrays(shape, dtype)
        gamma, beta, mean, variance = values
        layer = mtn.BatchNorm(4, gamma=gamma, beta=beta, mean=mean, variance=variance, dtype=dtype)
        theirs = keras.layers.BatchNormalization(dtype=dtype)
        expected = keras_s(keras, theirs, values, x, weights, is_training)
        agree(ours(layer, x, weights, is_training), expected, dtype, KERAS_S)

    def test_layer_norm_as_keras(self, keras, shape, dtype):
        x, gamma, beta, *_, weights = arrays(shape, dtype)
        layer = mtn.LayerNorm(4, gamma=gamma, beta=beta, dtype=dtype)
        theirs = keras.layers.LayerNormalization(dtype=dtype)
        expected = keras_s(keras, theirs, [gamma, beta], x, weights, True)
        agree(ours(layer, x, weights, True), expected, dtype, KERAS_S)

    @pytest.mark.parametrize("is_training", [True, False])
    def test_batch_norm_as_pytorch(self, torch, shape, dtype, is_training):
        x, gamma, beta, mean, variance, weights = arrays(shape, dtype)
        layer = mtn.BatchNorm(4, 0.9, 1e-5, gamma, beta, mean=mean, variance=variance, dtype=dtype)
        results = ours(layer, x, weights, is_training)
        averages = [torch.tensor(a) for a in (mean, variance)]
        inputs = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
        output = torch.nn.functional.batch_norm(
            inputs[0].movedim(-1, 1), *averages, *inputs[1:], is_training, 0.1, 1e-5
        ).movedim(1, -1)
        (output * torch.tensor(weights)).sum().backward()
        count = x.size // 4
        if is_training:  # what differs: PyTorch's running variance is of the unbiased ones
            results[-1] += 0.1 * x.reshape(-1, 4).var(axis=0) / (count - 1)
        found = [output.detach(), *(v.grad for v in inputs), *averages]
        agree(results, [v.numpy() for v in found], dtype)

    def test_layer_norm_as_pytorch(self, torch, shape, dtype):
        x, gamma, beta, *_, weights = arrays(shape, dtype)
        layer = mtn.LayerNorm(4, 1e-5, gamma, beta, dtype=dtype)
        inputs = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
        output = torch.nn.functional.layer_norm(inputs[0], (4,), *inputs[1:], 1e-5)
        (output * torch.tensor(weights)).sum().backward()
        found = [output.detach(), *(v.grad for v in inputs)]
        agree(ours(layer, x, weights, True), [v.numpy() for v in found], dtype)


def our_embedding(W, weights):
    layer, x = mtn.Embedding(VOCABULARY, 2, W, dtype=W.dtype.name), T.imatrix("x")
    p = layer(x)
    return function([x], [p, grad((p * weights).sum(), layer.W)])(WORDS)


def of_words(dtype):
    rng = np.random.default_rng(5)
    W, weights = rng.normal(size=(VOCABULARY, 2)), rng.normal(size=(2, 3, 2))
    return W.astype(dtype), weights.astype(dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_embedding_as_pytorch(torch, dtype):
    W, weights = of_words(dtype)
    v = torch.tensor(W, requires_grad=True)
    output = torch.nn.functional.embedding(torch.tensor(WORDS), v)
    (output * torch.tensor(weights)).sum().backward()
    agree(our_embedding(W, weights), [output.detach().numpy(), v.grad.numpy()], dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_embedding_as_keras(keras, dtype):
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    W, weights = of_words(dtype)
    layer = keras.layers.Embedding(VOCABULARY, 2, dtype=dtype)
    layer.build(WORDS.shape)

    def loss(W):
        output, _ = layer.stateless_call([W], [], WORDS)
        return (output * weights).sum(), output

    gradient, output = jax.grad(loss, has_aux=True)(jax.numpy.asarray(W))
    agree(our_embedding(W, weights), [output, gradient], dtype)


def test_a_frozen_batch_norm_is_as_keras_s(keras):
    x, *values, weights = arrays((20, 4), "float64")
    theirs = keras.layers.BatchNormalization()
    theirs.build(x.shape)
    theirs.set_weights(values)
    theirs.trainable = False
    output = theirs(x, training=True)
    gamma, beta, mean, variance = values
    layer = mtn.BatchNorm(4, gamma=gamma, beta=beta, mean=mean, variance=variance, dtype="float64")
    layer.trainable = False
    results = ours(layer, x, weights, True)
    expected = [output, *theirs.get_weights()[2:]]
    agree([results[0], *results[-2:]], expected, "float64", KERAS_S)


# What differs, so that the page that says so stays true.


@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization"])
def test_keras_normalises_in_float32(keras, kind):
    output = np.asarray(getattr(keras.layers, kind)()(arrays((20, 4), "float64")[0], training=True))
    assert output.dtype == np.float64
    np.testing.assert_array_equal(output, output.astype("float32"))


def test_a_word_outside_the_vocabulary(torch, keras):
    W, _ = of_words("float64")
    layer = keras.layers.Embedding(VOCABULARY, 2)
    layer.build((1, 1))
    layer.set_weights([W])
    wrapped, beyond = np.asarray(layer(np.array([[-1, VOCABULARY]])))[0]
    np.testing.assert_array_equal(wrapped, W[-1])
    assert np.isnan(beyond).all()
    with pytest.raises(IndexError):
        torch.nn.functional.embedding(torch.tensor([[-1]]), torch.tensor(W))
    with pytest.raises(ValueError, match="in \\[0, 7\\)"):
        mtn.Embedding(VOCABULARY, 2, W).predict([[-1]])


def test_a_batch_of_one(torch, keras):
    x = np.array([[3.0, -2.0]])
    layer = mtn.BatchNorm(2, beta=[1, 2], dtype="float64")
    assert ours(layer, x, np.ones((1, 2)), True)[0].tolist() == [[1, 2]]
    assert np.asarray(keras.layers.BatchNormalization()(x, training=True)).tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        torch.nn.functional.batch_norm(torch.tensor(x), None, None, training=True)


def test_the_start_of_vectors(torch):
    torch.manual_seed(0)
    theirs = torch.nn.Embedding(500, 50).weight.detach().numpy()
    assert theirs.std() == pytest.approx(1, abs=0.05)
    assert mtn.Embedding(500, 50, seed=0).W.get_value().std() == pytest.approx(0.0289, abs=0.001)
