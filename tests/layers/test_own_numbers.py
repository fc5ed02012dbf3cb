"""What a layer of one's own may compute with beside its parameters: variables, numbers, noise."""

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function, shared


class Scaled(mtn.Layer):
    """x + numbers of Python's."""

    def forward(self, x, training=None):
        return 0.7 * x + 1 / 3


def train(net, x, y):
    mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.1)).fit(x, y, progress=False)


@pytest.mark.filterwarnings("ignore:`np.complex`")  # Theano's, when it first meets a gradient
class TestStrangers:
    """A shared variable that a layer computes with, and keeps from training by not declaring it."""

    def net(self, variable):
        class Gain(mtn.Layer):
            def __init__(self):
                super().__init__()
                self.gain = variable

            def forward(self, x, training=None):
                return x * self.gain

        return mtn.Sequential(mtn.Dense(2, 1), Gain(), seed=0)

    def test_are_warned_of_by_name_at_the_first_step(self):
        net = self.net(shared(np.float32(2), "my_gain"))
        with pytest.warns(UserWarning, match=r"computes with my_gain, .* self\.parameter\(...\)"):
            train(net, np.ones((4, 2)), np.ones((4, 1)))

    def test_without_a_name_too(self):
        with pytest.warns(UserWarning, match="a shared variable without a name"):
            train(self.net(shared(np.float32(2))), np.ones((4, 2)), np.ones((4, 1)))

    @pytest.mark.parametrize("value", [2.0, np.float32(2)])
    def test_numbers_are_none(self, value):
        train(self.net(value), np.ones((4, 2)), np.ones((4, 1)))

    def test_frozen_parameters_are_none(self):
        net = self.net(2.0)
        net.layers[0].b.set_value(np.ones(1, "float32"))
        outer = mtn.Sequential(net, mtn.Dense(1, 1), mtn.Dropout(0.5))
        net.trainable = False
        train(outer, np.ones((4, 2)), np.ones((4, 1)))


class TestDtypes:
    def test_floats_of_python_s_upcast_nothing(self):
        for floatX in ("float32", "float64"):
            with engine.flags(floatX=floatX):
                net = mtn.Sequential(Scaled(), mtn.Dense(2, 1), Scaled(), seed=0)
                out = net.predict(np.ones((3, 2)))
            assert out.dtype == np.float32
        W, b = net.values().values()
        expected = 0.7 * (np.full((3, 2), 0.7 + 1 / 3) @ W + b) + 1 / 3
        np.testing.assert_allclose(out, expected, rtol=1e-5)

    def test_in_float64_they_keep_their_digits(self):
        out = mtn.Sequential(Scaled(), mtn.Dense(1, 1, W=[[1]], dtype="float64")).predict([[1.0]])
        assert out == 0.7 + 1 / 3

    def test_what_upcasts_all_the_same_is_named(self):
        class Mean(mtn.Layer):
            def forward(self, x, training=None):
                return x - x.sum(axis=0) / x.shape[0]

        with pytest.raises(TypeError, match=r"Mean\(\): its output is float64 where float32 came"):
            Mean()(T.fmatrix("x"))
        with pytest.raises(TypeError, match=r'mean_1: Mean\(\): .*T\.cast\(..., "float32"\)'):
            mtn.Sequential(mtn.Dense(2, 3), Mean())


class TestNoise:
    def test_a_layer_of_ones_own_asks_for_a_stream(self):
        class Noise(mtn.Layer):
            def forward(self, x, training=None):
                if training is None:
                    return x
                return x + 0.1 * training.stream(self).normal(x.shape, x.ndim, x.dtype)

        x, training, layer = T.fmatrix("x"), mtn.Training(), Noise()
        step = function([x], layer(x, training), updates=training.updates)
        ones = np.ones((50, 40), "float32")
        first, second = step(ones), step(ones)
        assert (first != second).any()
        assert first.std() == pytest.approx(0.1, rel=0.1)
        assert (layer.predict(ones) == 1).all()
