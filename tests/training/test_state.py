"""Any layer trains; all that a training changes is its state."""

import numpy as np
import pytest
from trainers import quiet, trainer_for

import minitheanonet as mtn


class Residual(mtn.Layer):
    """A network of one's own: no Sequential, with a layer inside and dropout."""

    def __init__(self, seed=None):
        super().__init__(seed=seed)
        self.inner, self.last = mtn.Dense(2, 2), mtn.Dense(2, 3)
        self.dropout, self.softmax = mtn.Dropout(0.2), mtn.Softmax()

    def forward(self, x, training=None):
        h = x + 0.5 * self.dropout(self.inner(x, training), training)
        return self.softmax(self.last(h, training), training)


class TestAnyLayer:
    def test_trains_by_its_seed(self, blobs):
        nets = [Residual(seed=1), Residual(seed=1), Residual(seed=2)]
        losses = [quiet(trainer_for(net), blobs, epochs=8)["train_loss"] for net in nets]
        assert losses[0] == losses[1] != losses[2]
        assert losses[0][-1] < 0.7 * losses[0][0]
        assert list(nets[0].parameters) == ["inner/W", "inner/b", "last/W", "last/b"]

    def test_several_inputs(self, rng):
        class Both(mtn.Layer):
            def __init__(self):
                super().__init__(seed=0)
                self.left, self.right = mtn.Dense(2, 1), mtn.Dense(3, 1)

            def forward(self, x, training=None):
                left, right = x
                return self.left(left, training) + self.right(right, training)

        inputs = rng.normal(size=(40, 2)), rng.normal(size=(40, 3))
        targets = inputs[0].sum(axis=1) - inputs[1].sum(axis=1)
        net = Both()
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.1))
        history = trainer.fit(inputs, targets, epochs=30, batch_size=8, progress=False)
        assert history["train_loss"][-1] < 1e-3
        np.testing.assert_allclose(net.predict(inputs)[:, 0], targets, atol=0.1)
        assert trainer.evaluate(inputs, targets)["loss"] < 1e-3
        with pytest.raises(ValueError, match="same number of examples, got 40, 39, 40"):
            quiet(trainer, ((inputs[0], inputs[1][1:]), targets))


class TestState:
    def test_is_all_that_training_changes(self, make_net, blobs):
        trainer = trainer_for(make_net(dropout=0.5), mtn.Momentum(0.1))
        names = list(trainer.state)
        assert names[:4] == ["dense_1/W", "dense_1/b", "dense_2/W", "dense_2/b"]
        assert names[4] == "optimizer/dense_1/W/velocity"
        assert names[-2:] == ["clock", "learning_rate"]
        before = {name: variable.get_value() for name, variable in trainer.state.items()}
        quiet(trainer, blobs, epochs=2)
        ended = {name: variable.get_value() for name, variable in trainer.state.items()}
        for name, variable in trainer.state.items():
            variable.set_value(before[name])
        trainer.epoch, trainer.history = 0, mtn.History()
        quiet(trainer, blobs, epochs=2)
        for name, variable in trainer.state.items():
            np.testing.assert_array_equal(variable.get_value(), ended[name])

    @pytest.mark.parametrize("dropout", [0.0, 0.5])
    def test_the_clock_always_ticks(self, make_net, blobs, dropout):
        trainer = trainer_for(make_net(dropout=dropout))
        quiet(trainer, blobs, epochs=2)
        assert trainer.state["clock"].get_value() == 12

    def test_a_running_average_is_kept_and_not_trained(self, blobs):
        class Centre(mtn.Layer):
            def __init__(self, n):
                self.mean = self.state("mean", mtn.Zeros(), (n,))

            def forward(self, x, training=None):
                if training:
                    training.update(self.mean, 0.5 * self.mean + 0.5 * x.mean(axis=0))
                return x - self.mean

        net = mtn.Sequential(Centre(2), mtn.Dense(2, 3), mtn.Softmax(), seed=0, input_shape=(2,))
        trainer = trainer_for(net, mtn.AdamW(weight_decay=0.5))
        x, y = blobs
        quiet(trainer, (x, y), epochs=3, batch_size=90)
        expected = x.mean(axis=0) * (1 - 0.5**3)
        np.testing.assert_allclose(net.states["centre_1/mean"].get_value(), expected, rtol=1e-4)
        assert not [name for name in trainer.state if "optimizer/centre" in name]


class TestFreezing:
    def test_before_and_after_the_first_fit(self, make_net, blobs):
        net = make_net()
        net.layers[0].trainable = False
        trainer = trainer_for(net, mtn.Adam())
        first = net.values()
        quiet(trainer, blobs)
        second = net.values()
        net.layers[0].trainable, net.layers[3].trainable = True, False
        quiet(trainer, blobs)
        third = net.values()
        moved = [[name for name in a if (a[name] != b[name]).any()]
                 for a, b in ((first, second), (second, third))]  # fmt: skip
        assert moved == [["dense_2/W", "dense_2/b"], ["dense_1/W", "dense_1/b"]]

    def test_the_state_follows_at_once(self, make_net, blobs):
        net = make_net()
        net.layers[0].trainable = False
        trainer = trainer_for(net, mtn.Momentum(0.1))
        assert "optimizer/dense_1/W/velocity" not in trainer.state
        net.layers[0].trainable = True
        assert list(trainer.state) == list(trainer_for(make_net(), mtn.Momentum(0.1)).state)
        quiet(trainer, blobs)
        velocity = trainer.state["optimizer/dense_1/W/velocity"]
        assert velocity.get_value().any()
        net.layers[0].trainable = False
        assert "optimizer/dense_1/W/velocity" not in trainer.state
        net.layers[0].trainable = True  # nothing was trained meanwhile, and looking changes nothing
        assert trainer.state["optimizer/dense_1/W/velocity"] is velocity
        net.layers[0].trainable = False
        quiet(trainer, blobs)
        net.layers[0].trainable = True
        assert not trainer.state["optimizer/dense_1/W/velocity"].get_value().any()

    def test_of_the_whole_network_leaves_its_averages(self, make_net, blobs):
        net = make_net()
        trainer = trainer_for(net, mtn.SGD(0.5, average=0.5))
        quiet(trainer, blobs)
        before = trainer.averaged().values()
        net.trainable = False
        assert list(trainer.state) == [*net.values(), "clock", "learning_rate"]
        for path, value in trainer.averaged().values().items():
            np.testing.assert_array_equal(value, before[path])
        with pytest.raises(ValueError, match="has no parameters to train"):
            quiet(trainer, blobs)

    def test_by_leaving_parameters_out(self, make_net, blobs):
        net = make_net()
        before = net.values()
        quiet(trainer_for(net, params=net.params[2:]), blobs)
        assert [n for n, v in net.values().items() if (v != before[n]).any()] == [
            "dense_2/W", "dense_2/b",
        ]  # fmt: skip
        with pytest.raises(ValueError, match="params: the network does not train"):
            trainer_for(net, params=make_net().params)

    def test_with_nothing_left_to_train(self, make_net):
        net = make_net()
        net.trainable = False
        with pytest.raises(ValueError, match="has no parameters to train"):
            trainer_for(net)


class TestRates:
    def test_a_schedule_reads_the_clock(self, make_net, blobs):
        schedule = mtn.Piecewise([6, 12], [0.4, 0.2, 0.1])  # an epoch is 6 steps
        history = quiet(trainer_for(make_net(), mtn.SGD(schedule)), blobs, epochs=3)
        assert history["learning_rate"] == [0.2, 0.1, 0.1]  # of the step after each epoch
        by_hand = trainer_for(make_net(), mtn.SGD(0.4))
        losses = []
        for rate in (0.4, 0.2, 0.1):
            by_hand.learning_rate = rate
            losses += quiet(by_hand, blobs)["train_loss"][-1:]
        assert history["train_loss"] == losses
        with pytest.raises(AttributeError, match="Piecewise.* decides the learning rate"):
            trainer_for(make_net(), mtn.SGD(schedule)).learning_rate = 1

    def test_one_optimizer_in_two_trainers_shares_nothing(self, make_net, blobs):
        optimizer = mtn.Momentum(0.1)
        first, second = trainer_for(make_net(), optimizer), trainer_for(make_net(), optimizer)
        first.learning_rate = 5
        assert second.learning_rate == 0.1
        quiet(first, blobs)
        alone = quiet(trainer_for(make_net(), mtn.Momentum(0.1)), blobs)["train_loss"]
        assert quiet(second, blobs)["train_loss"] == alone

    def test_reduced_on_a_plateau(self, make_net, blobs):
        rule = mtn.ReduceOnPlateau(0.5, patience=2, watch="train_loss", min_delta=10, lowest=0.03)
        history = quiet(trainer_for(make_net()), blobs, epochs=8, callbacks=[rule])
        assert history["learning_rate"] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03]


def test_the_averaged_network_predicts(make_net, blobs):
    trainer = trainer_for(make_net(), mtn.SGD(0.5, average=0.5))
    quiet(trainer, blobs, epochs=2)
    averaged = trainer.averaged()
    assert averaged.predict(blobs[0]).shape == (90, 3)
    kept = trainer.state["optimizer/dense_1/W/average"].get_value()
    np.testing.assert_array_equal(averaged.values()["dense_1/W"], kept)
    assert (kept != trainer.network.values()["dense_1/W"]).any()
    with pytest.raises(ValueError, match=r"SGD keeps no averages.*SGD\(average=0.999\)"):
        trainer_for(make_net()).averaged()
