"""What ends a training: rules, the best epoch's values, Ctrl-C, errors."""

import os
import signal

import numpy as np
import pytest
from trainers import assert_same, quiet, trainer_for, weights_of

import minitheanonet as mtn
from minitheanonet import engine


class TestStopping:
    def test_by_the_plateau(self, make_net, blobs):
        rule = mtn.PlateauWindow(window=3, threshold=0.05)
        history = quiet(trainer_for(make_net()), blobs, epochs=500, stop=rule)
        assert history.stopped_by == "plateau"
        last = history["train_loss"][-3:]
        assert max(last) - min(last) <= 0.05
        before = history["train_loss"][-4:-1]
        assert max(before) - min(before) > 0.05

    def test_by_patience(self, make_net, blobs):
        trainer = trainer_for(make_net(), mtn.SGD(1e-12))
        history = quiet(trainer, blobs, blobs, epochs=50, stop=mtn.Patience(4, "test_accuracy"))
        assert history.stopped_by == "patience"
        assert history.epochs == 5

    def test_by_a_rule_of_one_s_own(self, make_net, blobs):
        def after_two(history):
            return history.epochs == 2

        history = quiet(trainer_for(make_net()), blobs, epochs=9, stop=after_two)
        assert (history.epochs, history.stopped_by) == (2, "after_two")

    def test_restores_the_best_weights(self, make_net, blobs):
        seen = []

        def watch_and_spoil(trainer):
            seen.append(weights_of(trainer.network))
            if trainer.epoch >= 4:
                W = trainer.network.layers[3].W
                W.set_value(0 * W.get_value())
                trainer.learning_rate = 0

        net = make_net()
        history = quiet(
            trainer_for(net), blobs, blobs, epochs=6, restore_best="test_loss",
            callbacks=[watch_and_spoil],
        )  # fmt: skip
        best = int(np.argmin(history["test_loss"]))
        assert best == 3
        assert_same(weights_of(net), seen[best])

    def test_restores_the_best_weights_after_an_error_too(self, make_net, blobs):
        seen = []

        def spoil(trainer):
            seen.append(weights_of(trainer.network))
            if trainer.epoch == 2:
                raise RuntimeError("the callback's")

        net = make_net()
        with pytest.raises(RuntimeError, match="the callback's"):
            quiet(trainer_for(net), blobs, blobs, epochs=5, callbacks=[spoil],
                  restore_best=mtn.Best("test_loss", mode="max"))  # fmt: skip
        assert_same(weights_of(net), seen[0])
        assert (seen[0][0] != seen[1][0]).any()

    def test_a_watched_column_that_will_not_be_there(self, make_net, blobs):
        trainer = trainer_for(make_net())
        with pytest.raises(ValueError, match="Best watches 'test_loss', .*Pass validation="):
            quiet(trainer, blobs, restore_best="test_loss")
        with pytest.raises(ValueError, match="PlateauWindow watches 'error', but the columns"):
            quiet(trainer, blobs, stop=mtn.PlateauWindow(watch="error"))
        assert trainer.epoch == 0


class TestCtrlC:
    def test_ends_training_cleanly_and_keeps_the_history(self, make_net, blobs):
        def press(trainer):
            if trainer.epoch == 2:
                os.kill(os.getpid(), signal.SIGINT)

        net = make_net()
        trainer = trainer_for(net)
        history = quiet(trainer, blobs, blobs, epochs=50, callbacks=[press])
        assert history.stopped_by == "interrupted"
        assert history.epochs == 2
        assert all(np.isfinite(w).all() for w in weights_of(net))
        assert quiet(trainer, blobs, blobs).stopped_by == "epochs"

    def test_in_the_middle_of_an_epoch(self, make_net, blobs):
        class Stream:
            def __iter__(self):
                yield blobs
                os.kill(os.getpid(), signal.SIGINT)
                yield blobs
                pytest.fail("a step was taken after Ctrl-C")

        trainer = trainer_for(make_net())
        # No epoch is the best, so there are no weights to go back to.
        history = quiet(trainer, Stream(), epochs=3, restore_best="train_loss")
        assert (history.stopped_by, history.epochs, trainer.epoch) == ("interrupted", 0, 0)

    def test_a_second_one_interrupts_what_does_not_end(self, make_net, blobs):
        class Stuck:
            def __iter__(self):
                yield blobs
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)
                pytest.fail("the second Ctrl-C was not heard")

        history = quiet(trainer_for(make_net()), Stuck(), epochs=3)
        assert history.stopped_by == "interrupted"

    @pytest.mark.parametrize("moment", ["callback", "validation"])
    def test_between_two_epochs_no_further_step_is_taken(self, make_net, blobs, moment):
        def press(trainer=None):
            os.kill(os.getpid(), signal.SIGINT)

        class Validation:
            is_looked_at = False  # before the first epoch, outside the loop

            def __iter__(self):
                if moment == "validation" and self.is_looked_at:
                    press()
                self.is_looked_at = True
                yield blobs

        trainer = trainer_for(make_net(dropout=0.5))
        callbacks = [press] if moment == "callback" else []
        history = quiet(trainer, blobs, Validation(), epochs=4, callbacks=callbacks)
        assert (history.epochs, history.stopped_by) == (1, "interrupted")
        assert trainer.state["clock"].get_value() == 6  # batches of 16 in 90 examples

    def test_after_what_ended_the_training_anyway_it_ended_nothing(self, make_net, blobs):
        def at_once(history):
            return True

        trainer = trainer_for(make_net())
        press = [lambda trainer: os.kill(os.getpid(), signal.SIGINT)]
        assert quiet(trainer, blobs, epochs=1, callbacks=press).stopped_by == "epochs"
        history = quiet(trainer, blobs, epochs=3, callbacks=press, stop=at_once)
        assert history.stopped_by == "at_once"

    def test_while_the_step_is_compiled(self, make_net, blobs, monkeypatch):
        def pressed(*args, **options):
            raise KeyboardInterrupt

        trainer = trainer_for(make_net(dropout=0.5))
        with monkeypatch.context() as patch:
            patch.setattr(f"{engine.name}.function", pressed)
            assert quiet(trainer, blobs).stopped_by == "interrupted"
        labels_of_another_type = blobs[0], np.eye(3)[blobs[1]]
        other = trainer_for(make_net(dropout=0.5))
        expected = quiet(other, labels_of_another_type, epochs=2)["train_loss"]
        assert quiet(trainer, labels_of_another_type, epochs=2)["train_loss"] == expected


def test_an_error_leaves_no_word_on_what_ended_the_training(make_net, blobs):
    def fails(trainer):
        raise RuntimeError("mine")

    trainer = trainer_for(make_net())
    quiet(trainer, blobs)
    with pytest.raises(RuntimeError, match="mine"):
        quiet(trainer, blobs, callbacks=[fails])
    assert trainer.history.stopped_by is None
