import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, shared


def pixels(*shape, dtype="float32"):
    return np.random.default_rng(1).normal(size=shape).astype(dtype)


def test_a_cross_correlation_with_biases():
    x, W = np.arange(9.0).reshape(1, 3, 3, 1), np.array([[1, 0], [0, -1]]).reshape(2, 2, 1, 1)
    out = mtn.Conv2D(1, 1, 2, W=W, b=[0.5]).predict(x)
    assert out[0, :, :, 0].tolist() == [[-3.5, -3.5], [-3.5, -3.5]]  # not flipped
    assert out.dtype == np.float32


def test_one_pixel_windows_are_a_dense_layer():
    W, b, x = pixels(3, 4), pixels(4), pixels(2, 5, 6, 3)
    out = mtn.Conv2D(3, 4, 1, W=W[np.newaxis, np.newaxis], b=b).predict(x)
    np.testing.assert_allclose(out, x @ W + b, rtol=1e-5, atol=1e-6)


def test_without_biases():
    layer = mtn.Conv2D(1, 2, 3, b=None, seed=0)
    assert layer.b is None
    assert list(layer.parameters) == ["W"]
    assert layer.output_shape((5, 5, 1)) == (3, 3, 2)
    assert layer.predict(pixels(1, 5, 5, 1)).shape == (1, 3, 3, 2)


def test_in_float64():
    layer = mtn.Conv2D(1, 2, 3, dtype="float64", seed=0)
    assert {p.dtype for p in layer.params} == {"float64"}
    assert layer.predict(pixels(1, 3, 3, 1)).dtype == np.float64


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (26, 18, 8)),
        ({"padding": "same"}, (28, 20, 8)),
        ({"strides": 2}, (13, 9, 8)),
        ({"strides": (3, 2), "padding": "same"}, (10, 10, 8)),
        ({"dilation": (1, 4)}, (26, 12, 8)),
        ({"size": (1, 20)}, (28, 1, 8)),
        ({"strides": 3, "dilation": 2}, (8, 6, 8)),
    ],
)
def test_shapes_are_as_its_outputs_are(options, expected):
    layer = mtn.Conv2D(3, 8, **{"size": 3, **options}, seed=0)
    assert layer.output_shape((28, 20, 3)) == expected
    assert layer.predict(pixels(1, 28, 20, 3)).shape == (1, *expected)
    assert layer.output_shape(None) is None


def test_in_a_network_that_learns():
    net = mtn.Sequential(
        mtn.Conv2D(1, 4, 3, padding="same"), mtn.ReLU(), mtn.MaxPool2D(), mtn.Conv2D(4, 4, 2),
        mtn.ReLU(), mtn.GlobalAveragePool2D(), mtn.Dense(4, 2), mtn.Softmax(),
        input_shape=(6, 6, 1), seed=0,
    )  # fmt: skip
    assert net.shapes[-2:] == [(2,), (2,)]
    labels = np.arange(32, dtype="int32") % 2
    x = 0.1 * pixels(32, 6, 6, 1)
    x[labels == 1, 2:4] += 1  # lines across, and lines down
    x[labels == 0, :, 2:4] += 1
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.02), [mtn.accuracy])
    history = trainer.fit((x, labels), epochs=25, batch_size=8, progress=False)
    assert history["train_accuracy"][-1] > 0.95


class TestInitialValues:
    def test_fans_count_the_places_of_a_window(self):
        W = mtn.Conv2D(20, 30, (3, 5), seed=0).W.get_value()
        limit = np.sqrt(6 / (15 * 20 + 15 * 30))
        assert 0.99 * limit < abs(W).max() <= limit

    def test_an_orthogonal_kernel(self):
        W = mtn.Conv2D(3, 4, 2, W=mtn.Orthogonal(), seed=0).W.get_value().reshape(12, 4)
        np.testing.assert_allclose(W.T @ W, np.eye(4), atol=1e-6)


class TestRefuses:
    @pytest.mark.parametrize("key", ["size", "strides", "dilation"])
    @pytest.mark.parametrize(
        "wrong", [0, -1, 2.0, "3", None, True, (1, 2, 3), (1, 0), [1], np.ones(2)]
    )
    def test_no_whole_numbers(self, key, wrong):
        with pytest.raises(ValueError, match=f"Conv2D: {key} must be a positive whole number, or"):
            mtn.Conv2D(1, 1, **{"size": 3, key: wrong})

    def test_another_padding(self):
        with pytest.raises(ValueError, match='Conv2D: padding must be "valid" or "same", got 1'):
            mtn.Conv2D(1, 1, 3, padding=1)

    def test_a_kernel_of_another_shape(self):
        with pytest.raises(
            ValueError, match=r"conv2d: W has shape \(3, 3\), expected \(3, 3, 1, 2\)"
        ):
            mtn.Conv2D(1, 2, 3, W=np.ones((3, 3)))
        with pytest.raises(ValueError, match=r"W has shape .* expected \(3, 3, 1, 2\)"):
            mtn.Conv2D(1, 2, 3, W=shared(np.ones((3, 3, 2, 1), "float32")))

    @pytest.mark.parametrize(
        ("shape", "message"),
        [
            ((28, 28), r"\(height, width, 1\), got \(28, 28\)\. One channel is an axis too"),
            ((1, 28, 30), r"got \(1, 28, 30\)\. The channels come last: np\.moveaxis"),
            ((28, 28, 3), r"\(height, width, 1\), got \(28, 28, 3\)\.$"),
            ((784,), r"got \(784,\)\.$"),
            ((28, 2, 1), r"windows of \(3, 3\) don't fit on images of \(28, 2\)"),
        ],
    )
    def test_images_where_the_network_is_built(self, shape, message):
        with pytest.raises(ValueError, match=rf"conv2d_1: Conv2D\(1, 2, 3\): .*{message}"):
            mtn.Sequential(mtn.Conv2D(1, 2, 3), input_shape=shape)

    def test_no_images(self):
        with pytest.raises(
            ValueError, match=r"expected images \(n, height, width, 2\), got \(\?, \?\)"
        ):
            mtn.Conv2D(2, 1, 3)(T.fmatrix("x"))
        with pytest.raises(ValueError, match=r"got \(\?, \?, \?, 1\)"):
            mtn.Conv2D(2, 1, 3)(T.addbroadcast(T.ftensor4(), 3) if hasattr(T, "addbroadcast")
                                else T.specify_broadcastable(T.ftensor4(), 3))  # fmt: skip

    def test_an_input_of_another_dtype(self):
        with pytest.raises(TypeError, match='its input is float64: cast the input, or .*"float64"'):
            mtn.Conv2D(1, 1, 3)(T.dtensor4("x"))

    def test_images_of_other_channels_as_they_come(self):
        with pytest.raises(ValueError, match="shape-mismatch"):
            mtn.Conv2D(2, 1, 1, seed=0).predict(pixels(1, 4, 4, 3))


def test_reprs():
    assert repr(mtn.Conv2D(1, 2, 3)) == "Conv2D(1, 2, 3)"
    layer = mtn.Conv2D(1, 2, (3, 1), strides=2, padding="same", dilation=(1, 2))
    assert repr(layer) == "Conv2D(1, 2, (3, 1), strides=2, padding='same', dilation=(1, 2))"
