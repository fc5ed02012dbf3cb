import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, constant, function, grad, shared

x32 = np.array([[1, -2], [0, 3], [-4, 5]], dtype="float32")


def run(layer, values, training=None):
    x = T.matrix("x", dtype=values.dtype.name)
    return function([x], layer(x, training))(values)


def test_dense_is_an_affine_map():
    W, b = np.array([[1, 2, 3], [4, 5, 6]]), [0.5, 0, -0.5]
    out = run(mtn.Dense(2, 3, W, b), x32)
    np.testing.assert_allclose(out, x32 @ W + b, rtol=1e-6)
    assert out.dtype == np.float32


def test_dense_without_bias():
    layer = mtn.Dense(2, 3, b=None, seed=0)
    assert layer.b is None
    assert [p.name for p in layer.params] == ["dense/W"]
    np.testing.assert_allclose(run(layer, x32), x32 @ layer.W.get_value(), rtol=1e-5)


def test_dense_in_float64():
    layer = mtn.Dense(2, 3, dtype="float64", seed=0)
    assert {p.dtype for p in layer.params} == {"float64"}
    assert run(layer, x32.astype("float64")).dtype == np.float64


def test_a_layer_that_stands_alone_draws_from_its_own_seed():
    first, same, other = mtn.Dense(4, 4, seed=1), mtn.Dense(4, 4, seed=1), mtn.Dense(4, 4, seed=2)
    assert (first.W.get_value() == same.W.get_value()).all()
    assert (first.W.get_value() != other.W.get_value()).any()
    unseeded = [mtn.Dense(4, 4).W.get_value() for _ in range(2)]
    assert (unseeded[0] != unseeded[1]).any()


def test_weights_never_start_at_zero():
    assert (mtn.Dense(4, 4).W.get_value() != 0).all()


def test_parameters_keep_the_order_of_their_declaration():
    # Weights to be drawn later stand before biases that are there already.
    assert [p.name for p in mtn.Dense(2, 3, b=np.ones(3)).params] == ["dense/W", "dense/b"]


def test_rename_without_a_prefix():
    layer = mtn.Dense(2, 3, W=np.ones((2, 3)), b=None)
    layer.rename("before/")
    assert layer.W.name == "before/dense/W"
    layer.rename()
    assert layer.W.name == "dense/W"


class TestParametersAreGivenAs:
    def test_an_array(self):
        layer = mtn.Dense(1, 2, W=np.array([[1.5, 2.5]]))
        assert layer.W.get_value().tolist() == [[1.5, 2.5]]
        assert layer.W in layer.params
        assert layer.W.dtype == "float32"

    def test_a_shared_variable(self):
        W = shared(np.ones((2, 3), "float32"), "mine")
        layer = mtn.Dense(2, 3, W=W)
        assert layer.params[0] is W
        assert W.name == "mine"

    def test_a_function(self):
        layer = mtn.Dense(2, 3, W=lambda shape, rng: np.full(shape, 7))
        assert (layer.W.get_value() == 7).all()

    def test_a_constant_is_frozen(self):
        layer = mtn.Dense(2, 3, W=T.constant(np.ones((2, 3), "float32")), seed=0)
        assert layer.params == [layer.b]

    def test_a_tied_transpose(self):
        encoder = mtn.Dense(2, 3, seed=0)
        decoder = mtn.Dense(3, 2, W=encoder.W.T, seed=0)
        assert decoder.params == [decoder.b]
        x = T.fmatrix("x")
        out = function([x], decoder(encoder(x)))(x32)
        W = encoder.W.get_value()
        np.testing.assert_allclose(out, x32 @ W @ W.T, rtol=1e-5)
        # The gradient reaches the one matrix through both layers.
        g = function([x], grad(decoder(encoder(x)).sum(), encoder.W))(x32)
        ones = np.ones((3, 2), "float32")
        np.testing.assert_allclose(g, x32.T @ (ones @ W) + ones.T @ (x32 @ W), rtol=1e-5)


class TestDenseRefuses:
    def test_an_array_of_another_shape(self):
        with pytest.raises(ValueError, match=r"first: W has shape \(3, 2\), expected \(2, 3\)"):
            mtn.Dense(2, 3, W=np.ones((3, 2)), name="first")

    @pytest.mark.parametrize("shape", [(5, 3), (2, 5)])
    def test_a_shared_variable_with_one_length_too_many(self, shape):
        with pytest.raises(ValueError, match=r"dense: W has shape .* expected \(2, 3\)"):
            mtn.Dense(2, 3, W=shared(np.ones(shape, "float32")))

    def test_a_shared_variable_of_another_shape(self):
        with pytest.raises(ValueError, match=r"dense: b has shape \(4,\), expected \(3,\)"):
            mtn.Dense(2, 3, b=shared(np.ones(4, "float32")))

    def test_a_symbolic_variable_of_another_rank(self):
        with pytest.raises(ValueError, match=r"dense: W has shape \(\?,\), expected \(2, 3\)"):
            mtn.Dense(2, 3, W=T.fvector("w"))

    def test_a_parameter_of_another_dtype(self):
        with pytest.raises(TypeError, match="W is float64, but the layer computes in float32"):
            mtn.Dense(2, 3, W=T.dmatrix("w"))

    def test_what_an_initialiser_drew_wrongly(self):
        layer = mtn.Dense(2, 3, W=lambda shape, rng: np.ones((9, 9)))
        with pytest.raises(ValueError, match=r"W has shape \(9, 9\), expected \(2, 3\)"):
            _ = layer.params

    @pytest.mark.parametrize("wrong", ["glorot", [["a", "b", "c"]] * 2, 1j * np.ones((2, 3))])
    def test_what_is_no_parameter(self, wrong):
        with pytest.raises(TypeError, match="W must be an initialiser, an array of real numbers"):
            mtn.Dense(2, 3, W=wrong)

    @pytest.mark.parametrize("size", [0, -1, 2.5, "3", True, None])
    def test_a_size_that_is_no_positive_whole_number(self, size):
        with pytest.raises(ValueError, match="n_in must be a positive whole number"):
            mtn.Dense(size, 2)
        with pytest.raises(ValueError, match="n_out must be a positive whole number"):
            mtn.Dense(2, size)

    def test_an_input_of_another_dtype(self):
        with pytest.raises(TypeError, match='its input is float64: cast the input, or .*"float64"'):
            mtn.Dense(2, 3)(T.dmatrix("x"))

    def test_an_input_of_another_rank(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, 2\).*Flatten"):
            mtn.Dense(2, 3)(T.ftensor3("x"))

    def test_an_input_that_is_known_to_have_another_width(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, 2\), got \(\?, 1\)"):
            mtn.Dense(2, 3)(T.fcol("x"))
        assert mtn.Dense(2, 3)(T.frow("x")).ndim == 2  # one example, of unknown width


def test_relu():
    assert run(mtn.ReLU(), x32).tolist() == [[1, 0], [0, 3], [0, 5]]


def test_relu_lets_nan_through():
    assert np.isnan(run(mtn.ReLU(), np.array([[np.nan]], "float32"))).all()


def test_relu_has_gradient_zero_at_zero():
    x = T.fvector("x")
    f = function([x], grad(mtn.ReLU()(x).sum(), x))
    assert f(np.array([-1, 0, 1], "float32")).tolist() == [0, 0, 1]


def test_sigmoid_and_tanh():
    np.testing.assert_allclose(run(mtn.Sigmoid(), x32), 1 / (1 + np.exp(-x32)), rtol=1e-5)
    np.testing.assert_allclose(run(mtn.Tanh(), x32), np.tanh(x32), rtol=1e-5)


def test_softmax_rows_are_probabilities_and_shift_invariant():
    p = run(mtn.Softmax(), x32)
    np.testing.assert_allclose(p, np.exp(x32) / np.exp(x32).sum(1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(run(mtn.Softmax(), x32 + 100), p, rtol=1e-5)
    assert np.isfinite(run(mtn.Softmax(), 1e4 * x32)).all()


def test_softmax_refuses_vectors():
    with pytest.raises(ValueError, match=r"softmax: expected an input of shape \(n, classes\)"):
        mtn.Softmax()(T.fvector("x"))


def test_softmax_of_an_unknown_shape_is_of_an_unknown_shape():
    assert mtn.Softmax().output_shape(None) is None
    assert mtn.Softmax().output_shape((3,)) == (3,)


def test_flatten():
    x = T.ftensor3("x")
    values = np.arange(24, dtype="float32").reshape(2, 3, 4)
    np.testing.assert_array_equal(function([x], mtn.Flatten()(x))(values), values.reshape(2, 12))


class TestDropout:
    def test_predicts_unchanged(self):
        x = T.fmatrix("x")
        assert mtn.Dropout(0.5)(x) is x

    def test_a_name_of_its_own(self):
        assert mtn.Dropout(0.5, name="mine").name == "mine"

    def test_rate_zero_is_no_layer_at_all(self):
        x = T.fmatrix("x")
        assert mtn.Dropout(0.0)(x, mtn.Training(0)) is x

    def test_drops_at_its_rate_and_keeps_the_mean(self):
        ones = np.ones((500, 400), "float32")
        out = run(mtn.Dropout(0.2), ones, mtn.Training(seed=3))
        assert sorted(set(out.ravel().tolist())) == [0, 1.25]
        # 200,000 draws: the standard error of the share is 0.0009.
        assert (out == 0).mean() == pytest.approx(0.2, abs=0.004)
        assert out.mean() == pytest.approx(1, abs=0.005)

    def test_other_entries_at_each_step_and_the_input_as_their_mean(self):
        x, training = T.fmatrix("x"), mtn.Training(seed=0)
        step = function([x], mtn.Dropout(0.3)(x, training), updates=training.updates)
        row = np.array([-3, 0.5, 2], "float32")
        first, second = (step(np.tile(row, (5000, 1))) for _ in range(2))
        # 15,000 pairs, of which 2 · 0.3 · 0.7 differ: four standard errors.
        assert ((first == 0) != (second == 0)).mean() == pytest.approx(0.42, abs=0.016)
        # An entry's variance is 0.3 / 0.7 of its square; four standard errors of 10,000.
        np.testing.assert_allclose((first + second).mean(axis=0) / 2, row, rtol=0.027)

    def test_the_gradient_passes_where_the_value_did(self):
        x, training = T.fmatrix("x"), mtn.Training(seed=0)
        out = mtn.Dropout(0.5)(x, training)
        value, gradient = function([x], [out, grad(out.sum(), x)])(np.ones((20, 20), "float32"))
        np.testing.assert_array_equal(value, gradient)

    @pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
    def test_refuses_other_rates(self, rate):
        with pytest.raises(ValueError, match=r"rate is the share dropped, in \[0, 1\)"):
            mtn.Dropout(rate)


def test_a_layer_of_ones_own_must_define_its_call():
    class Empty(mtn.Layer):
        pass

    with pytest.raises(NotImplementedError, match="Empty defines no __call__"):
        Empty()(T.fmatrix("x"))


def test_constants_take_the_dtype_beside_them():
    assert constant(0.1, T.fscalar()).dtype == np.float32


def test_reprs():
    layers = [mtn.Dense(2, 3), mtn.ReLU(), mtn.Dropout(0.25)]
    assert [repr(layer) for layer in layers] == ["Dense(2, 3)", "ReLU()", "Dropout(0.25)"]


def test_a_seed_at_the_building_comes_before_the_layer_s_own():
    built = mtn.Dense(3, 2, seed=1)
    built.build(7)
    assert (built.W.get_value() == mtn.Dense(3, 2, seed=7).W.get_value()).all()
