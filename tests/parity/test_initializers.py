"""Each initialiser beside PyTorch's and Keras's: the distribution, and what is drawn from it."""

from __future__ import annotations

import numpy as np
import pytest

import minitheanonet as mtn

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FAN_IN, FAN_OUT = 300, 200

# Ours, PyTorch's on a weight tensor, and the name of Keras's with its arguments.
UNIFORM = {
    "GlorotUniform": (mtn.GlorotUniform(), lambda i, w: i.xavier_uniform_(w), {}),
    "HeUniform": (mtn.HeUniform(), lambda i, w: i.kaiming_uniform_(w, nonlinearity="relu"), {}),
    "LecunUniform": (
        mtn.LeCunUniform(), lambda i, w: i.kaiming_uniform_(w, nonlinearity="linear"), {},
    ),
    "RandomUniform": (
        mtn.Uniform(-0.3, 0.1), lambda i, w: i.uniform_(w, -0.3, 0.1),
        {"minval": -0.3, "maxval": 0.1},
    ),
}  # fmt: skip
NORMAL = {
    "GlorotNormal": (mtn.GlorotNormal(), lambda i, w: i.xavier_normal_(w), {}),
    "HeNormal": (mtn.HeNormal(), lambda i, w: i.kaiming_normal_(w, nonlinearity="relu"), {}),
    "LecunNormal": (
        mtn.LeCunNormal(), lambda i, w: i.kaiming_normal_(w, nonlinearity="linear"), {},
    ),
    "RandomNormal": (
        mtn.Normal(std=0.2, mean=0.1), lambda i, w: i.normal_(w, 0.1, 0.2),
        {"stddev": 0.2, "mean": 0.1},
    ),
}  # fmt: skip
FIXED = {
    "Zeros": (mtn.Zeros(), lambda i, w: i.zeros_(w), {}),
    "Constant": (mtn.Constant(0.7), lambda i, w: i.constant_(w, 0.7), {"value": 0.7}),
}
ORTHOGONAL = {
    "Orthogonal": (mtn.Orthogonal(1.5), lambda i, w: i.orthogonal_(w, 1.5), {"gain": 1.5})
}
ALL = UNIFORM | NORMAL | FIXED | ORTHOGONAL


class Asked(np.random.Generator):
    """A generator that draws nothing, and notes which distribution it is asked for."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))

    def uniform(self, low, high, shape):
        self.parameters = low, high
        return np.zeros(shape)

    def normal(self, mean, std, shape):
        self.parameters = mean, std
        return np.zeros(shape)


def our_draw(initializer, shape=(FAN_IN, FAN_OUT), seed=0):
    return initializer(shape, np.random.default_rng(seed))


def torch_draw(torch, fill, shape=(FAN_IN, FAN_OUT), seed=0):
    """Return weights (in, out): the transpose of what torch.nn.Linear keeps."""
    torch.manual_seed(seed)
    weight = torch.empty(*reversed(shape), dtype=torch.float64)
    fill(torch.nn.init, weight)
    return weight.numpy().T


def keras_draw(keras, name, shape=(FAN_IN, FAN_OUT), seed=0):
    initializer = getattr(keras.initializers, name)(**ALL[name][2], seed=seed)
    return np.asarray(initializer(shape, dtype="float64"))


def test_every_initializer_is_compared():
    kinds = {type(case[0]).__name__ for case in ALL.values()}
    endings = ("Uniform", "Normal", "Zeros", "Constant", "Orthogonal")
    assert kinds == {name for name in mtn.__all__ if name.endswith(endings)}


@pytest.mark.parametrize("name", UNIFORM | NORMAL)
def test_the_distributions_parameters_are_pytorch_s(torch, name):
    class Weight(torch.Tensor):
        def uniform_(self, low, high, generator=None):
            self.parameters = low, high

        def normal_(self, mean, std, generator=None):
            self.parameters = mean, std

    mine, fill, _ = ALL[name]
    asked, weight = Asked(), Weight(FAN_OUT, FAN_IN)
    mine((FAN_IN, FAN_OUT), asked)
    fill(torch.nn.init, weight)
    np.testing.assert_allclose(asked.parameters, weight.parameters, rtol=1e-15)


def check_moments(some, others, kurtosis):
    """Check that two samples of one distribution have the same mean and variance.

    Each differs from the distribution's by its standard error, √(σ²/n) and √((κ - 1) σ⁴/n), so
    the difference of two has √2 times that; five of these are missed once in a million draws.
    """
    assert some.size == others.size
    n, variance = some.size, others.var()
    assert abs(some.mean() - others.mean()) < 5 * np.sqrt(2 * variance / n)
    assert abs(some.var() - variance) < 5 * np.sqrt(2 * (kurtosis - 1) / n) * variance


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_draws_agree(torch, keras, name):
    mine = our_draw(UNIFORM[name][0])
    for theirs in (torch_draw(torch, UNIFORM[name][1]), keras_draw(keras, name)):
        check_moments(mine, theirs, kurtosis=9 / 5)
        # n draws leave out more than 20/n of the range at an end once in e²⁰ times.
        room = 20 / mine.size * np.ptp(theirs)
        assert mine.min() == pytest.approx(theirs.min(), abs=room)
        assert mine.max() == pytest.approx(theirs.max(), abs=room)


@pytest.mark.parametrize("name", NORMAL)
def test_normal_draws_agree(torch, keras, name):
    mine = our_draw(NORMAL[name][0])
    check_moments(mine, torch_draw(torch, NORMAL[name][1]), kurtosis=3)
    # Keras cuts some of these off at two standard deviations, and widens the others so that the
    # variance is the same; the normal distribution's larger fourth moment bounds both errors.
    check_moments(mine, keras_draw(keras, name), kurtosis=3)


@pytest.mark.parametrize("name", FIXED)
def test_fixed_values_agree(torch, name):
    mine, fill, _ = FIXED[name]
    np.testing.assert_array_equal(our_draw(mine), torch_draw(torch, fill))


def draws_of(torch, keras):
    """Return, of each framework, a function (shape, seed) → orthogonal matrix of gain 1.5."""
    mine, fill, _ = ORTHOGONAL["Orthogonal"]
    return {
        "ours": lambda shape, seed: our_draw(mine, shape, seed),
        "PyTorch": lambda shape, seed: torch_draw(torch, fill, shape, seed),
        "Keras": lambda shape, seed: keras_draw(keras, "Orthogonal", shape, seed),
    }


@pytest.mark.parametrize("shape", [(40, 25), (25, 40), (30, 30)])
def test_rows_or_columns_are_orthogonal_in_all(torch, keras, shape):
    for framework, draw in draws_of(torch, keras).items():
        Q = draw(shape, 0)
        product = Q.T @ Q if shape[0] >= shape[1] else Q @ Q.T
        np.testing.assert_allclose(
            product, 1.5**2 * np.eye(min(shape)), atol=1e-12, err_msg=framework
        )


def test_orthogonal_matrices_are_uniformly_distributed_as_pytorch_s(torch):
    """Then the trace has mean 0 and variance 1; with LAPACK's signs left, the mean is off."""
    mine, fill, _ = ORTHOGONAL["Orthogonal"]
    n = 2000
    for draw in (
        lambda seed: our_draw(mine, (3, 3), seed),
        lambda seed: torch_draw(torch, fill, (3, 3), seed),
    ):
        traces = np.array([np.trace(draw(seed)) / 1.5 for seed in range(n)])
        assert abs(traces.mean()) < 5 / np.sqrt(n)
        # A trace of an orthogonal 3 × 3 matrix lies in [-3, 3]: its square has variance < 9.
        assert abs((traces**2).mean() - 1) < 5 * 3 / np.sqrt(n)


# What differs, so that the page that says so stays true.


@pytest.mark.parametrize("name", ["GlorotNormal", "HeNormal", "LecunNormal"])
def test_keras_cuts_normal_weights_off_at_two_standard_deviations(keras, name):
    mine, theirs = our_draw(NORMAL[name][0]), keras_draw(keras, name)
    assert abs(theirs / theirs.std()).max() < 2 / 0.8796 + 0.05
    assert abs(mine / mine.std()).max() > 3.5


def test_pytorch_s_layer_begins_uniform_by_its_fan_in_with_biases(torch):
    torch.manual_seed(0)
    layer = torch.nn.Linear(FAN_IN, FAN_OUT, dtype=torch.float64)
    weights, biases = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    limit = 1 / np.sqrt(FAN_IN)
    assert weights.shape == (FAN_OUT, FAN_IN)
    assert limit * (1 - 1e-3) < abs(weights).max() <= limit
    assert limit * 0.8 < abs(biases).max() <= limit


def test_keras_s_layer_begins_as_ours(keras):
    layer = keras.layers.Dense(FAN_OUT)
    layer.build((None, FAN_IN))
    weights, biases = layer.get_weights()
    mine = mtn.Dense(FAN_IN, FAN_OUT, dtype="float64", seed=0)
    check_moments(mine.W.get_value(), weights, kurtosis=9 / 5)
    assert abs(weights).max() <= np.sqrt(6 / (FAN_IN + FAN_OUT))
    assert not biases.any()
    assert not mine.b.get_value().any()


@pytest.mark.parametrize("name", UNIFORM | NORMAL)
def test_the_fans_of_kernels_are_keras_s(keras, name):
    shape = (3, 5, 40, 30)
    check_moments(our_draw(ALL[name][0], shape), keras_draw(keras, name, shape), kurtosis=3)
