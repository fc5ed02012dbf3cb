"""Layers of a user's own, each short, in all that a layer does: training, drawing, predicting."""

import copy
import pickle
import warnings

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function


class Residual(mtn.Layer):
    """x + f(x), f of two layers."""

    def __init__(self, n):
        super().__init__()
        self.inner = [mtn.Dense(n, n), mtn.ReLU(), mtn.Dense(n, n)]

    def forward(self, x, training=None):
        y = x
        for layer in self.inner:
            y = layer(y, training)
        return x + y


class Centre(mtn.Layer):
    """Subtract the mean over the batch; in prediction its running average."""

    def __init__(self, n, momentum=0.9):
        super().__init__()
        self.mean, self.momentum = self.state("mean", mtn.Zeros(), (n,)), momentum

    def forward(self, x, training=None):
        if training is None:
            return x - self.mean
        mean = x.mean(axis=0, acc_dtype=x.dtype)
        training.update(self.mean, self.momentum * self.mean + (1 - self.momentum) * mean)
        return x - mean


class Bilinear(mtn.Layer):
    """Several inputs: Σ_k (a A)_k (b B)_k, with parameters for each."""

    def __init__(self, n_a, n_b, rank):
        super().__init__()
        self.A = self.parameter("A", mtn.Normal(1), (n_a, rank))
        self.B = self.parameter("B", mtn.Normal(1), (n_b, rank))

    def forward(self, x, training=None):
        a, b = x
        return (T.dot(a, self.A) * T.dot(b, self.B)).sum(axis=1, keepdims=True)


class Holder(mtn.Layer):
    """A network held inside."""

    def __init__(self, *layers):
        self.net = mtn.Sequential(*layers)  # and no call of the parent's __init__

    def forward(self, x, training=None):
        return 0.5 * self.net(x, training)


def train(net, x, y, loss=mtn.mean_squared_error, optimizer=None, **options):
    trainer = mtn.Trainer(net, loss, optimizer or mtn.SGD(0.1), **options.pop("trainer", {}))
    trainer.fit(x, y, progress=False, **options)
    return trainer


class TestResidualBlock:
    def net(self, seed=0):
        return mtn.Sequential(
            mtn.Dense(2, 8), Residual(8), Residual(8), mtn.Dense(8, 3), mtn.Softmax(), seed=seed
        )

    def test_is_found_named_and_drawn_by_the_seed(self):
        one, same, other = self.net(), self.net(), self.net(1)
        assert list(one.parameters)[2:4] == ["residual_1/inner/0/W", "residual_1/inner/0/b"]
        for path, value in one.values().items():
            assert (value == same.values()[path]).all()
        path = "residual_2/inner/2/W"
        assert (one.values()[path] != other.values()[path]).all()
        assert one.shapes == [(2,), (8,), (8,), (8,), (3,), (3,)]

    def test_learns(self, blobs):
        x, y = blobs
        net = self.net()
        before = net.values()
        trainer = train(
            net, x, y, mtn.categorical_crossentropy, mtn.Adam(0.02), epochs=20,
            trainer={"metrics": [mtn.accuracy]},
        )  # fmt: skip
        assert trainer.history["train_accuracy"][-1] > 0.95
        assert all((value != before[path]).any() for path, value in net.values().items())

    def test_predicts_what_its_formula_says(self):
        block, x = Residual(3), np.ones((2, 3), "float32")
        W, b, V, c = block.values().values()
        expected = x + np.maximum(x @ W + b, 0) @ V + c
        np.testing.assert_allclose(block.predict(x), expected, rtol=1e-5)

    def test_a_fault_inside_is_named_by_its_path(self, blobs):
        net = self.net()
        net.parameters["residual_2/inner/0/b"].set_value(np.full(8, np.nan, "float32"))
        with pytest.raises(mtn.NonFiniteLossError, match="residual_2/inner/0"):
            train(net, *blobs, mtn.categorical_crossentropy)


class TestRunningAverage:
    x = np.arange(12, dtype="float32").reshape(6, 2)
    y = np.zeros((6, 2), "float32")

    def net(self):
        return mtn.Sequential(Centre(2), mtn.Dense(2, 2, W=np.eye(2)))

    def test_is_state_and_no_parameter(self):
        net = self.net()
        assert list(net.states) == ["centre_1/mean"]
        assert list(net.parameters) == list(net.trained) == ["dense_1/W", "dense_1/b"]
        assert list(net.values()) == ["centre_1/mean", "dense_1/W", "dense_1/b"]

    def test_each_step_updates_it_from_the_values_before(self):
        net = self.net()
        trainer = train(net, self.x, self.y, batch_size=6)
        mean = self.x.mean(axis=0)
        np.testing.assert_allclose(net.values()["centre_1/mean"], 0.1 * mean, rtol=1e-5)
        trainer.fit(self.x, self.y, batch_size=6, epochs=2, progress=False)
        expected = (1 - 0.9**3) * mean
        np.testing.assert_allclose(net.values()["centre_1/mean"], expected, rtol=1e-5)

    def test_prediction_and_validation_use_it_and_change_nothing(self):
        net = self.net()
        net.set_values({"centre_1/mean": [1, 2]})
        assert net.predict([[1, 2]]).tolist() == [[0, 0]]
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0))
        loss = trainer.evaluate((self.x, self.y))["loss"]
        assert loss == pytest.approx(((self.x - [1, 2]) ** 2).mean(), rel=1e-5)
        assert net.values()["centre_1/mean"].tolist() == [1, 2]

    def test_optimizers_and_penalties_leave_it_alone(self):
        net = self.net()
        trainer = train(
            net, self.x, self.y, optimizer=mtn.AdamW(0.1, weight_decay=0.5), batch_size=6,
            trainer={"penalty": mtn.l2(net.params)},
        )  # fmt: skip
        np.testing.assert_allclose(
            net.values()["centre_1/mean"], 0.1 * self.x.mean(axis=0), rtol=1e-5
        )
        assert "centre_1/mean" in trainer.state
        assert not any("optimizer/centre" in name for name in trainer.state)

    @pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
    def test_a_step_that_failed_leaves_it_alone_too(self):
        net = self.net()
        with pytest.raises(mtn.NonFiniteLossError):
            train(net, self.x, np.full_like(self.y, np.inf))
        assert net.values()["centre_1/mean"].tolist() == [0, 0]

    def test_it_is_no_stranger(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            train(self.net(), self.x, self.y)

    def test_a_frozen_network_of_it_still_predicts_alike(self):
        net = self.net()
        net.layers[0].trainable = False
        assert list(net.states) == ["centre_1/mean"]

    def test_twice_in_one_graph_it_is_refused(self):
        layer = Centre(2)
        with pytest.raises(ValueError, match="this graph updates it already.*a second layer"):
            mtn.Sequential(layer, layer)(T.fmatrix(), mtn.Training())

    def test_updates_can_t_be_set_behind_the_training_s_back(self):
        class Behind(Centre):
            def forward(self, x, training=None):
                training.updates[self.mean] = x.mean(axis=0)

        with pytest.raises(TypeError, match=r"read only.*training\.update\("):
            Behind(2)(T.fmatrix("x"), mtn.Training())

    def test_random_values_to_begin_with_are_drawn_by_the_seed(self):
        class Start(mtn.Layer):
            def __init__(self):
                super().__init__()
                self.at = self.state("at", mtn.Normal(1), (3,))

            def forward(self, x, training=None):
                return x + self.at

        one, same, other = (mtn.Sequential(Start(), seed=seed) for seed in (0, 0, 1))
        assert (one.values()["start_1/at"] == same.values()["start_1/at"]).all()
        assert (one.values()["start_1/at"] != other.values()["start_1/at"]).all()


class TestSeveralInputsSharedByTwoNetworks:
    class Pair(mtn.Layer):
        """A network of two inputs, which end in a product that it may share with another."""

        def __init__(self, product, scale):
            super().__init__()
            self.product, self.last = product, mtn.Dense(1, 1, W=[[scale]])

        def forward(self, x, training=None):
            return self.last(self.product(x, training), training)

    def test_what_one_learns_the_other_predicts_with(self, rng):
        product = Bilinear(2, 3, 4)
        one, two = self.Pair(product, 1.0), self.Pair(product, -1.0)
        a, b = rng.normal(size=(30, 2)), rng.normal(size=(30, 3))
        y = a[:, :1] * b[:, :1]
        before = two.predict((a, b))
        trainer = mtn.Trainer(one, mtn.mean_squared_error, mtn.Adam(0.05), seed=0)
        history = trainer.fit(((a, b), y), epochs=20, batch_size=10, progress=False)
        assert history["train_loss"][-1] < 0.5 * history["train_loss"][0]
        A, B, W, c = (v.astype("float64") for v in two.values().values())
        expected = ((a @ A) * (b @ B)).sum(axis=1, keepdims=True) @ W + c
        np.testing.assert_allclose(two.predict((a, b)), expected, atol=1e-4)
        assert abs(two.predict((a, b)) - before).max() > 0.1
        assert one.parameters["product/A"] is two.parameters["product/A"]
        assert one.parameters["last/W"] is not two.parameters["last/W"]


class TestANetworkHeldInside:
    def test_is_trained(self, rng):
        net = Holder(mtn.Dense(2, 2))
        assert list(net.parameters) == ["net/dense_1/W", "net/dense_1/b"]
        before = net.values()
        train(net, rng.normal(size=(20, 2)), np.ones((20, 2)))
        assert all((value != before[path]).any() for path, value in net.values().items())

    def test_is_drawn_by_the_outer_seed(self):
        one, same, other = (
            mtn.Sequential(Holder(mtn.Dense(2, 2)), seed=seed) for seed in (0, 0, 1)
        )
        path = "holder_1/net/dense_1/W"
        assert (one.values()[path] == same.values()[path]).all()
        assert (one.values()[path] != other.values()[path]).all()

    def test_has_masks_by_the_seed(self):
        net, x, ones = Holder(mtn.Dropout(0.5)), T.fmatrix("x"), np.ones((9, 9), "float32")
        trainings = [mtn.Training(seed) for seed in (0, 0, 1)]
        one, same, other = function([x], [net(x, training) for training in trainings])(ones)
        assert (one == same).all()
        assert (one != other).any()


class TestCopies:
    @pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
    def test_are_networks_of_their_own(self, duplicate):
        net = mtn.Sequential(Residual(2), Centre(2), mtn.Dense(2, 1), seed=0)
        ones = np.ones((3, 2))
        before = net.predict(ones)  # its compiled function isn't copied
        other = duplicate(net)
        np.testing.assert_allclose(other.predict(ones), before, rtol=1e-6)
        other.set_values({"dense_1/b": [9.0]})
        np.testing.assert_array_equal(net.predict(ones), before)
        train(other, ones, np.zeros((3, 1)))
        np.testing.assert_array_equal(net.predict(ones), before)
