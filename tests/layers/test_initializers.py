import numpy as np
import pytest

import minitheanonet as mtn

SHAPE = (300, 200)
VARIANCES = {
    mtn.GlorotUniform: 2 / 500,
    mtn.GlorotNormal: 2 / 500,
    mtn.HeUniform: 2 / 300,
    mtn.HeNormal: 2 / 300,
    mtn.LeCunUniform: 1 / 300,
    mtn.LeCunNormal: 1 / 300,
}


@pytest.mark.parametrize("initializer", VARIANCES)
def test_mean_and_variance(initializer, rng):
    weights = initializer()(SHAPE, rng)
    # 60,000 draws: the standard error is 0.4 % of a standard deviation, 0.6 % of the variance.
    assert abs(weights.mean()) < 0.02 * weights.std()
    assert weights.var() == pytest.approx(VARIANCES[initializer], rel=0.03)


@pytest.mark.parametrize(
    "initializer", [mtn.GlorotUniform, mtn.HeUniform, mtn.LeCunUniform], ids=lambda c: c.__name__
)
def test_uniform_range(initializer, rng):
    limit = np.sqrt(3 * VARIANCES[initializer])
    largest = np.abs(initializer()(SHAPE, rng)).max()
    assert 0.99 * limit < largest <= limit


def test_normal_has_long_tails(rng):
    weights = mtn.HeNormal()(SHAPE, rng)
    assert np.abs(weights).max() > 3.5 * weights.std()


def test_simple_ones(rng):
    assert (mtn.Zeros()((2, 3), rng) == 0).all()
    assert (mtn.Constant(0.5)((2, 3), rng) == 0.5).all()
    normal = mtn.Normal(std=0.1, mean=2.0)(SHAPE, rng)
    assert normal.mean() == pytest.approx(2, abs=0.01)
    assert normal.std() == pytest.approx(0.1, rel=0.03)
    uniform = mtn.Uniform(-1, 3)(SHAPE, rng)
    assert -1 <= uniform.min() < -0.99
    assert 2.99 < uniform.max() < 3


def test_default_values(rng):
    assert mtn.Normal() == mtn.Normal(std=0.05, mean=0)
    assert mtn.Uniform() == mtn.Uniform(low=-0.05, high=0.05)
    assert mtn.Orthogonal() == mtn.Orthogonal(gain=1)


def test_a_whole_constant_is_a_real_number_too(rng):
    assert mtn.Constant(1)((2,), rng).dtype == np.float64


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7)])
def test_orthogonal(shape, rng):
    weights = mtn.Orthogonal(gain=2.0)(shape, rng)
    assert weights.shape == shape
    gram = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    np.testing.assert_allclose(gram, 4 * np.eye(min(shape)), atol=1e-12)


def test_orthogonal_signs_are_not_fixed(rng):
    # QR alone would give diagonals of one sign far more often than not.
    corners = [mtn.Orthogonal()((3, 3), rng)[0, 0] for _ in range(100)]
    assert 30 < sum(corner > 0 for corner in corners) < 70


@pytest.mark.parametrize("initializer", [mtn.GlorotUniform(), mtn.HeNormal(), mtn.Orthogonal()])
def test_needs_a_matrix(initializer, rng):
    with pytest.raises(ValueError, match=r"weight matrices.*and kernels.*\(3,\).*Use Zeros"):
        initializer((3,), rng)


def test_the_ends_of_their_ranges_are_allowed(rng):
    assert (mtn.Normal(0)((2, 3), rng) == 0).all()
    assert (mtn.Uniform(0.5, 0.5)((2, 3), rng) == 0.5).all()
