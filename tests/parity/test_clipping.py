"""Clipping of gradients beside PyTorch's and Keras's, below the limit, at it and above."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import shared

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

_rng = np.random.default_rng(5)
GRADIENTS = [
    np.array([[3.0, -4.0]]),  # its norm is 5
    _rng.normal(size=(4, 3)),
    np.zeros(6),
    1e-9 * _rng.normal(size=5),
]
LIMITS = [1e-3, 1.0, 5.0, 100.0]


def ours(clip, limit):
    return [g.eval() for g in clip([shared(g) for g in GRADIENTS], limit)]


def torch_s(torch, clip, limit):
    """Return the gradients after `clip(parameters, limit)`, which changes them in place."""
    params = [torch.zeros(*g.shape, dtype=torch.float64, requires_grad=True) for g in GRADIENTS]
    for param, gradient in zip(params, GRADIENTS, strict=True):
        param.grad = torch.tensor(gradient)
    clip(params, limit)
    return [param.grad.numpy() for param in params]


def keras_s(keras, **limit):
    """Return the clipped gradients, which a step at learning rate 1 takes away from zeros."""
    variables = [keras.Variable(np.zeros_like(g), dtype="float64") for g in GRADIENTS]
    gradients = [keras.ops.convert_to_tensor(g, dtype="float64") for g in GRADIENTS]
    keras.optimizers.SGD(1.0, **limit).apply(gradients, variables)
    return [-variable.numpy() for variable in variables]


def agree(mine, theirs, relative=1e-15):
    for some, others in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(some, others, rtol=relative, atol=0)


@pytest.mark.parametrize("limit", LIMITS)
def test_by_value(torch, limit):
    clip = torch.nn.utils.clip_grad_value_
    agree(ours(mtn.clip_by_value, limit), torch_s(torch, clip, limit))


@pytest.mark.parametrize("limit", LIMITS)
def test_by_norm(torch, limit):
    def clip(params, limit):
        for param in params:
            torch.nn.utils.clip_grad_norm_(param, limit)

    # PyTorch divides by the norm + 1e-6.
    agree(ours(mtn.clip_by_norm, limit), torch_s(torch, clip, limit), 1.01e-6 / limit)


@pytest.mark.parametrize("limit", LIMITS)
def test_by_global_norm(torch, limit):
    clip = torch.nn.utils.clip_grad_norm_
    agree(ours(mtn.clip_by_global_norm, limit), torch_s(torch, clip, limit), 1.01e-6 / limit)


def test_the_norm_itself_is_pytorch_s(torch):
    joint = torch.nn.utils.get_total_norm([torch.tensor(g) for g in GRADIENTS]).item()
    clipped = ours(mtn.clip_by_global_norm, 0.5 * joint)
    agree(clipped, [0.5 * g for g in GRADIENTS])


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize(
    ("clip", "name"),
    [
        (mtn.clip_by_value, "clipvalue"),
        (mtn.clip_by_norm, "clipnorm"),
        (mtn.clip_by_global_norm, "global_clipnorm"),
    ],
)
def test_as_keras(keras, clip, name, limit):
    agree(ours(clip, limit), keras_s(keras, **{name: limit}))


# What differs, so that the page that says so stays true.


def test_several_at_once_where_keras_takes_one(keras):
    mtn.SGD(clip_value=1, clip_norm=1, clip_global_norm=1)
    with pytest.raises(ValueError, match="Only one of"):
        keras.optimizers.SGD(clipvalue=1, clipnorm=1)
