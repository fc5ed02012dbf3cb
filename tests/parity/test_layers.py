"""Each layer beside PyTorch's: its output, and the gradients of a weighted sum of it."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, tensor

_rng = np.random.default_rng(11)
X = 3 * _rng.normal(size=(5, 4))
X[0, 0] = X[1, 1] = 0.0  # where a ReLU has its kink
X[2] = 1000, -1000, 999, 0  # where exp overflows
CUBE = _rng.normal(size=(5, 2, 3))
W, B = _rng.normal(size=(4, 3)), _rng.normal(size=3)

LAYERS = {
    "ReLU": (mtn.ReLU(), lambda f, x: x.relu(), X),
    "Sigmoid": (mtn.Sigmoid(), lambda f, x: x.sigmoid(), X),
    "Tanh": (mtn.Tanh(), lambda f, x: x.tanh(), X),
    "Softmax": (mtn.Softmax(), lambda f, x: x.softmax(dim=1), X),
    "LeakyReLU": (mtn.LeakyReLU(0.2), lambda f, x: f.leaky_relu(x, 0.2), X),
    "ELU": (mtn.ELU(1.5), lambda f, x: f.elu(x, 1.5), X),
    "GELU": (mtn.GELU(), lambda f, x: f.gelu(x), X),
    "Softplus": (mtn.Softplus(), lambda f, x: f.softplus(x, threshold=50), X),
    "Rescale": (mtn.Rescale(0.1, -2.0), lambda f, x: 0.1 * x - 2, X),
    "Flatten": (mtn.Flatten(), lambda f, x: x.flatten(start_dim=1), CUBE),
    "Dropout, predicting": (mtn.Dropout(0.5), lambda f, x: x, X),
}


def compare(output, gradients, torch_output, torch_inputs, weights):
    """Compare an output, and the gradients by PyTorch's inputs of its sum with `weights`."""
    np.testing.assert_allclose(output, torch_output.detach().numpy(), rtol=1e-14, atol=1e-300)
    (torch_output * weights).sum().backward()
    for mine, theirs in zip(gradients, torch_inputs, strict=True):
        np.testing.assert_allclose(mine, theirs.grad.numpy(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_output_and_gradient_agree(torch, name):
    layer, theirs, inputs = LAYERS[name]
    x = tensor("float64", inputs.ndim, "x")
    p, q = layer(x), torch.tensor(inputs, requires_grad=True)
    torch_output = theirs(torch.nn.functional, q)
    weights = np.random.default_rng(1).normal(size=tuple(torch_output.shape))
    output, gradient = function([x], [p, grad((p * weights).sum(), x)])(inputs)
    compare(output, [gradient], torch_output, [q], torch.tensor(weights))


def test_dense(torch):
    layer = mtn.Dense(4, 3, W, B, dtype="float64")
    x, weights = T.dmatrix("x"), np.random.default_rng(1).normal(size=(5, 3))
    p = layer(x)
    output, *gradients = function([x], [p, *grad((p * weights).sum(), [x, layer.W, layer.b])])(X)
    inputs = [torch.tensor(a, requires_grad=True) for a in (X, W, B)]
    # torch.nn.Linear keeps its weights (out, in).
    theirs = torch.nn.functional.linear(inputs[0], inputs[1].T, inputs[2])
    compare(output, gradients, theirs, inputs, torch.tensor(weights))


def test_dropout_scales_what_it_keeps_as_pytorch(torch):
    """The masks differ; zeros and 1 / (1 - rate) are what both are made of, in the same shares."""
    n, rate = 100_000, 0.2
    x = T.dvector("x")
    mine = function([x], mtn.Dropout(rate)(x, mtn.Training(seed=0)))(np.ones(n))
    torch.manual_seed(0)
    theirs = torch.nn.functional.dropout(torch.ones(n, dtype=torch.float64), rate).numpy()
    for values in (mine, theirs):
        np.testing.assert_allclose(np.unique(values), [0, 1.25])
        assert abs((values == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / n)


def test_every_layer_is_compared():
    names = {name.split(",")[0] for name in LAYERS} | {"Dense"}
    ours = {thing.__name__ for thing in map(vars(mtn).get, mtn.__all__) if is_layer(thing)}
    assert names == ours - {"Layer", "Sequential"}


def is_layer(thing):
    return isinstance(thing, type) and issubclass(thing, mtn.Layer)
