from functools import partial

import numpy as np
import pytest
from trainers import assert_same, quiet, trainer_for, weights_of

import minitheanonet as mtn
from minitheanonet import engine


class TestFit:
    def test_learns(self, make_net, blobs):
        history = quiet(trainer_for(make_net()), blobs, blobs, epochs=20)
        assert history["test_accuracy"][-1] > 0.95
        assert history["train_loss"][-1] < 0.5 * history["train_loss"][0]
        assert history.stopped_by == "epochs"

    def test_records_one_row_per_epoch(self, make_net, blobs):
        trainer = trainer_for(make_net())
        history = quiet(trainer, blobs, blobs, epochs=3)
        assert history["epoch"] == [1, 2, 3]
        assert list(history) == [
            "epoch", "seconds", "learning_rate", "train_loss", "train_accuracy", "test_loss",
            "test_accuracy",
        ]  # fmt: skip
        assert history is trainer.history
        assert trainer.epoch == 3

    def test_the_last_short_batch_is_included_and_weighted_by_its_length(self, make_net, blobs):
        x, y = blobs
        trainer = trainer_for(make_net(), mtn.SGD(1e-12))  # too small a step to change anything
        history = quiet(trainer, (x[:50], y[:50]), (x[:50], y[:50]), batch_size=16)
        assert history["train_loss"] == pytest.approx(history["test_loss"], rel=1e-5)
        assert history["train_accuracy"] == pytest.approx(history["test_accuracy"])

    def test_a_batch_larger_than_the_data_is_all_of_them(self, make_net, blobs):
        history = quiet(trainer_for(make_net()), blobs, epochs=2, batch_size=10_000)
        assert history.epochs == 2

    def test_one_example(self, make_net):
        history = quiet(trainer_for(make_net()), ([[1.0, 2.0]], [2]), epochs=30)
        assert history["train_accuracy"][-1] == 1

    def test_each_epoch_shuffles_anew_and_sees_every_example_once(self):
        # With batches of one and a loss that is the input, the figures are the examples themselves.
        seen = []

        class Listen:
            def __call__(self, trainer):
                pass

            def after_batch(self, trainer, figures):
                seen.append(float(figures[0]))

        net = mtn.Sequential(mtn.Dense(1, 1, W=[[1]], b=None))
        trainer = mtn.Trainer(net, lambda p, y: p.mean() + 0 * y.mean(), mtn.SGD(0), seed=3)
        x = np.arange(10, dtype="float32")[:, None]
        quiet(trainer, (x, x), epochs=2, batch_size=1, callbacks=[Listen()])
        first, second = seen[:10], seen[10:]
        assert sorted(first) == sorted(second) == list(range(10))
        assert first != second
        assert first != sorted(first)

    def test_goes_on_where_it_was_without_compiling_again(self, make_net, blobs, monkeypatch):
        in_one_go, in_two = make_net(dropout=0.5), make_net(dropout=0.5)
        quiet(trainer_for(in_one_go, mtn.Adam()), blobs, epochs=4)
        trainer = trainer_for(in_two, mtn.Adam())
        quiet(trainer, blobs, epochs=1)
        monkeypatch.setattr(f"{engine.name}.function", None)  # any compilation would fail
        history = quiet(trainer, blobs, epochs=3)
        assert history["epoch"] == [1, 2, 3, 4]
        assert_same(weights_of(in_one_go), weights_of(in_two))

    @pytest.mark.parametrize("mode", [pytest.param("", marks=pytest.mark.engine_mode), "fast"])
    def test_same_seed_same_bits_other_seed_others(self, make_net, blobs, mode):
        nets = [make_net(dropout=0.3, seed=seed) for seed in (1, 1, 2)]
        for net in nets:
            quiet(trainer_for(net), blobs, epochs=3)
        assert_same(weights_of(nets[0]), weights_of(nets[1]))
        assert (nets[0].params[0].get_value() != nets[2].params[0].get_value()).any()

    def test_a_seed_of_the_trainer_s_own(self, make_net, blobs):
        nets = [make_net(dropout=0.3) for _ in range(2)]
        for seed, net in enumerate(nets):
            quiet(trainer_for(net, seed=seed), blobs)
        assert (nets[0].params[0].get_value() != nets[1].params[0].get_value()).any()

    def test_one_hot_targets(self, make_net, blobs):
        x, y = blobs
        with_labels, with_one_hot = make_net(), make_net()
        quiet(trainer_for(with_labels), (x, y), epochs=2)
        quiet(trainer_for(with_one_hot), (x, np.eye(3)[y]), epochs=2)
        for a, b in zip(weights_of(with_labels), weights_of(with_one_hot), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)

    def test_a_vector_of_targets_for_one_output(self):
        x = np.linspace(-1, 1, 32, dtype="float32")[:, None]
        net = mtn.Sequential(mtn.Dense(1, 1), seed=0)
        trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.3))
        quiet(trainer, (x, 2 * x[:, 0] + 1), epochs=60)
        assert net.params[0].get_value().item() == pytest.approx(2, abs=0.01)
        assert net.params[1].get_value().item() == pytest.approx(1, abs=0.01)

    def test_sample_weights_of_zero_hide_examples(self, make_net, blobs):
        x, y = blobs
        hidden = np.where(y == 2, 0, 1)
        spoilt = np.where(y == 2, 0, y)  # wrong labels, all of them hidden
        net = make_net()
        quiet(trainer_for(net), (x, spoilt, hidden), epochs=30)
        assert (net.predict(x[y != 2]).argmax(axis=1) == y[y != 2]).mean() > 0.95

    def test_penalty_shrinks_what_it_is_put_on(self, make_net, blobs):
        free, held = make_net(), make_net()
        quiet(trainer_for(free), blobs, epochs=5)
        first = held.layers[0]
        trainer = trainer_for(held, penalty=np.float32(0.1) * mtn.l2([first.W]))
        history = quiet(trainer, blobs, blobs, epochs=5)
        assert np.linalg.norm(first.W.get_value()) < np.linalg.norm(free.layers[0].W.get_value())
        bare = mtn.Trainer(held, mtn.categorical_crossentropy, mtn.SGD()).evaluate(blobs)
        penalty = 0.1 * (first.W.get_value() ** 2).sum()
        assert history["test_loss"][-1] == pytest.approx(bare["loss"] + penalty, rel=1e-4)

    def test_metrics_by_name(self, make_net, blobs):
        trainer = trainer_for(make_net(), metrics={"hits": mtn.accuracy})
        assert "train_hits" in quiet(trainer, blobs)

    def test_functions_with_arguments_are_told_with_them(self, make_net, blobs):
        loss = partial(mtn.categorical_crossentropy, label_smoothing=0.1)
        metrics = [partial(mtn.top_k_accuracy, k=2)]
        trainer = mtn.Trainer(make_net(), loss, mtn.SGD(0.1), metrics)
        assert trainer.settings["loss"] == "categorical_crossentropy(label_smoothing=0.1)"
        assert trainer.settings["metrics"] == ["top_k_accuracy(k=2)"]
        assert 0.3 < trainer.evaluate(blobs)["top_k_accuracy(k=2)"] <= 1

    def test_callbacks_see_the_trainer_after_each_epoch(self, make_net, blobs):
        def halve(trainer):
            trainer.learning_rate /= 2

        history = quiet(trainer_for(make_net(), mtn.SGD(0.4)), blobs, epochs=3, callbacks=[halve])
        assert history["learning_rate"] == [0.4, 0.2, 0.1]

    def test_says_what_it_does(self, make_net, blobs, capsys):
        trainer_for(make_net()).fit(blobs, epochs=2)
        lines = capsys.readouterr().err.splitlines()
        assert lines[0] == "compiling, once"
        assert [line.split()[1] for line in lines[1:]] == ["1/2", "2/2"]

    def test_float64_networks(self, blobs):
        net = mtn.Sequential(mtn.Dense(2, 3, dtype="float64"), mtn.Softmax(), seed=0)
        quiet(trainer_for(net), blobs)
        assert net.predict(blobs[0]).dtype == np.float64


class TestStreaming:
    class Stream:
        """An iterable that starts anew each time it is asked."""

        def __init__(self, batches):
            self.batches = batches

        def __iter__(self):
            return iter(self.batches)

    def test_any_iterable_of_batches(self, make_net, blobs):
        x, y = blobs
        batches = [(x[i : i + 20], y[i : i + 20]) for i in range(0, 90, 20)]
        net = make_net()
        history = quiet(trainer_for(net), self.Stream(batches), self.Stream(batches), epochs=20)
        assert history["test_accuracy"][-1] > 0.95
        whole = trainer_for(net).evaluate(blobs)
        assert whole["loss"] == pytest.approx(history["test_loss"][-1], rel=1e-5)

    def test_a_generator_lasts_one_epoch(self, make_net, blobs):
        trainer = trainer_for(make_net())
        batches = (batch for batch in [blobs])
        for once in (batches, iter([blobs]), zip(*[[part] for part in blobs], strict=True)):
            with pytest.raises(ValueError, match="train is a .* to be 2 epochs: pass a list"):
                quiet(trainer, once, epochs=2)
        assert not trainer.is_compiled
        quiet(trainer, batches, (batch for batch in [blobs]))
        assert trainer.history["test_loss"][0] == pytest.approx(trainer.evaluate(blobs)["loss"])
        with pytest.raises(ValueError, match="train gave no batches. A generator can be read once"):
            quiet(trainer, batches)

    def test_a_batch_in_the_middle_that_does_not_fit(self, make_net, blobs):
        batches = [blobs, (np.zeros((4, 3)), np.zeros(4, int))]
        with pytest.raises(ValueError, match=r"train, batch 2 inputs have shape \(4, 3\)"):
            quiet(trainer_for(make_net()), batches)

    def test_a_batch_that_is_no_pair(self, make_net):
        with pytest.raises(TypeError, match=r"train, batch 1: expected a tuple .*got ndarray"):
            quiet(trainer_for(make_net()), [np.zeros((2, 2))])


def test_what_was_refused_before_leaves_the_masks_as_they_are(make_net, blobs):
    def loss(prediction, target):
        return mtn.categorical_crossentropy(prediction, target)

    losses = []
    for is_refused_first in (False, True):
        trainer = mtn.Trainer(make_net(dropout=0.5), loss, mtn.SGD(0.1))
        if is_refused_first:
            with pytest.raises(TypeError, match="positional argument"):
                quiet(trainer, (*blobs, np.ones(90)))
            trainer.network(engine.T.fmatrix(), mtn.Training(0))
        losses.append(quiet(trainer, blobs, epochs=2)["train_loss"])
    assert losses[0] == losses[1]


class TestRefusesBeforeTheFirstStep:
    @pytest.mark.parametrize(
        ("data", "error", "message"),
        [
            (lambda x, y: (x[:, :1], y), ValueError, r"train inputs have shape \(90, 1\)"),
            (lambda x, y: (x, y[:-1]), ValueError, "same number of examples, got 90, 89"),
            (lambda x, y: (x, y + 1), ValueError, r"labels in \[0, 3\).*number 2 is 3"),
            (lambda x, y: (x, y - 1), ValueError, r"labels in \[0, 3\).*number 0 is -1"),
            (lambda x, y: (x, y.astype(float)), ValueError, r"float64 of shape \(90,\).*\(n, 3\)"),
            (lambda x, y: (x, np.eye(4)[y]), ValueError, r"shape \(90, 4\)"),
            (lambda x, y: (x[:0], y[:0]), ValueError, "train inputs are empty"),
            (lambda x, y: (x.astype(str), y), TypeError, "array of real numbers"),
            (lambda x, y: (x, y.astype(object)), TypeError, "train targets must be an array"),
            (lambda x, y: (x, y, -np.ones(90)), ValueError, "not negative"),
            (lambda x, y: (x, y, np.full(90, np.nan)), ValueError, "must be finite"),
            (lambda x, y: (x, y, np.ones((90, 1))), ValueError, r"expected \(n,\)"),
            (lambda x, y: (x, y, np.ones(9)), ValueError, "got 90, 90, 9"),
            (lambda x, y: (x,), ValueError, "got 1 things"),
            (lambda x, y: x, TypeError, "train must be a tuple .*got ndarray"),
            (lambda x, y: None, TypeError, "train must be a tuple .*got NoneType"),
            (lambda x, y: 7, TypeError, "train must be a tuple .*got int"),
        ],
    )
    def test_data(self, make_net, blobs, data, error, message):
        trainer = trainer_for(make_net())
        with pytest.raises(error, match=message):
            quiet(trainer, data(*blobs))
        assert not trainer.is_compiled

    def test_validation_data(self, make_net, blobs):
        x, y = blobs
        with pytest.raises(ValueError, match="validation targets must be labels"):
            quiet(trainer_for(make_net()), blobs, (x, y + 7))

    @pytest.mark.parametrize("options", [{"epochs": 0}, {"batch_size": 0}, {"epochs": 1.5}])
    def test_numbers(self, make_net, blobs, options):
        with pytest.raises(ValueError, match="must be a positive whole number"):
            quiet(trainer_for(make_net()), blobs, **options)

    def test_another_kind_of_batches_goes_on_with_the_same_state(self, make_net, blobs):
        trainer, weighted = trainer_for(make_net(), mtn.Adam()), trainer_for(make_net(), mtn.Adam())
        quiet(trainer, blobs)
        quiet(trainer, (*blobs, np.ones(90)))
        quiet(weighted, (*blobs, np.ones(90)), epochs=2)
        assert trainer.history["train_loss"] == pytest.approx(weighted.history["train_loss"])


class TestConstructionRefuses:
    def test_what_is_no_network(self):
        with pytest.raises(TypeError, match="network must be a layer"):
            mtn.Trainer(mtn.accuracy, mtn.mean_squared_error, mtn.SGD())

    def test_what_is_no_optimizer(self, make_net):
        with pytest.raises(TypeError, match=r"must be an Optimizer.*Did you leave out the \(\)"):
            mtn.Trainer(make_net(), mtn.categorical_crossentropy, mtn.SGD)

    @pytest.mark.parametrize("metrics", [[3], {"n": 3}])
    def test_what_is_no_metric(self, make_net, metrics):
        with pytest.raises(TypeError, match="the metric"):
            trainer_for(make_net(), metrics=metrics)


class TestEvaluate:
    def test_predicts_without_dropout(self, make_net, blobs):
        net = make_net(dropout=0.9)
        x, y = blobs
        figures = trainer_for(net).evaluate(blobs, batch_size=7)
        p = net.predict(x)
        assert figures["loss"] == pytest.approx(-np.log(p[np.arange(90), y]).mean(), rel=1e-5)
        assert figures["accuracy"] == pytest.approx((p.argmax(axis=1) == y).mean())

    def test_changes_nothing(self, make_net, blobs):
        net = make_net()
        before = weights_of(net)
        trainer_for(net).evaluate(blobs)
        assert_same(weights_of(net), before)


def test_importing_the_library_leaves_the_engine_s_configuration_alone():
    assert engine.T.scalar().dtype == "float64"
