import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function, grad


def step_of(rate):
    """Compile a training step of a dropout layer: its values."""
    x, training = T.fmatrix("x"), mtn.Training(seed=3)
    with engine.flags(mode="FAST_COMPILE"):
        return function([x], mtn.Dropout(rate)(x, training), updates=training.updates)


def test_predicts_unchanged():
    x = T.fmatrix("x")
    assert mtn.Dropout(0.5)(x) is x


def test_rate_zero_is_no_layer_at_all():
    x = T.fmatrix("x")
    assert mtn.Dropout(0.0)(x, mtn.Training(0)) is x


def test_drops_at_its_rate_and_keeps_the_mean():
    out = step_of(0.2)(np.ones((500, 400), "float32"))
    assert sorted(set(out.ravel().tolist())) == [0, 1.25]
    # 200,000 draws: the standard error of the share is 0.0009.
    assert (out == 0).mean() == pytest.approx(0.2, abs=0.004)
    assert out.mean() == pytest.approx(1, abs=0.005)


def test_other_entries_at_each_step_and_the_input_as_their_mean():
    step, row = step_of(0.3), np.array([-3, 0.5, 2], "float32")
    first, second = (step(np.tile(row, (5000, 1))) for _ in range(2))
    # 15,000 pairs, of which 2 · 0.3 · 0.7 differ: four standard errors.
    assert ((first == 0) != (second == 0)).mean() == pytest.approx(0.42, abs=0.016)
    # An entry's variance is 0.3 / 0.7 of its square; four standard errors of 10,000.
    np.testing.assert_allclose((first + second).mean(axis=0) / 2, row, rtol=0.027)


def test_the_gradient_passes_where_the_value_did():
    x = T.fmatrix("x")
    out = mtn.Dropout(0.5)(x, mtn.Training(seed=0))
    value, gradient = function([x], [out, grad(out.sum(), x)])(np.ones((20, 20), "float32"))
    np.testing.assert_array_equal(value, gradient)


def test_what_is_dropped_is_zero_even_where_the_input_is_not_finite():
    out = step_of(0.5)(np.full((20, 20), np.inf, "float32"))
    assert set(out.ravel().tolist()) == {0, np.inf}


def test_float64_stays_float64():
    x = T.dmatrix("x")
    out = mtn.Dropout(0.3)(x, mtn.Training())
    assert set(function([x], out)(np.ones((9, 9))).ravel().tolist()) == {0, 1 / 0.7}


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan"), "a", None, True])
def test_refuses_other_rates(rate):
    with pytest.raises(ValueError, match=r"rate, the share dropped, must be in \[0, 1\)"):
        mtn.Dropout(rate)


def test_refuses_true_for_a_training():
    with pytest.raises(TypeError, match=r"training must be a Training or None, got True"):
        mtn.Dropout(0.5)(T.fmatrix("x"), True)


def test_name_repr_and_shape():
    assert mtn.Dropout(0.5, name="mine").name == "mine"
    assert repr(mtn.Dropout(0.25)) == "Dropout(0.25)"
    assert mtn.Dropout(0.5).output_shape((2, 3)) == (2, 3)
