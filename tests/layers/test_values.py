"""Values out, values in, and other values in their place."""

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, shared

ones = np.ones((3, 2), "float32")


@pytest.fixture
def net():
    return mtn.Sequential(mtn.Dense(2, 4), mtn.Tanh(), mtn.Dense(4, 3), seed=0)


class TestValues:
    def test_are_copies_by_path(self, net):
        values = net.values()
        assert list(values) == list(net.parameters)
        values["dense_1/W"][:] = 0
        assert (net.values()["dense_1/W"] != 0).all()

    def test_make_another_network_the_same(self, net):
        other = mtn.Sequential(mtn.Dense(2, 4), mtn.Tanh(), mtn.Dense(4, 3), seed=1)
        assert (other.predict(ones) != net.predict(ones)).any()
        other.set_values(net.values())
        np.testing.assert_array_equal(other.predict(ones), net.predict(ones))

    def test_some_alone(self, net):
        before = net.values()
        net.set_values({"dense_2/b": [1, 2, 3]})
        after = net.values()
        assert after.pop("dense_2/b").tolist() == [1, 2, 3]
        for path, value in after.items():
            np.testing.assert_array_equal(value, before[path])
            assert value.dtype == np.float32

    def test_what_was_set_is_a_copy(self, net):
        b = np.zeros(3, "float32")
        net.set_values({"dense_2/b": b})
        b[0] = 9
        assert (net.values()["dense_2/b"] == 0).all()

    def test_of_a_symbolic_parameter_there_are_none(self):
        layer = mtn.Dense(2, 2, W=T.fmatrix("W"))
        assert list(layer.values()) == ["b"]
        with pytest.raises(KeyError, match="has no 'W'; it has b"):
            layer.set_values({"W": np.ones((2, 2))})

    @pytest.mark.parametrize(
        ("path", "value", "error", "message"),
        [
            ("dense_3/W", 0, KeyError, "has no 'dense_3/W'; it has dense_1/W, dense_1/b"),
            ("dense_1/W", np.ones((4, 2)), ValueError, r"dense_1/W has shape \(4, 2\), expected"),
            ("dense_1/W", "zeros", TypeError, "dense_1/W must be"),
            ("dense_1/b", np.full(4, 1e300), ValueError, "too large for float32"),
            ("dense_1/b", np.full(4, 1j), TypeError, "real numbers"),
        ],
    )
    def test_a_wrong_one_is_refused_and_nothing_is_changed(self, net, path, value, error, message):
        before = net.values()
        with pytest.raises(error, match=message):
            net.set_values({"dense_2/b": np.ones(3), path: value})
        for name, kept in net.values().items():
            np.testing.assert_array_equal(kept, before[name])

    @pytest.mark.parametrize(
        ("path", "shape"), [("dense_1/W", (2, 5)), ("dense_1/W", (5, 4)), ("dense_2/b", (9,))]
    )
    def test_a_variable_set_to_another_shape_is_named_before_anything_runs(self, net, path, shape):
        net.parameters[path].set_value(np.ones(shape, "float32"))
        with pytest.raises(ValueError, match=rf"{path} was set to shape .*; its layer is \("):
            net.predict(ones)
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD())
        with pytest.raises(ValueError, match=rf"{path} was set to shape"):
            trainer.fit(ones, np.ones((3, 3)), progress=False)


class TestReplace:
    def test_by_an_array_which_is_the_new_network_s_own(self, net):
        before = net.predict(ones)
        other = net.replace({"dense_2/W": np.zeros((4, 3)), "dense_2/b": [1, 2, 3]})
        assert other.predict(ones).tolist() == [[1, 2, 3]] * 3
        np.testing.assert_array_equal(net.predict(ones), before)
        assert list(other.parameters) == list(net.parameters)
        assert other.parameters["dense_2/W"] in other.params

    def test_the_rest_is_shared(self, net):
        other = net.replace({"dense_2/W": np.zeros((4, 3))})
        assert other.parameters["dense_1/W"] is net.parameters["dense_1/W"]
        net.set_values({"dense_2/b": [1, 2, 3]})
        assert other.predict(ones).tolist() == [[1, 2, 3]] * 3

    def test_by_a_symbolic_variable(self, net):
        x, W = T.fmatrix("x"), T.fmatrix("W")
        other = net.replace({"dense_1/W": W})
        assert other.parameters["dense_1/W"] is W
        assert list(other.trained) == ["dense_1/b", "dense_2/W", "dense_2/b"]
        f = function([x, W], other(x))
        value = net.values()["dense_1/W"]
        np.testing.assert_allclose(f(ones, value), net.predict(ones), rtol=1e-6)
        assert (f(ones, 2 * value) != f(ones, value)).any()

    def test_by_a_function_of_other_parameters(self, net):
        mixing = np.ones((2, 3), "float32")
        tied = net.replace({"dense_2/W": T.dot(net.parameters["dense_1/W"].T, mixing)})
        x, W = T.fmatrix("x"), net.values()["dense_1/W"]
        expected = np.tanh(ones @ W) @ (W.T @ mixing)
        out, gradient = function([x], [tied(x), grad(tied(x).sum(), net.layers[0].W)])(ones)
        np.testing.assert_allclose(out, expected, rtol=1e-5)
        assert gradient.shape == (2, 4)

    def test_by_a_shared_variable(self, net):
        mine = shared(np.zeros((4, 3), "float32"), "mine")
        other = net.replace({"dense_2/W": mine})
        assert mine in other.params
        assert mine not in net.params

    def test_the_same_layer_twice_is_one_in_the_new_network_too(self):
        layer = mtn.Dense(1, 1, W=[[3]], b=None)
        other = mtn.Sequential(layer, layer).replace({"dense_1/W": [[2]]})
        assert other.predict([[1]]).tolist() == [[4]]
        assert len(other.params) == 1

    def test_within_layers_of_ones_own(self):
        class Two(mtn.Layer):
            def __init__(self):
                super().__init__()
                self.parts = {"a": [mtn.Dense(1, 1, W=[[3]], b=None)]}
                self.gain = self.parameter("gain", 1.0, ())
                self.doubled = 2 * self.gain  # an expression that the layer keeps

            def forward(self, x, training=None):
                return self.doubled * self.parts["a"][0](x, training)

        layer = Two()
        other = layer.replace({"parts/a/0/W": [[10]], "gain": 5.0})
        assert other.predict([[1]]).tolist() == [[100]]
        assert layer.predict([[1]]).tolist() == [[6]]

    def test_a_trained_network_s_predictions_are_not_kept_from_before(self, net):
        net.predict(ones)  # compiled here
        assert (net.replace({"dense_2/b": [9, 9, 9]}).predict(ones) > 5).all()

    def test_what_was_given_is_not_drawn_by_a_seed_around_it(self):
        W = T.fmatrix("W")
        inner = mtn.Sequential(mtn.Dense(2, 2)).replace({"dense_1/W": W, "dense_1/b": [5, 5]})
        outer = mtn.Sequential(inner, seed=0)
        assert outer.parameters["sequential_1/dense_1/W"] is W
        assert outer.values()["sequential_1/dense_1/b"].tolist() == [5, 5]

    def test_in_another_dtype_it_is_a_copy(self, net):
        other = net.replace({"dense_2/b": [1, 2, 3]}, dtype="float64")
        expected = net.replace({"dense_2/b": [1, 2, 3]}).predict(ones)
        assert other.predict(ones).dtype == "float64"
        assert {layer.dtype for _, layer in other.walk()} == {"float64"}
        np.testing.assert_allclose(other.predict(ones), expected, rtol=1e-5)
        assert not {*other.variables().values()} & {*net.variables().values()}
        assert net.predict(ones).dtype == net.dtype == "float32"

    def test_in_another_dtype_tied_weights_need_a_value(self):
        first = mtn.Dense(2, 3)
        net = mtn.Sequential(first, mtn.Dense(3, 2, W=first.W.T), seed=0)
        assert net.replace({}, dtype="float32").parameters["dense_2/W"].dtype == "float32"
        with pytest.raises(TypeError, match="dense_2/W is an expression in float32: give a value"):
            net.replace({}, dtype="float64")
        other = net.replace({"dense_2/W": np.ones((3, 2))}, dtype="float64")
        assert other.parameters["dense_2/W"] in other.params

    def test_refuses_another_dtype_than_two(self, net):
        with pytest.raises(ValueError, match='replace: dtype must be "float32" or "float64"'):
            net.replace({}, dtype="int32")

    @pytest.mark.parametrize(
        ("path", "value", "error", "message"),
        [
            ("W", np.ones((2, 4)), KeyError, "has no 'W'; it has dense_1/W"),
            ("dense_1/W", np.ones((4, 2)), ValueError, r"dense_1/W has shape \(4, 2\)"),
            ("dense_1/W", T.fvector(), ValueError, r"dense_1/W has shape \(\?,\)"),
            ("dense_1/W", T.dmatrix(), TypeError, "dense_1/W is float64"),
            ("dense_1/W", None, TypeError, "dense_1/W must be"),
        ],
    )
    def test_refuses(self, net, path, value, error, message):
        with pytest.raises(error, match=message):
            net.replace({path: value})
