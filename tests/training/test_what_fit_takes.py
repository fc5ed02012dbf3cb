"""Data, habits and callbacks: what works, and what is answered with our word for it."""

from functools import partial

import numpy as np
import pytest
from trainers import quiet, trainer_for

import minitheanonet as mtn
from minitheanonet import engine


class TestNoSilentWrong:
    @pytest.mark.parametrize("last", [[], [mtn.ReLU()]])
    def test_cross_entropy_of_what_is_no_probability(self, blobs, last):
        net = mtn.Sequential(mtn.Dense(2, 3), *last, seed=0)
        with pytest.raises(ValueError, match=r"end the network with Softmax\(\).*from_logits=True"):
            quiet(trainer_for(net), blobs)
        binary = mtn.Trainer(mtn.Sequential(mtn.Dense(2, 1, W=[[9], [9]])),
                             mtn.binary_crossentropy, mtn.SGD())  # fmt: skip
        with pytest.raises(ValueError, match=r"end the network with Sigmoid\(\)"):
            quiet(binary, (blobs[0], blobs[1] > 0))

    def test_logits_that_are_said_to_be(self, make_net, blobs):
        bare = mtn.Sequential(*make_net().layers[:-1], seed=0)
        of_logits = partial(mtn.categorical_crossentropy, from_logits=True)
        history = quiet(mtn.Trainer(bare, of_logits, mtn.SGD(0.1)), blobs, epochs=2)
        expected = quiet(trainer_for(make_net()), blobs, epochs=2)
        assert history["train_loss"] == pytest.approx(expected["train_loss"], rel=1e-6)

    def test_classes_of_one_output(self, blobs):
        net = mtn.Sequential(mtn.Dense(2, 1), mtn.Sigmoid(), seed=0)
        trainer = mtn.Trainer(net, mtn.binary_crossentropy, mtn.SGD(), metrics=[mtn.accuracy])
        with pytest.raises(ValueError, match="accuracy: one output alone.*binary_accuracy"):
            quiet(trainer, (blobs[0], blobs[1] > 0))
        with pytest.raises(ValueError, match="categorical_crossentropy: one output alone"):
            quiet(trainer_for(net), (blobs[0], blobs[1][:, None] > 0))

    @pytest.mark.parametrize(
        "row", [[0.5, 0.6, 0.1], [1.2, -0.2, 0], [0, 0, 0]], ids=["above 1", "negative", "nothing"]
    )
    def test_targets_that_are_no_shares(self, make_net, blobs, row):
        x, y = blobs
        targets = np.eye(3)[y]
        targets[7] = row
        with pytest.raises(ValueError, match="each row must be shares .*that sum to 1; row 7"):
            quiet(trainer_for(make_net()), (x, targets))

    def test_masked_arrays(self, make_net, blobs):
        x, y = blobs
        with pytest.raises(ValueError, match=r"train inputs are a masked array.*\.filled\(value\)"):
            quiet(trainer_for(make_net()), (np.ma.masked_greater(x, 1), y))
        quiet(trainer_for(make_net()), (np.ma.masked_array(x), y))  # nothing is masked

    def test_sparse_matrices(self, make_net, blobs):
        class Sparse:
            def toarray(self):
                return blobs[0]

        with pytest.raises(TypeError, match=r"are a sparse matrix.*toarray\(\)"):
            quiet(trainer_for(make_net()), (Sparse(), blobs[1]))


@pytest.mark.parametrize(
    ("habit", "word"),
    [
        ("validation_split", "pass validation=test"),
        ("validation_data", r"pass validation=\(inputs, targets\)"),
        ("class_weight", "weights of examples"),
        ("sample_weight", "tuple of three"),
        ("verbose", "progress=False"),
    ],
)
def test_habits_of_other_libraries_are_answered(make_net, blobs, habit, word):
    with pytest.raises(TypeError, match=f"fit has no {habit}=: .*{word}"):
        trainer_for(make_net()).fit(*blobs, **{habit: 1})


def test_a_metric_by_its_name(make_net):
    with pytest.raises(TypeError, match="a metric is a function, mtn.accuracy say, got 'accuracy'"):
        trainer_for(make_net(), metrics=["accuracy"])


class TestFitTakes:
    def test_inputs_and_targets_one_after_the_other(self, make_net, blobs):
        apart = trainer_for(make_net()).fit(*blobs, epochs=2, progress=False)
        joined = trainer_for(make_net()).fit(blobs, epochs=2, progress=False)
        assert apart["train_loss"] == joined["train_loss"]
        with pytest.raises(TypeError, match="a tuple already.*by keyword, validation=test"):
            trainer_for(make_net()).fit(blobs, blobs)

    def test_lists_and_memory_maps(self, make_net, blobs, tmp_path):
        x, y = blobs
        np.save(tmp_path / "x.npy", x)
        mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
        losses = [
            quiet(trainer_for(make_net()), (inputs, targets))["train_loss"]
            for inputs, targets in ((x, y), (x.tolist(), y.tolist()), (mapped, y))
        ]
        assert losses[0] == losses[1] == losses[2]

    def test_data_frames(self, make_net, blobs):
        pandas = pytest.importorskip("pandas")
        x, y = blobs
        frames = pandas.DataFrame(x), pandas.Series(y)
        losses = [quiet(trainer_for(make_net()), data)["train_loss"] for data in (blobs, frames)]
        assert losses[0] == losses[1]

    def test_pixels_as_they_are(self, rng):
        pixels = rng.integers(0, 256, (50, 4)).astype("uint8")
        targets = rng.normal(size=(50, 1))
        losses = []
        for first, inputs in (
            ([mtn.Rescale(1 / 255)], pixels),
            ([], pixels.astype("float32") * np.float32(1 / 255)),
        ):
            net = mtn.Sequential(*first, mtn.Dense(4, 1), seed=0, input_shape=(4,))
            trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(0.1))
            streamed = [(inputs[:25], targets[:25]), (inputs[25:], targets[25:])]
            losses.append(quiet(trainer, (inputs, targets))["train_loss"])
            losses.append(quiet(trainer, streamed)["train_loss"])
        assert losses[0] == losses[2]
        assert losses[1] == losses[3]

    def test_without_shuffling(self, blobs):
        seen = []

        class Listen:
            def __call__(self, trainer):
                pass

            def after_batch(self, trainer, figures):
                seen.append(float(figures[0]))

        net = mtn.Sequential(mtn.Dense(1, 1, W=[[1]], b=None))
        trainer = mtn.Trainer(net, lambda p, y: p.mean() + 0 * y.mean(), mtn.SGD(0))
        x = np.arange(6, dtype="float32")[:, None]
        quiet(trainer, (x, x), batch_size=1, shuffle=False, callbacks=[Listen()])
        assert seen == [0, 1, 2, 3, 4, 5]

    def test_several_rules(self, make_net, blobs):
        rules = [mtn.Patience(40, "train_loss"), mtn.PlateauWindow(3, threshold=10)]
        assert quiet(trainer_for(make_net()), blobs, epochs=9, stop=rules).stopped_by == "plateau"


def test_a_callback_may_end_the_training(make_net, blobs):
    def enough(trainer):
        if trainer.epoch == 2:
            trainer.stop("enough")

    history = quiet(trainer_for(make_net()), blobs, epochs=9, callbacks=[enough])
    assert (history.epochs, history.stopped_by) == (2, "enough")


def test_callbacks_are_told_of_beginning_and_end(make_net, blobs):
    told = []

    class Listen:
        def before_fit(self, trainer):
            told.append("before")

        def __call__(self, trainer):
            told.append(trainer.epoch)
            if trainer.epoch == 2:
                raise RuntimeError("mine")

        def after_fit(self, trainer):
            told.append("after")

    with pytest.raises(RuntimeError, match="mine"):
        quiet(trainer_for(make_net()), blobs, epochs=5, callbacks=[Listen()])
    assert told == ["before", 1, 2, "after"]


@pytest.mark.filterwarnings("ignore:`np.complex` is a deprecated:DeprecationWarning")  # Theano's
def test_a_shared_variable_that_nothing_trains_is_told_of(blobs):
    W = engine.shared(np.ones((2, 3), "float32"), "forgotten")

    class Own(mtn.Layer):
        def forward(self, x, training=None):
            return engine.softmax(engine.T.dot(x, W)) * 1

    net = mtn.Sequential(Own(), mtn.Dense(3, 3), mtn.Softmax(), seed=0, input_shape=(2,))
    with pytest.warns(UserWarning, match="computes with forgotten, which is neither parameter"):
        quiet(trainer_for(net), blobs)
