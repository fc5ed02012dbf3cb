"""Each loss beside PyTorch's and Keras's: its value, and its gradient by the logits or outputs."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, sigmoid, softmax, tensor

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

_rng = np.random.default_rng(3)
N, CLASSES = 7, 4
SCORES = 2 * _rng.normal(size=(N, CLASSES))
# Far beyond where exp overflows, or where 1 - p is 0 in float64.
EXTREME = np.array(
    [[900.0, -900, 0, 3], [-1e4, 1e4, 1e4, 0], [800, 800, 800, 801], [40, -40, 0, 0]]
)
PROBABILITIES = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
LABELS = (np.arange(N) % CLASSES).astype("int32")
ONE_HOT = np.eye(CLASSES)[LABELS]
SOFT = _rng.dirichlet(np.ones(CLASSES), size=N)
BITS = (_rng.random((N, CLASSES)) < 0.5).astype("float64")
NUMBERS = _rng.normal(size=(N, CLASSES))
WEIGHTS = np.array([0.0, 1, 2.5, 0.3, 1, 4, 0.1])


def ours(loss, outputs, target, weights=None, through=lambda z: z):
    """Return the loss of `through(outputs)`, and its gradient by the outputs."""
    z, y, w = T.dmatrix("z"), tensor(str(target.dtype), target.ndim, "y"), T.dvector("w")
    asked, given = ([], []) if weights is None else ([w], [weights])
    value = loss(through(z), y, *asked)
    return function([z, y, *asked], [value, grad(value, z)])(outputs, target, *given)


def torch_s(torch, each, outputs, weights=None):
    """Return the mean over examples of `each(outputs)`, (n,), and its gradient."""
    z = torch.tensor(outputs, requires_grad=True)
    losses = each(z)
    value = (losses if weights is None else losses * torch.tensor(weights)).mean()
    value.backward()
    return value.item(), z.grad.numpy()


def agree(mine, theirs, tolerance=1e-14):
    for some, others in zip(mine, theirs, strict=True):
        assert np.isfinite(some).all()
        np.testing.assert_allclose(some, others, rtol=tolerance, atol=tolerance)


def cross_entropy(torch, target):
    dtype = torch.int64 if target.ndim == 1 else torch.float64
    y = torch.tensor(target, dtype=dtype)
    return lambda z: torch.nn.functional.cross_entropy(z, y, reduction="none")


CASES = {
    "categorical_crossentropy of logits, labels": (
        mtn.categorical_crossentropy, softmax, SCORES, LABELS,
        lambda torch: cross_entropy(torch, LABELS),
    ),
    "categorical_crossentropy of logits, one-hot": (
        mtn.categorical_crossentropy, softmax, SCORES, ONE_HOT,
        lambda torch: cross_entropy(torch, ONE_HOT),
    ),
    "categorical_crossentropy of logits, soft targets": (
        mtn.categorical_crossentropy, softmax, SCORES, SOFT,
        lambda torch: cross_entropy(torch, SOFT),
    ),
    "categorical_crossentropy of probabilities": (
        mtn.categorical_crossentropy, None, PROBABILITIES, LABELS,
        lambda torch: lambda p: torch.nn.functional.nll_loss(
            p.log(), torch.tensor(LABELS, dtype=torch.int64), reduction="none"
        ),
    ),
    "binary_crossentropy of logits": (
        mtn.binary_crossentropy, sigmoid, SCORES, BITS,
        lambda torch: lambda z: torch.nn.functional.binary_cross_entropy_with_logits(
            z, torch.tensor(BITS), reduction="none"
        ).mean(dim=1),
    ),
    "binary_crossentropy of logits, soft targets": (
        mtn.binary_crossentropy, sigmoid, SCORES, SOFT,
        lambda torch: lambda z: torch.nn.functional.binary_cross_entropy_with_logits(
            z, torch.tensor(SOFT), reduction="none"
        ).mean(dim=1),
    ),
    "binary_crossentropy of probabilities": (
        mtn.binary_crossentropy, None, PROBABILITIES, BITS,
        lambda torch: lambda p: torch.nn.functional.binary_cross_entropy(
            p, torch.tensor(BITS), reduction="none"
        ).mean(dim=1),
    ),
    "mean_squared_error": (
        mtn.mean_squared_error, None, SCORES, NUMBERS,
        lambda torch: lambda z: torch.nn.functional.mse_loss(
            z, torch.tensor(NUMBERS), reduction="none"
        ).mean(dim=1),
    ),
    # PyTorch divides the sum over the wrong classes by the number of classes.
    "multiclass_hinge, labels": (
        mtn.multiclass_hinge, None, SCORES, LABELS,
        lambda torch: lambda z: CLASSES * torch.nn.functional.multi_margin_loss(
            z, torch.tensor(LABELS, dtype=torch.int64), reduction="none"
        ),
    ),
    "multiclass_hinge, one-hot": (
        mtn.multiclass_hinge, None, SCORES, ONE_HOT,
        lambda torch: lambda z: CLASSES * torch.nn.functional.multi_margin_loss(
            z, torch.tensor(LABELS, dtype=torch.int64), reduction="none"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_agree_with_pytorch(torch, name, weights):
    loss, through, outputs, target, theirs = CASES[name]
    mine = ours(loss, outputs, target, weights, through or (lambda z: z))
    agree(mine, torch_s(torch, theirs(torch), outputs, weights))


def test_every_loss_is_compared():
    public = {
        name for name in mtn.__all__ if name.endswith(("crossentropy", "squared_error", "hinge"))
    }
    assert public == {case[0].__name__ for case in CASES.values()}


@pytest.mark.parametrize("label", range(CLASSES))
def test_extreme_logits_of_a_softmax(torch, label):
    labels = np.full(len(EXTREME), label, "int32")
    mine = ours(mtn.categorical_crossentropy, EXTREME, labels, through=softmax)
    agree(mine, torch_s(torch, cross_entropy(torch, labels), EXTREME))


@pytest.mark.parametrize("bit", [0.0, 1.0])
def test_extreme_logits_of_a_sigmoid(torch, bit):
    bits = np.full_like(EXTREME, bit)
    mine = ours(mtn.binary_crossentropy, EXTREME, bits, through=sigmoid)
    binary = torch.nn.functional.binary_cross_entropy_with_logits
    theirs = torch_s(
        torch, lambda z: binary(z, torch.tensor(bits), reduction="none").mean(dim=1), EXTREME
    )
    agree(mine, theirs)


# What PyTorch has no equal for: sample weights as an argument, and clipped probabilities. Where
# Keras takes a mean over outputs, it does so in float32 on JAX, whatever it was asked for.
IN_FLOAT32 = 1e-7

KERAS = {
    "mean_squared_error": ("MeanSquaredError", {}, SCORES, NUMBERS, None),
    "categorical_crossentropy": (
        "CategoricalCrossentropy", {"from_logits": True}, SCORES, SOFT, softmax,
    ),
    "categorical_crossentropy, labels": (
        "SparseCategoricalCrossentropy", {"from_logits": True}, SCORES, LABELS, softmax,
    ),
    "binary_crossentropy": ("BinaryCrossentropy", {"from_logits": True}, SCORES, BITS, sigmoid),
    "categorical_crossentropy, clipped": ("CategoricalCrossentropy", {}, ONE_HOT[::-1], SOFT, None),
    "binary_crossentropy, clipped": ("BinaryCrossentropy", {}, BITS, SOFT, None),
}  # fmt: skip


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("name", KERAS)
def test_value_and_gradient_agree_with_keras(keras, name, weights):
    import jax

    kind, options, outputs, target, through = KERAS[name]
    loss = getattr(keras.losses, kind)(**options)
    theirs = jax.value_and_grad(lambda z: loss(target, z, sample_weight=weights))(outputs)
    mine = ours(
        getattr(mtn, name.split(",")[0]), outputs, target, weights, through or (lambda z: z)
    )
    agree(mine, theirs, 1e-14 if kind.endswith("CategoricalCrossentropy") else IN_FLOAT32)


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_penalties_agree_with_keras(keras, name):
    mine = getattr(mtn, name)([mtn.engine.shared(SCORES), mtn.engine.shared(WEIGHTS)])
    theirs = getattr(keras.regularizers, name.upper())(1.0)
    agree([mine.eval()], [float(theirs(SCORES)) + float(theirs(WEIGHTS))])


# What differs, so that the page that says so stays true.


def test_keras_clips_what_we_look_through(keras):
    """The cross-entropy of a softmax, as both frameworks' users write it, far from the target."""
    logits, labels = np.array([[40.0, 0.0]]), np.array([1], "int32")
    theirs = keras.losses.SparseCategoricalCrossentropy()(labels, keras.ops.softmax(logits))
    mine, gradient = ours(mtn.categorical_crossentropy, logits, labels, through=softmax)
    assert mine == 40
    assert gradient[0, 0] == pytest.approx(1)
    assert float(theirs) == pytest.approx(-np.log(1e-7))


def test_keras_takes_the_largest_violation_of_the_margin_only(keras):
    theirs = float(keras.losses.CategoricalHinge()(ONE_HOT, SCORES))
    right = (ONE_HOT * SCORES).sum(axis=1)
    largest = ((1 - ONE_HOT) * SCORES).max(axis=1)  # 0 among them, for the right class
    assert theirs == pytest.approx(np.maximum(0, largest - right + 1).mean())
    assert abs(ours(mtn.multiclass_hinge, SCORES, LABELS)[0] - theirs) > 1e-3


def test_pytorch_stops_the_logarithm_at_minus_100(torch):
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    theirs = torch.nn.functional.binary_cross_entropy(torch.tensor(zero), torch.tensor(one))
    assert theirs.item() == 100
    assert ours(mtn.binary_crossentropy, zero, one)[0] == pytest.approx(-np.log(1e-7))


def test_a_label_outside_the_classes(torch, keras):
    outside = np.array([CLASSES], "int32")
    assert ours(mtn.categorical_crossentropy, SCORES[:1], outside, through=softmax)[0] == 0
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert float(loss(outside, SCORES[:1])) == 0
    with pytest.raises(IndexError, match="out of bounds"):
        cross_entropy(torch, outside)(torch.tensor(SCORES[:1]))
    assert cross_entropy(torch, np.array([-100]))(torch.tensor(SCORES[:1])).item() == 0
