import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, shared

x32 = np.array([[1, -2], [0, 3], [-4, 5]], dtype="float32")


def test_an_affine_map():
    W, b = np.array([[1, 2, 3], [4, 5, 6]]), [0.5, 0, -0.5]
    out = mtn.Dense(2, 3, W, b).predict(x32)
    np.testing.assert_allclose(out, x32 @ W + b, rtol=1e-6)
    assert out.dtype == np.float32


def test_without_bias():
    layer = mtn.Dense(2, 3, b=None, seed=0)
    assert layer.b is None
    assert list(layer.parameters) == ["W"]
    np.testing.assert_allclose(layer.predict(x32), x32 @ layer.W.get_value(), rtol=1e-5)


def test_in_float64():
    layer = mtn.Dense(2, 3, dtype="float64", seed=0)
    assert {p.dtype for p in layer.params} == {"float64"}
    assert layer.predict(x32).dtype == np.float64


def test_along_the_last_of_several_axes():
    layer = mtn.Dense(2, 3, seed=0)
    series = np.arange(24, dtype="float32").reshape(3, 4, 2)
    out = layer.predict(series.reshape(12, 2)).reshape(3, 4, 3)
    x = T.ftensor3("x")
    np.testing.assert_allclose(function([x], layer(x))(series), out, rtol=1e-6)
    assert layer.output_shape((4, 2)) == (4, 3)


def test_in_a_network_of_series():
    net = mtn.Sequential(mtn.Dense(2, 3), mtn.Flatten(), input_shape=(4, 2), seed=0)
    assert net.shapes == [(4, 2), (4, 3), (12,)]
    assert net.predict(np.ones((5, 4, 2))).shape == (5, 12)


def test_shapes():
    layer = mtn.Dense(4, 3)
    assert layer.input_shape == (4,)
    assert layer.output_shape((4,)) == (3,)
    assert layer.output_shape(None) is None


class TestParametersAreGivenAs:
    def test_an_array_of_any_layout_that_is_copied(self):
        W = np.broadcast_to(np.float64(3), (2, 2)).T
        assert mtn.Dense(2, 2, W=W).W.get_value().tolist() == [[3, 3], [3, 3]]
        b = np.zeros(2, "float32")
        layer = mtn.Dense(2, 2, b=b)
        b[0] = 1
        assert layer.b.get_value().tolist() == [0, 0]
        assert {p.dtype for p in layer.params} == {"float32"}

    def test_a_shared_variable(self):
        W = shared(np.ones((2, 3), "float32"), "mine")
        layer = mtn.Dense(2, 3, W=W)
        assert layer.parameters["W"] is layer.W is W
        assert W.name == "mine"

    def test_a_function_of_shape_and_generator(self):
        layer = mtn.Dense(2, 3, W=lambda shape, rng: np.full(shape, 7))
        assert (layer.W.get_value() == 7).all()

    def test_a_constant_which_is_not_trained(self):
        layer = mtn.Dense(2, 3, W=T.constant(np.ones((2, 3), "float32")), seed=0)
        assert layer.params == [layer.b]
        assert list(layer.parameters) == ["W", "b"]

    def test_a_tied_transpose(self):
        encoder = mtn.Dense(2, 3, seed=0)
        decoder = mtn.Dense(3, 2, W=encoder.W.T, seed=0)
        assert decoder.params == [decoder.b]
        x = T.fmatrix("x")
        out = decoder(encoder(x))
        result, g = function([x], [out, grad(out.sum(), encoder.W)])(x32)
        W = encoder.W.get_value()
        np.testing.assert_allclose(result, x32 @ W @ W.T, rtol=1e-5)
        # The gradient reaches the one matrix through both layers.
        ones = np.ones((3, 2), "float32")
        np.testing.assert_allclose(g, x32.T @ (ones @ W) + ones.T @ (x32 @ W), rtol=1e-5)


class TestRefuses:
    def test_an_array_of_another_shape(self):
        with pytest.raises(ValueError, match=r"first: W has shape \(3, 2\), expected \(2, 3\)"):
            mtn.Dense(2, 3, W=np.ones((3, 2)), name="first")

    @pytest.mark.parametrize("shape", [(5, 3), (2, 5), (3,)])
    def test_a_shared_variable_of_another_shape(self, shape):
        with pytest.raises(ValueError, match=r"dense: W has shape .* expected \(2, 3\)"):
            mtn.Dense(2, 3, W=shared(np.ones(shape, "float32")))

    def test_a_symbolic_variable_of_another_rank(self):
        with pytest.raises(ValueError, match=r"dense: W has shape \(\?,\), expected \(2, 3\)"):
            mtn.Dense(2, 3, W=T.fvector("w"))

    def test_a_symbolic_variable_known_to_have_another_length(self):
        with pytest.raises(ValueError, match=r"W has shape \(1, \?\), expected \(2, 3\)"):
            mtn.Dense(2, 3, W=T.frow("w"))

    def test_a_parameter_of_another_dtype(self):
        with pytest.raises(TypeError, match="W is float64, but the layer computes in float32"):
            mtn.Dense(2, 3, W=T.dmatrix("w"))

    def test_what_an_initialiser_drew_wrongly(self):
        with pytest.raises(ValueError, match=r"W has shape \(9, 9\), expected \(2, 3\)"):
            mtn.Dense(2, 3, W=lambda shape, rng: np.ones((9, 9)))

    @pytest.mark.parametrize("wrong", ["glorot", [["a", "b", "c"]] * 2, 1j * np.ones((2, 3))])
    def test_what_is_no_parameter(self, wrong):
        with pytest.raises(TypeError, match="W must be an initialiser, an array of real numbers"):
            mtn.Dense(2, 3, W=wrong)

    def test_an_input_of_another_dtype(self):
        with pytest.raises(TypeError, match='its input is float64: cast the input, or .*"float64"'):
            mtn.Dense(2, 3)(T.dmatrix("x"))

    def test_an_input_that_is_a_vector(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, 2\), got \(\?,\)"):
            mtn.Dense(2, 3)(T.fvector("x"))

    def test_an_input_that_is_known_to_have_another_width(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, 2\), got \(\?, 1\)"):
            mtn.Dense(2, 3)(T.fcol("x"))
        assert mtn.Dense(2, 3)(T.frow("x")).ndim == 2  # one example, of unknown width

    def test_examples_of_another_shape(self):
        with pytest.raises(ValueError, match=r"shape \(4,\), got \(3,\)\.$"):
            mtn.Dense(4, 3).output_shape((3,))
        with pytest.raises(ValueError, match=r"got \(2, 2\)\. Put a Flatten\(\) before it"):
            mtn.Dense(4, 3).output_shape((2, 2))


def test_repr():
    assert repr(mtn.Dense(2, 3)) == "Dense(2, 3)"
    assert repr(mtn.Dense(2, 3, b=None)) == "Dense(2, 3, b=None)"
