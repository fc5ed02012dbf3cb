"""A loss that is not finite: what it is laid to, and that nothing was learned from it."""

import numpy as np
import pytest
from trainers import assert_same, quiet, trainer_for, weights_of

import minitheanonet as mtn


class TestNonFiniteLoss:
    @pytest.mark.filterwarnings("ignore:(invalid value|overflow) encountered:RuntimeWarning")
    def test_it_is_looked_for_under_the_masks_of_the_step(self):
        # The input is too large for a float32 where dropout keeps it, since it is doubled there.
        inputs, labels = np.array([[3e38, 1]], "float32"), np.array([0], "int32")
        net = mtn.Sequential(
            mtn.Dropout(0.5, name="drop"), mtn.Dense(2, 2, W=np.eye(2)), mtn.Softmax(), seed=0
        )
        trainer, culprits = trainer_for(net), set()
        begun = {name: variable.get_value() for name, variable in trainer.state.items()}
        for seed in range(8):
            trainer.restart(seed, mtn.History(), begun)
            try:
                quiet(trainer, (inputs, labels))
            except mtn.NonFiniteLossError as error:
                culprits.add(error.culprit)
        assert culprits == {"drop"}

    def spoil(self, x, y, row, value):
        x = x.copy()
        x[row] = value
        return x, y

    def test_names_the_inputs(self, make_net, blobs):
        spoilt = self.spoil(*blobs, 40, np.nan)
        with pytest.raises(mtn.NonFiniteLossError, match="batch's inputs are not finite") as caught:
            quiet(trainer_for(make_net()), [blobs, spoilt])
        assert (caught.value.epoch, caught.value.batch, caught.value.culprit) == (1, 2, "inputs")

    @pytest.mark.parametrize(
        "dropout", [pytest.param(0.0, marks=pytest.mark.engine_mode, id="engine's mode"), 0.5]
    )
    def test_names_the_layer(self, make_net, blobs, dropout):
        net = make_net(dropout=dropout)
        net.layers[3].b.set_value(np.full(3, np.inf, dtype="float32"))
        before = weights_of(net)
        with pytest.raises(mtn.NonFiniteLossError, match="epoch 1, batch 1.*is dense_2") as caught:
            quiet(trainer_for(net), blobs)
        assert caught.value.culprit == "dense_2"
        assert_same(weights_of(net), before)

    @pytest.mark.parametrize("around", [mtn.Residual, mtn.Concatenate])
    def test_names_the_layer_inside_by_its_path(self, blobs, around):
        inner = around(mtn.Dense(2, 2, name="bad"), mtn.Tanh(), name="inner")
        last = mtn.Dense(2 if around is mtn.Residual else 4, 3)
        net = mtn.Sequential(inner, last, mtn.Softmax(), seed=0)
        net.set_values({"inner/bad/b": [np.nan, 0]})
        with pytest.raises(mtn.NonFiniteLossError, match="inner/bad") as caught:
            quiet(trainer_for(net), blobs)
        assert caught.value.culprit == "inner/bad"

    def test_keeps_what_was_learned_before(self, make_net, blobs):
        net = make_net()
        kept = []
        trainer = trainer_for(net, mtn.Adam())
        quiet(trainer, [blobs], callbacks=[lambda t: kept.append(weights_of(net))])
        with pytest.raises(mtn.NonFiniteLossError, match="epoch 2"):
            quiet(trainer, [self.spoil(*blobs, 0, np.nan)])
        assert_same(weights_of(net), kept[0])
        assert trainer.history.epochs == 1

    def test_names_the_loss(self, make_net, blobs):
        def broken(prediction, target):
            return mtn.categorical_crossentropy(prediction, target) * np.float32("nan")

        with pytest.raises(mtn.NonFiniteLossError, match="the loss alone is not") as caught:
            quiet(mtn.Trainer(make_net(), broken, mtn.SGD()), blobs)
        assert caught.value.culprit == "loss"
