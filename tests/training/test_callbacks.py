"""What listens to a training: in which order it is told, and the rate that follows a plateau."""

import numpy as np
import pytest
from trainers import quiet, trainer_for

import minitheanonet as mtn


class Listener:
    """Writes down what it is told."""

    def __init__(self):
        self.told = []

    def before_fit(self, trainer):
        self.told.append(("before", trainer.epoch))

    def after_batch(self, trainer, figures):
        self.told.append(("batch", int(trainer.state["clock"].get_value())))
        self.figures = figures

    def __call__(self, trainer):
        self.told.append(("epoch", trainer.epoch))

    def after_fit(self, trainer):
        self.told.append(("after", trainer.epoch))


def test_the_order_of_what_is_told(make_net, blobs):
    listener = Listener()
    quiet(trainer_for(make_net()), blobs, epochs=2, batch_size=45, callbacks=[listener])
    assert listener.told == [
        ("before", 0), ("batch", 1), ("batch", 2), ("epoch", 1), ("batch", 3), ("batch", 4),
        ("epoch", 2), ("after", 2),
    ]  # fmt: skip


def test_figures_of_a_batch_are_its_loss_and_metrics(make_net, blobs):
    listener = Listener()
    history = quiet(trainer_for(make_net()), blobs, batch_size=90, callbacks=[listener])
    figures = [float(figure) for figure in listener.figures]
    assert figures == pytest.approx([history["train_loss"][0], history["train_accuracy"][0]])


def test_stopping_in_the_middle_ends_after_the_epoch(make_net, blobs):
    class Enough(Listener):
        def after_batch(self, trainer, figures):
            trainer.stop("enough")

    trainer = trainer_for(make_net())
    history = quiet(trainer, blobs, epochs=9, batch_size=30, callbacks=[Enough()])
    assert (history.epochs, history.stopped_by) == (1, "enough")
    assert trainer.state["clock"].get_value() == 3
    assert quiet(trainer, blobs, epochs=2).stopped_by == "epochs"  # the word is not kept


def test_a_callback_that_refuses_to_begin(make_net, blobs):
    class Refuses(Listener):
        def before_fit(self, trainer):
            raise RuntimeError("not today")

    refuses, trainer = Refuses(), trainer_for(make_net())
    with pytest.raises(RuntimeError, match="not today"):
        quiet(trainer, blobs, callbacks=[refuses])
    assert refuses.told == [("after", 0)]
    assert not trainer.is_compiled


class Follows:
    """As much of a trainer as a callback needs, its history written by hand."""

    def __init__(self, rate, losses):
        self.learning_rate, self.losses, self.history = rate, losses, mtn.History()

    def run(self, rule):
        for loss in self.losses:
            self.history.append({"learning_rate": self.learning_rate, "test_loss": loss})
            rule(self)
        return self.history["learning_rate"]


class TestReduceOnPlateau:
    @pytest.mark.parametrize(
        ("losses", "rates"),
        [
            ([3, 2, 1, 0], [1, 1, 1, 1]),
            ([1, 1, 1, 1, 1, 1], [1, 1, 1, 0.5, 0.5, 0.25]),
            ([1, 1, 0.5, 0.5, 0.5, 0.5], [1, 1, 1, 1, 1, 0.5]),
            ([1, 1, 1, 0.5, 0.5, 0.5, 1], [1, 1, 1, 0.5, 0.5, 0.5, 0.25]),
            ([1, np.nan, np.nan, 1], [1, 1, 1, 0.5]),
        ],
    )
    def test_waits_for_as_many_epochs_at_each_rate(self, losses, rates):
        assert Follows(1.0, losses).run(mtn.ReduceOnPlateau(0.5, patience=2)) == rates

    def test_not_below_the_lowest(self):
        rule = mtn.ReduceOnPlateau(0.1, patience=1, lowest=0.02)
        assert Follows(1.0, [1] * 6).run(rule) == [1, 1, 0.1, 0.02, 0.02, 0.02]

    def test_a_rate_below_the_lowest_is_left(self):
        rule = mtn.ReduceOnPlateau(0.1, patience=1, lowest=0.02)
        assert Follows(0.01, [1] * 3).run(rule) == [0.01] * 3

    def test_large_is_good_for_accuracies(self):
        rule = mtn.ReduceOnPlateau(0.5, patience=1, watch="test_accuracy")
        trainer = Follows(1.0, [])
        for accuracy in (0.1, 0.2, 0.3):
            trainer.history.append({"learning_rate": 1.0, "test_accuracy": accuracy})
            rule(trainer)
        assert trainer.learning_rate == 1

    def test_goes_on_as_if_never_stopped(self, make_net, blobs):
        rule = mtn.ReduceOnPlateau(0.5, patience=2, watch="train_loss", min_delta=10)
        at_once = quiet(trainer_for(make_net()), blobs, epochs=6, callbacks=[rule])
        trainer = trainer_for(make_net())
        for epochs in (1, 2, 3):
            quiet(trainer, blobs, epochs=epochs, callbacks=[rule])
        assert trainer.history["learning_rate"] == at_once["learning_rate"]
        assert len(set(at_once["learning_rate"])) > 1

    def test_beside_a_schedule_it_can_set_nothing(self, make_net, blobs):
        rule = mtn.ReduceOnPlateau(0.5, patience=1, watch="train_loss", min_delta=10)
        trainer = trainer_for(make_net(), mtn.SGD(mtn.Cosine(0.1, 9)))
        with pytest.raises(AttributeError, match="Cosine.* decides the learning rate"):
            quiet(trainer, blobs, epochs=3, callbacks=[rule])

    def test_a_column_that_there_will_not_be(self, make_net, blobs):
        with pytest.raises(ValueError, match="ReduceOnPlateau watches 'test_loss'.*validation="):
            quiet(trainer_for(make_net()), blobs, callbacks=[mtn.ReduceOnPlateau()])
