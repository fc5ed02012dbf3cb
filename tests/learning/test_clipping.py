import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared


class TestClipping:
    gradients = (np.array([3.0, -4.0]), np.array([0.0, 12.0]))

    def clip(self, clip, limit):
        variables = [T.dvector("a"), T.dvector("b")]
        return function(variables, clip(variables, limit))(*self.gradients)

    def test_by_value(self):
        a, b = self.clip(mtn.clip_by_value, 3.5)
        assert a.tolist() == [3, -3.5]
        assert b.tolist() == [0, 3.5]

    def test_by_norm_each_for_itself(self):
        a, b = self.clip(mtn.clip_by_norm, 6)
        np.testing.assert_allclose(a, [3, -4])  # its norm is 5
        np.testing.assert_allclose(b, [0, 6])

    def test_by_global_norm_all_together(self):
        a, b = self.clip(mtn.clip_by_global_norm, 6.5)  # the norm of all is 13
        np.testing.assert_allclose(a, [1.5, -2])
        np.testing.assert_allclose(b, [0, 6])
        a, _ = self.clip(mtn.clip_by_global_norm, 14)
        np.testing.assert_allclose(a, [3, -4])

    def test_of_zero_gradients(self):
        g = T.dvector("g")
        zero = np.zeros(2)
        for clip in (mtn.clip_by_norm, mtn.clip_by_global_norm):
            assert function([g], clip([g], 1.0))(zero)[0].tolist() == [0, 0]


@pytest.mark.parametrize("clip", [mtn.clip_by_norm, mtn.clip_by_global_norm])
class TestSizesWhoseSquaresAreNoFloat32:
    def of(self, clip, values, limit):
        return clip([shared(np.array(values, "float32"))], limit)[0].eval()

    @pytest.mark.parametrize("size", [1e19, 6e37])
    def test_large_ones(self, clip, size):
        clipped = self.of(clip, [-3 * size, -4 * size, -1e-10], 1)
        np.testing.assert_allclose(clipped, [-0.6, -0.8, 0], atol=1e-6)

    def test_small_ones(self, clip):
        small = np.array([3e-30, -4e-30], "float32")
        np.testing.assert_array_equal(self.of(clip, small, 1e-25), small)
        np.testing.assert_allclose(self.of(clip, small, 5e-31), small / 10, 1e-6)

    def test_none_at_all(self, clip):
        np.testing.assert_array_equal(self.of(clip, [0, 0], 1), [0, 0])

    def test_nan_stays(self, clip):
        assert np.isnan(self.of(clip, [np.nan, 1], 1)[0])
