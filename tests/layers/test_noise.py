import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad

ONES = np.ones((300, 200), "float32")


def step_of(stddev, make=T.fmatrix):
    """Compile a training step of a noise layer: its values."""
    x, training = make("x"), mtn.Training(seed=3)
    return function([x], mtn.GaussianNoise(stddev)(x, training), updates=training.updates)


def test_predicts_unchanged():
    x = T.fmatrix("x")
    assert mtn.GaussianNoise(0.5)(x) is x


def test_none_at_all_is_no_layer():
    x = T.fmatrix("x")
    assert mtn.GaussianNoise(0)(x, mtn.Training(0)) is x


def test_its_mean_and_standard_deviation():
    noise = step_of(0.5)(3 * ONES) - 3
    assert noise.dtype == np.float32
    # 60,000 draws: four standard errors of the mean, of the deviation, of the share beyond one.
    assert noise.mean() == pytest.approx(0, abs=4 * 0.5 / np.sqrt(60_000))
    assert noise.std() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(120_000))
    assert (abs(noise) > 0.5).mean() == pytest.approx(0.3173, abs=4 * 0.0019)


def test_other_noise_at_each_step_and_the_same_by_the_same_seed():
    step = step_of(0.5)
    first, second = step(ONES), step(ONES)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 4 / np.sqrt(60_000)
    np.testing.assert_array_equal(step_of(0.5)(ONES), first)


def test_the_gradient_passes():
    x = T.fmatrix("x")
    out = mtn.GaussianNoise(0.5)(x, mtn.Training(seed=0))
    np.testing.assert_array_equal(function([x], grad(out.sum(), x))(ONES), ONES)


def test_float64_stays_float64():
    assert step_of(0.3, T.dmatrix)(ONES.astype("float64")).dtype == np.float64


@pytest.mark.parametrize("stddev", [-0.1, float("nan"), float("inf"), "a", None, True])
def test_refuses_other_deviations(stddev):
    with pytest.raises(ValueError, match="GaussianNoise: stddev must be a number, 0 or more"):
        mtn.GaussianNoise(stddev)


def test_name_repr_and_shape():
    assert mtn.GaussianNoise(0.5, name="mine").name == "mine"
    assert repr(mtn.GaussianNoise(0.25)) == "GaussianNoise(0.25)"
    assert mtn.GaussianNoise(0.5).output_shape((2, 3)) == (2, 3)
