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
IMAGES = _rng.normal(size=(2, 7, 6, 3))


def of_channels_first(name, *given, **options):
    """Return a function of PyTorch's for images that have their channels last."""
    return lambda f, x: getattr(f, name)(x.permute(0, 3, 1, 2), *given, **options).permute(
        0, 2, 3, 1
    )


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
    "Reshape": (mtn.Reshape((3, -1)), lambda f, x: x.reshape(5, 3, 2), CUBE),
    "Residual": (mtn.Residual(mtn.Tanh(), mtn.Softmax()), lambda f, x: x + x.tanh().softmax(1), X),
    "Concatenate": (
        mtn.Concatenate(mtn.ReLU(), mtn.Residual(mtn.Sigmoid())),
        lambda f, x: f.pad(x.relu(), (0, 4)) + f.pad(x + x.sigmoid(), (4, 0)),
        X,
    ),
    "GaussianNoise, predicting": (mtn.GaussianNoise(0.5), lambda f, x: x, X),
    "Dropout, predicting": (mtn.Dropout(0.5), lambda f, x: x, X),
    "MaxPool2D": (
        mtn.MaxPool2D((2, 3), (1, 2)),
        of_channels_first("max_pool2d", (2, 3), (1, 2)),
        IMAGES,
    ),
    "MaxPool2D, ties": (mtn.MaxPool2D(), of_channels_first("max_pool2d", 2), np.round(IMAGES)),
    "AveragePool2D": (mtn.AveragePool2D(3, 2), of_channels_first("avg_pool2d", 3, 2), abs(IMAGES)),
    "AveragePool2D, over the edges": (
        mtn.AveragePool2D(3, 1, "same"),
        of_channels_first("avg_pool2d", 3, 1, padding=1, count_include_pad=False),
        abs(IMAGES),
    ),
    "GlobalAveragePool2D": (mtn.GlobalAveragePool2D(), lambda f, x: x.mean(dim=(1, 2)), IMAGES),
}


# How far outputs, and gradients, may lie apart: relative, absolute.
CLOSE = {"float64": ((1e-14, 1e-300), (1e-13, 1e-14)), "float32": ((1e-5, 1e-5), (1e-5, 1e-5))}


def compare(output, gradients, torch_output, torch_inputs, weights):
    """Compare an output, and the gradients by PyTorch's inputs of its sum with `weights`."""
    (torch_output * weights).sum().backward()
    of_outputs, of_gradients = CLOSE[output.dtype.name]
    pairs = [(output, torch_output.detach(), of_outputs)]
    pairs += [(g, q.grad, of_gradients) for g, q in zip(gradients, torch_inputs, strict=True)]
    for mine, theirs, (rtol, atol) in pairs:
        assert mine.dtype == theirs.numpy().dtype
        np.testing.assert_allclose(mine, theirs.numpy(), rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("name", LAYERS)
def test_output_and_gradient_agree(torch, name, dtype):
    layer, theirs, inputs = LAYERS[name]
    inputs = inputs.astype(dtype)
    x = tensor(dtype, inputs.ndim, "x")
    p, q = layer(x), torch.tensor(inputs, requires_grad=True)
    torch_output = theirs(torch.nn.functional, q)
    weights = np.random.default_rng(1).normal(size=tuple(torch_output.shape)).astype(dtype)
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


CONVOLUTIONS = {
    "small": ((2, 8, 7, 3), (3, 2), 4, {}),
    "strides": ((2, 9, 8, 2), (3, 3), 3, {"strides": (2, 3)}),
    "dilation": ((2, 9, 8, 2), (2, 3), 3, {"dilation": (3, 2)}),
    "both": ((2, 9, 9, 2), (2, 3), 3, {"dilation": 2, "strides": 2}),
    "same": ((3, 5, 6, 1), (3, 4), 2, {"padding": "same"}),
    "same, strides": ((2, 8, 7, 2), (3, 4), 2, {"padding": "same", "strides": (2, 3)}),
    "same, dilation": ((2, 8, 7, 2), (3, 2), 2, {"padding": "same", "dilation": (2, 3)}),
    "one image": ((1, 5, 5, 1), (5, 5), 1, {}),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(torch, name, dtype):
    shape, size, filters, options = CONVOLUTIONS[name]
    rng = np.random.default_rng(4)
    arrays = [
        rng.normal(size=s).astype(dtype) for s in (shape, (*size, shape[3], filters), filters)
    ]
    layer = mtn.Conv2D(shape[3], filters, size, **options, W=arrays[1], b=arrays[2], dtype=dtype)
    x = tensor(dtype, 4, "x")
    p = layer(x)
    inputs = [torch.tensor(a, requires_grad=True) for a in arrays]
    # PyTorch pads both ends alike: what "same" has more at the end is put there before.
    rows, columns = layer.output_shape(shape[1:])[:2]
    around = []
    for k, n in ((1, columns), (0, rows)) if layer.padding == "same" else ():
        reach = (n - 1) * layer.strides[k] + (size[k] - 1) * layer.dilation[k] + 1
        over = max(reach - shape[1 + k], 0)
        around += [over // 2, over - over // 2]
    padded = torch.nn.functional.pad(inputs[0].permute(0, 3, 1, 2), around)
    theirs = torch.nn.functional.conv2d(
        padded, inputs[1].permute(3, 2, 0, 1), inputs[2], layer.strides, 0, layer.dilation
    ).permute(0, 2, 3, 1)
    weights = rng.normal(size=tuple(theirs.shape)).astype(dtype)
    wanted = [p, *grad((p * weights).sum(), [x, layer.W, layer.b])]
    output, *gradients = function([x], wanted)(arrays[0])
    (theirs * torch.tensor(weights)).sum().backward()
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    expected = [theirs.detach(), *(v.grad for v in inputs)]
    for mine, other in zip([output, *gradients], expected, strict=True):
        assert mine.dtype == dtype
        largest = float(abs(other).max())
        np.testing.assert_allclose(mine, other.numpy(), rtol=0, atol=tolerance * largest)


def test_nan_is_pooled_as_pytorch_does(torch):
    values = IMAGES.copy()
    values[:, ::2, 1] = np.nan
    x, q = tensor("float64", 4, "x"), torch.tensor(values, requires_grad=True)
    y = mtn.MaxPool2D(3, 2)(x)
    theirs = of_channels_first("max_pool2d", 3, 2)(torch.nn.functional, q)
    theirs.sum().backward()
    output, gradient = function([x], [y, grad(y.sum(), x)])(values)
    np.testing.assert_array_equal(output, theirs.detach().numpy())
    np.testing.assert_array_equal(gradient, q.grad.numpy())


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
    names = {name.split(",")[0] for name in LAYERS} | {"Dense", "Conv2D"}
    names |= {"BatchNorm", "LayerNorm", "Embedding"}  # in test_normalization
    ours = {thing.__name__ for thing in map(vars(mtn).get, mtn.__all__) if is_layer(thing)}
    assert names == ours - {"Layer", "Sequential"}


def is_layer(thing):
    return isinstance(thing, type) and issubclass(thing, mtn.Layer)
