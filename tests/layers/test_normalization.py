import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, shared, tensor

SHAPES = [(50, 3), (4, 5, 6, 3)]  # vectors, images


def normal(x, axes):
    """Normalise in float64, with the default ε: the yardstick."""
    x = x.astype("float64")
    variance = x.var(axis=axes, keepdims=True)
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(variance + 1e-3)


def step_of(layer, ndim, dtype="float32"):
    """Compile a training step of a layer: its outputs."""
    x, training = tensor(dtype, ndim, "x"), mtn.Training(seed=0)
    return function([x], layer(x, training), updates=training.updates)


def network(*layers):
    """Two classes of blobs at the end, whatever stands in between."""
    return mtn.Sequential(mtn.Dense(2, 4), *layers, mtn.Dense(4, 3), mtn.Softmax(), seed=0)


def trainer_for(net, optimizer=None, **options):
    return mtn.Trainer(net, mtn.categorical_crossentropy, optimizer or mtn.SGD(0.1), **options)


def fit(trainer, data, epochs=1):
    return trainer.fit(data, epochs=epochs, batch_size=30, progress=False)


class TestBatchNorm:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_in_training_over_all_axes_but_the_last(self, rng, shape):
        x = (3 * rng.normal(size=shape) + [1, 10, -5]).astype("float32")
        gamma, beta = [1, 2, -1], [0, 3, 0.5]
        out = step_of(mtn.BatchNorm(3, gamma=gamma, beta=beta), x.ndim)(x)
        assert out.dtype == np.float32
        expected = normal(x, tuple(range(x.ndim - 1))) * gamma + beta
        np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("shape", SHAPES)
    def test_the_running_averages_follow_and_predict(self, rng, shape):
        layer, axes = mtn.BatchNorm(3, momentum=0.9), tuple(range(len(shape) - 1))
        step, mean, variance = step_of(layer, len(shape)), np.zeros(3), np.ones(3)
        for scale in (1, 2, 3):
            x = (scale * rng.normal(size=shape) + scale).astype("float32")
            step(x)
            mean = 0.9 * mean + 0.1 * x.mean(axis=axes, dtype="float64")
            variance = 0.9 * variance + 0.1 * x.var(axis=axes, dtype="float64")  # the biased one
        np.testing.assert_allclose(layer.mean.get_value(), mean, rtol=1e-5)
        np.testing.assert_allclose(layer.variance.get_value(), variance, rtol=1e-5)
        expected = (x - mean) / np.sqrt(variance + 1e-3)
        np.testing.assert_allclose(layer.predict(x), expected, rtol=1e-4, atol=1e-5)

    def test_predicts_by_the_averages_that_it_is_given(self):
        layer = mtn.BatchNorm(2, epsilon=1, mean=[1, 2], variance=[3, 8])
        assert layer.predict([[3, 2]]).tolist() == [[1, 0]]
        assert layer.predict([[3, 2], [-7, 5]])[0].tolist() == [1, 0]  # whatever stands beside it

    def test_each_may_be_left_out(self, rng):
        x = rng.normal(size=(9, 3)).astype("float32")
        for without in (["gamma"], ["beta"], ["gamma", "beta"]):
            layer = mtn.BatchNorm(3, **dict.fromkeys(without))
            assert {*layer.parameters}.isdisjoint(without)
            np.testing.assert_allclose(step_of(layer, 2)(x), normal(x, 0), rtol=1e-4, atol=1e-5)

    def test_its_averages_are_state(self):
        layer = mtn.BatchNorm(3)
        assert list(layer.trained) == ["gamma", "beta"]
        assert list(layer.states) == ["mean", "variance"]
        assert [v.tolist() for v in layer.values().values()] == [[1] * 3, [0] * 3, [0] * 3, [1] * 3]

    def test_optimizers_and_penalties_leave_them_alone(self, blobs):
        net = network(mtn.BatchNorm(4, momentum=0.5))
        trainer = trainer_for(net, mtn.AdamW(0.0, weight_decay=0.5), penalty=mtn.l2(net.params))
        whole = blobs[0][:30], blobs[1][:30]
        fit(trainer, whole, epochs=3)
        inside = whole[0] @ net.layers[0].W.get_value()
        mean = net.states["batchnorm_1/mean"].get_value()
        np.testing.assert_allclose(mean, inside.mean(axis=0) * (1 - 0.5**3), rtol=1e-4)
        kept = [name for name in trainer.state if name.startswith("optimizer/batchnorm_1")]
        assert {name.split("/")[2] for name in kept} == {"gamma", "beta"}

    def test_a_network_with_it_learns_and_predicts_alike(self, blobs):
        net = network(mtn.BatchNorm(4, momentum=0.8), mtn.ReLU())
        trainer = trainer_for(net, mtn.Adam(0.05), metrics=[mtn.accuracy])
        fit(trainer, blobs, epochs=15)
        assert trainer.history["train_accuracy"][-1] > 0.9
        assert trainer.evaluate(blobs)["accuracy"] > 0.9
        whole = net.predict(blobs[0])
        np.testing.assert_allclose(net.predict(blobs[0], batch_size=7), whole, rtol=1e-5)

    def test_the_same_seed_gives_the_same_bits(self, blobs):
        nets = [network(mtn.BatchNorm(4)) for _ in range(2)]
        for net in nets:
            fit(trainer_for(net), blobs, epochs=2)
        first, second = (net.values() for net in nets)
        assert {k: v.tobytes() for k, v in first.items()} == {
            k: v.tobytes() for k, v in second.items()
        }

    def test_may_stand_in_a_graph_once(self):
        layer, x, training = mtn.BatchNorm(2), T.fmatrix("x"), mtn.Training()
        with pytest.raises(ValueError, match="can stand in a graph once: make a second layer"):
            layer(layer(x, training), training)


class TestFreezing:
    @pytest.mark.parametrize("whole", [False, True])
    def test_it_predicts_in_training_too_and_its_averages_stay(self, rng, whole):
        layer = mtn.BatchNorm(3, mean=[1, 2, 3], variance=[4, 5, 6])
        net = mtn.Sequential(mtn.Sequential(layer), input_shape=(3,), seed=0)
        (net if whole else layer).trainable = False
        x, before = rng.normal(size=(9, 3)).astype("float32"), net.values()
        out = step_of(net, 2)(x)
        np.testing.assert_allclose(out, net.predict(x), rtol=1e-6)
        for path, value in net.values().items():
            np.testing.assert_array_equal(value, before[path])

    def test_between_two_trainings_without_parameters_of_its_own(self, blobs):
        layer = mtn.BatchNorm(4, gamma=None, beta=None)
        trainer = trainer_for(network(layer), mtn.Momentum(0.1))
        moved = []
        for layer.trainable in (True, False, True):
            before = layer.values()
            fit(trainer, blobs)
            moved.append(any((before[key] != value).any() for key, value in layer.values().items()))
        assert moved == [True, False, True]


class TestNotFinite:
    def test_the_layer_is_named_and_its_averages_stay(self, blobs):
        net = network(mtn.BatchNorm(4))
        net.layers[1].gamma.set_value(np.array([1, np.nan, 1, 1], "float32"))
        before = net.layers[1].values()
        with pytest.raises(mtn.NonFiniteLossError, match="not finite is batchnorm_1") as caught:
            fit(trainer_for(net), blobs)
        assert caught.value.culprit == "batchnorm_1"
        for key, value in net.layers[1].values().items():
            np.testing.assert_array_equal(value, before[key])


class TestLayerNorm:
    @pytest.mark.parametrize("shape", SHAPES)
    def test_over_the_last_axis_in_training_and_prediction(self, rng, shape):
        x = (3 * rng.normal(size=shape) + 5).astype("float32")
        gamma, beta = [1, 2, -1], [0, 3, 0.5]
        layer = mtn.LayerNorm(3, gamma=gamma, beta=beta)
        expected = normal(x, -1) * gamma + beta
        np.testing.assert_allclose(layer.predict(x), expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(step_of(layer, x.ndim)(x), layer.predict(x))

    def test_a_network_with_it_learns(self, blobs):
        trainer = trainer_for(network(mtn.LayerNorm(4)), mtn.Adam(0.05), metrics=[mtn.accuracy])
        fit(trainer, blobs, epochs=15)
        assert trainer.history["train_accuracy"][-1] > 0.9


BOTH = [mtn.BatchNorm, mtn.LayerNorm]


@pytest.mark.parametrize(("kind", "axis"), [(mtn.BatchNorm, 0), (mtn.LayerNorm, -1)])
def test_a_small_variance_beside_a_large_mean_keeps_its_digits(rng, kind, axis):
    """E x² - mean² has none left here: it is 1e6, to seven digits, less 1e6."""
    x = (1000 + 0.1 * rng.normal(size=(60, 60))).astype("float32")
    out = step_of(kind(60), 2)(x)
    np.testing.assert_allclose(out, normal(x, axis), atol=2e-3)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_is_upcast(kind, dtype):
    layer, x, training = kind(3, dtype=dtype), tensor(dtype, 4, "x"), mtn.Training()
    out = layer(x, training)
    found = [out, *grad(out.sum(), [x, *layer.params]), *training.updates.values()]
    assert {variable.dtype for variable in found} - {"uint64"} == {dtype}
    assert {v.dtype for v in layer.values().values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("kind", BOTH)
class TestBoth:
    def test_shapes(self, kind):
        assert kind(3).output_shape((3,)) == (3,)
        assert kind(3).output_shape((8, 8, 3)) == (8, 8, 3)
        assert kind(3).output_shape(None) is None
        net = mtn.Sequential(mtn.Conv2D(1, 3, 3), kind(3), input_shape=(8, 8, 1), seed=0)
        assert net.shapes == [(8, 8, 1), (6, 6, 3), (6, 6, 3)]

    def test_refuses_examples_of_another_length(self, kind):
        with pytest.raises(ValueError, match=r"examples of shape \(3,\), got \(8, 8, 1\)\.$"):
            kind(3).output_shape((8, 8, 1))
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, 3\), got \(\?, 1\)"):
            kind(3)(T.fcol("x"))

    def test_refuses_an_input_of_another_dtype(self, kind):
        with pytest.raises(TypeError, match=r"computes in float32, but its input is float64"):
            kind(3)(T.dmatrix("x"))
        with pytest.raises(TypeError, match="the input must be float32 or float64, got int32"):
            kind(3)(T.imatrix("x"))

    @pytest.mark.parametrize("value", [0, -1, 2.5, None, True])
    def test_refuses_a_number_of_features_that_is_none(self, kind, value):
        with pytest.raises(ValueError, match=f"{kind.__name__}: n must be a positive whole number"):
            kind(value)

    @pytest.mark.parametrize("value", [0, -1e-3, np.inf, np.nan, "a", None])
    def test_refuses_an_epsilon_that_is_not_positive(self, kind, value):
        with pytest.raises(ValueError, match="epsilon must be a positive number"):
            kind(3, epsilon=value)

    def test_refuses_a_parameter_of_another_shape(self, kind):
        with pytest.raises(ValueError, match=r"gamma has shape \(2,\), expected \(3,\)"):
            kind(3, gamma=[1, 2])

    def test_takes_shared_and_symbolic_parameters(self, kind):
        gamma, beta = shared(np.ones(3, "float32"), "mine"), T.constant(np.ones(3, "float32"))
        layer = kind(3, gamma=gamma, beta=beta)
        assert layer.params == [gamma]
        assert list(layer.parameters) == ["gamma", "beta"]


@pytest.mark.parametrize("value", [1, -0.1, np.nan, "a"])
def test_refuses_a_momentum_outside_0_to_1(value):
    with pytest.raises(ValueError, match=r"BatchNorm: momentum must be in \[0, 1\)"):
        mtn.BatchNorm(3, momentum=value)


def test_reprs():
    assert repr(mtn.BatchNorm(3)) == "BatchNorm(3, momentum=0.99, epsilon=0.001)"
    assert repr(mtn.LayerNorm(3, 0.1, beta=None)) == "LayerNorm(3, epsilon=0.1, beta=None)"
