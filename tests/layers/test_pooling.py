import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T
from minitheanonet.layers.windowed import OnImages

X = np.random.default_rng(2).normal(size=(2, 5, 6, 3)).astype("float32")
POOLS = {mtn.MaxPool2D: np.max, mtn.AveragePool2D: np.mean}


@pytest.mark.parametrize("pool", POOLS)
def test_windows_beside_one_another(pool):
    blocks = X[:, :4].reshape(2, 2, 2, 3, 2, 3)  # the last row is left out
    expected = POOLS[pool](blocks, axis=(2, 4))
    np.testing.assert_allclose(pool().predict(X), expected, rtol=1e-5, atol=1e-6)
    assert pool().output_shape((5, 6, 3)) == (2, 3, 3)


@pytest.mark.parametrize("pool", POOLS)
def test_over_the_edges(pool):
    out = pool((3, 2), 2, "same").predict(X)
    assert out.shape == (2, 3, 3, 3)
    corner = POOLS[pool](X[:, :2, :2], axis=(1, 2))
    np.testing.assert_allclose(out[:, 0, 0], corner, rtol=1e-5, atol=1e-6)
    assert pool((3, 2), 2, "same").output_shape((5, 6, 3)) == (3, 3, 3)


def test_the_whole_image():
    layer = mtn.GlobalAveragePool2D()
    np.testing.assert_allclose(layer.predict(X), X.mean(axis=(1, 2)), rtol=1e-4, atol=1e-6)
    assert layer.predict(X).dtype == np.float32
    assert layer.output_shape((5, 6, 3)) == (3,)
    assert layer.output_shape(None) is None


def test_float64_passes():
    x = T.dtensor4("x")
    for layer in (mtn.MaxPool2D(), mtn.AveragePool2D(), mtn.GlobalAveragePool2D()):
        assert layer(x).dtype == "float64"


class TestRefuses:
    @pytest.mark.parametrize("layer", [*POOLS, mtn.GlobalAveragePool2D])
    def test_no_images(self, layer):
        name = layer.__name__
        with pytest.raises(
            ValueError, match=rf"{name}.* \(n, height, width, channels\), got \(\?, "
        ):
            layer()(T.fmatrix("x"))
        with pytest.raises(ValueError, match=rf"{name}.*\(height, width, channels\), got \(5, 6\)"):
            mtn.Sequential(layer(), input_shape=(5, 6))

    @pytest.mark.parametrize("pool", POOLS)
    def test_images_smaller_than_a_window(self, pool):
        message = rf"{pool.__name__}\(4\): windows of \(4, 4\) don't fit on images of \(5, 3\)"
        with pytest.raises(ValueError, match=message):
            mtn.Sequential(pool(4), input_shape=(5, 3, 1))

    @pytest.mark.parametrize("pool", POOLS)
    def test_no_whole_numbers(self, pool):
        with pytest.raises(ValueError, match=f"{pool.__name__}: size must be a positive whole"):
            pool(2.5)
        with pytest.raises(ValueError, match=f"{pool.__name__}: strides must be a positive whole"):
            pool(2, 0)
        with pytest.raises(ValueError, match=f"{pool.__name__}: padding must be"):
            pool(padding="full")

    def test_a_layer_that_defines_nothing(self):
        with pytest.raises(NotImplementedError, match="OnImages defines no apply"):
            OnImages()(T.ftensor4("x"))


def test_reprs():
    assert repr(mtn.MaxPool2D()) == "MaxPool2D(2)"
    assert repr(mtn.MaxPool2D(3, 2)) == "MaxPool2D(3, strides=2)"
    assert (
        repr(mtn.AveragePool2D((1, 2), padding="same")) == "AveragePool2D((1, 2), padding='same')"
    )
    assert repr(mtn.GlobalAveragePool2D()) == "GlobalAveragePool2D()"
