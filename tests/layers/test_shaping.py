import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function


class TestFlatten:
    def test_each_example_becomes_a_vector(self):
        values = np.arange(24, dtype="float32").reshape(2, 3, 4)
        np.testing.assert_array_equal(mtn.Flatten().predict(values), values.reshape(2, 12))

    def test_vectors_pass(self):
        assert mtn.Flatten().predict([[1, 2]]).tolist() == [[1, 2]]

    def test_numbers_become_a_column(self):
        assert mtn.Flatten().predict([1, 2]).tolist() == [[1], [2]]

    def test_shapes(self):
        assert mtn.Flatten().output_shape((2, 3, 4)) == (24,)
        assert mtn.Flatten().output_shape(()) == (1,)
        assert mtn.Flatten().output_shape(None) is None

    def test_refuses_a_scalar(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, ...\), got a sc"):
            mtn.Flatten()(T.fscalar("x"))


class TestReshape:
    def test_each_example_has_the_shape(self):
        values = np.arange(24).reshape(2, 12)
        for shape in ((3, 4), [3, -1], (-1, 4)):
            out = mtn.Reshape(shape).predict(values)
            np.testing.assert_array_equal(out, values.reshape(2, 3, 4))
            assert mtn.Reshape(shape).output_shape((2, 6)) == (3, 4)

    def test_numbers_and_back(self):
        assert mtn.Reshape((1, -1)).predict([3, 4]).tolist() == [[[3]], [[4]]]
        assert mtn.Reshape(()).predict([[3], [4]]).tolist() == [3, 4]

    def test_what_is_known_of_an_unknown_shape(self):
        assert mtn.Reshape((2, 3)).output_shape(None) == (2, 3)
        assert mtn.Reshape((2, -1)).output_shape(None) is None

    @pytest.mark.parametrize("shape", [(4, -1), (2, 4), (13,), (2, 3), (7, 2, 2, -1)])
    def test_refuses_examples_that_do_not_fill_it(self, shape):
        with pytest.raises(
            ValueError, match=r"reshape_1.*shape \(14,\) have 14 entries, which don"
        ):
            mtn.Sequential(mtn.Dense(3, 14), mtn.Reshape(shape))

    @pytest.mark.parametrize("shape", [3, "ab", None, (0, 2), (-1, -1), (2.5,), (-2, 3), (True,)])
    def test_refuses_what_is_no_shape(self, shape):
        with pytest.raises(ValueError, match="Reshape: shape must be a tuple.*one of which may be"):
            mtn.Reshape(shape)

    def test_refuses_a_scalar(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, ...\), got a sc"):
            mtn.Reshape((1,))(T.fscalar("x"))

    def test_repr(self):
        assert repr(mtn.Reshape([2, -1])) == "Reshape((2, -1))"


class TestRescale:
    def test_scales_then_shifts(self):
        np.testing.assert_allclose(mtn.Rescale(2, -1).predict([[0, 3.5]]), [[-1, 6]])
        np.testing.assert_allclose(mtn.Rescale(0.5).predict([[3]]), [[1.5]])

    @pytest.mark.parametrize("dtype", ["uint8", "int64", "bool"])
    def test_whole_numbers_become_its_dtype(self, dtype):
        layer = mtn.Rescale(1 / 255, dtype="float64")
        values = np.array([[0, 1], [1, 0]], dtype)
        out = layer.predict(values)
        assert out.dtype == np.float64
        np.testing.assert_allclose(out, values / 255, rtol=1e-15)

    def test_float64_stays_float64(self):
        x = T.dvector("x")
        assert function([x], mtn.Rescale(0.1, 0.7)(x))([3.0]) == 0.1 * 3 + 0.7

    def test_at_the_beginning_a_network_takes_whole_numbers_as_they_are(self):
        net = mtn.Sequential(mtn.Rescale(1 / 255), mtn.Flatten(), mtn.Dense(4, 2), seed=0)
        pixels = np.arange(12, dtype="uint8").reshape(3, 2, 2)
        expected = net.predict(pixels.astype("float32"))
        np.testing.assert_allclose(net.predict(pixels), expected, rtol=1e-6)
        x = T.btensor3("x")
        assert net(x).dtype == "float32"

    def test_it_changes_no_shape(self):
        assert mtn.Rescale(2).output_shape((2, 3)) == (2, 3)

    @pytest.mark.parametrize("value", [np.nan, np.inf, "a", None, True, 1j])
    def test_refuses_what_is_no_finite_number(self, value):
        with pytest.raises(ValueError, match="Rescale: scale must be a finite number"):
            mtn.Rescale(value)
        with pytest.raises(ValueError, match="Rescale: offset must be a finite number"):
            mtn.Rescale(1, value)

    def test_reprs(self):
        assert repr(mtn.Rescale(0.5)) == "Rescale(0.5)"
        assert repr(mtn.Rescale(2, -1)) == "Rescale(2, -1)"
