"""The examples that train, each for one epoch on little data, as its own command."""

from __future__ import annotations

import common
import fewer_digits
import hidden_layer
import lenet_theano
import linear_regression
import mnist
import mnist_cnn
import numpy as np
import pytest
import saving
from PIL import Image

import minitheanonet as mtn

FILES = {
    linear_regression: {"linear_regression.png"},
    hidden_layer: {"hidden_layer.png"},
    mnist: {"mnist.png"},
    mnist_cnn: {f"mnist_cnn{part}.png" for part in ("", "_filters", "_misread")},
    lenet_theano: {f"lenet_theano{part}.png" for part in ("", "_filters", "_misread")},
    fewer_digits: {f"fewer_digits_{number}.png" for number in range(4, 9)},
    saving: {"digits.h5"},
}


def each(examples):
    return pytest.mark.parametrize("example", examples, ids=lambda example: example.__name__)


def run(example, *arguments):
    """Run an example as the command line does."""
    return common.run(example.main, common.parser(None), list(map(str, arguments)))


@each([example for example in FILES if example is not saving])
def test_an_example_leaves_its_files(example, tmp_path):
    assert run(example, "--generated", "--epochs", "1", "--out", tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == FILES[example]
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            assert picture.width > 500


@each(FILES)
def test_missing_data_are_a_message(example, tmp_path, capsys):
    assert run(example, "--data", tmp_path, "--out", tmp_path / "figures") == 2
    wanted = "airplanes" if example in (linear_regression, hidden_layer) else "train-images"
    assert wanted in capsys.readouterr().err
    assert not (tmp_path / "figures").exists()


def test_without_a_wish_and_without_data_it_says_loudly_what_it_took(tmp_path, capsys):
    assert run(linear_regression, "--epochs", "1", "--out", tmp_path) == 0
    error = capsys.readouterr().err
    assert "REAL DATA NOT FOUND: going on with generated airplanes and motorbikes" in error


def test_without_mnist_the_5000_come_before_drawn_digits(monkeypatch, capsys):
    train, test = common.generated_digits(20, 10, seed=0)
    sample = [mtn.datasets.Dataset(*part, name="5,000 of MNIST's digits") for part in (train, test)]
    monkeypatch.setattr(mtn.datasets, "mnist_5k", lambda: sample)
    options = common.parser(None).parse_args([])
    assert common.digits(options) is sample
    error = capsys.readouterr().err
    assert "WHOLE DATA SET NOT FOUND: going on with 5,000 of MNIST's digits" in error


def test_without_those_too_digits_are_drawn(monkeypatch, capsys):
    def missing():
        raise mtn.datasets.DataNotFoundError

    monkeypatch.setattr(mtn.datasets, "mnist_5k", missing)
    assert common.is_generated(common.digits(common.parser(None).parse_args([]))[0])
    assert "REAL DATA NOT FOUND: going on with generated digits" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("--data x --generated", "--generated: not allowed with argument --data"),
        ("--generated --download", "--download: not allowed with argument --generated"),
        ("--epochs 0", "--epochs: 0 is below 1"),
        ("--seed -1", "--seed: -1 is below 0"),
    ],
)
def test_options_out_of_range_are_refused(wrong, message, capsys):
    with pytest.raises(SystemExit) as caught:
        run(mnist, *wrong.split())
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_run_interrupted_before_its_first_epoch_draws_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mtn.Trainer, "fit", lambda self, *_, **__: mtn.History(stopped_by="x"))
    assert run(mnist, "--generated", "--out", tmp_path) == 130
    assert "Interrupted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_gives_the_same_training(tmp_path, capsys):
    printed = []
    for seed in (3, 3, 4):
        run(mnist, "--generated", "--epochs", "1", "--seed", seed, "--out", tmp_path)
        printed.append(capsys.readouterr().out.splitlines()[-2])
    assert printed[0] == printed[1] != printed[2]


def layers(net):
    return ", ".join(map(repr, net.layers))


def test_the_networks_are_the_sheets():
    relu, end = "Dense(784, 512), ReLU(), Dropout(0.2)", "Dense(512, 10), Softmax()"
    assert layers(linear_regression.network(4096, 0)) == "Dense(4096, 1)"
    assert layers(hidden_layer.network(4096, 0)) == "Dense(4096, 100), ReLU(), Dense(100, 1)"
    three = f"{relu}, Dense(512, 512), ReLU(), Dropout(0.2), {end}"
    assert layers(mnist.network(0)) == three
    one_layer = {
        4: three,
        5: f"{relu}, {end}",
        6: f"{relu}, {end}".replace("ReLU", "Sigmoid"),
        7: f"{relu}, {end}".replace("ReLU", "Sigmoid").replace("0.2", "0.5"),
        8: f"Dense(784, 512), Sigmoid(), {end}",
    }
    for number, design in fewer_digits.FIGURES.items():
        assert layers(fewer_digits.network(design, 0)) == one_layer[number], number
    assert fewer_digits.FRACTION == 0.25


def test_an_untrained_hidden_layer_answers_little_by_chance():
    images = np.random.default_rng(0).normal(0, 0.25, (200, 4096)).astype("float32")
    answers = hidden_layer.network(4096, 0).predict(images)
    assert 0 < answers.std() < 0.1


def test_the_regression_stops_when_its_error_is_flat():
    # All images alike: the best answer is the mean, soon reached.
    images, labels = np.full((20, 9), 0.5, "float32"), np.arange(20, dtype="int32") % 2
    part = mtn.datasets.Dataset(images, labels, name="gray")
    history = linear_regression.train(linear_regression.network(9, 0), part, part)
    assert history.stopped_by == "plateau"
    assert history.epochs >= 50
    assert max(history["train_loss"][-50:]) - min(history["train_loss"][-50:]) <= 1e-3


def test_images_are_centred_on_the_training_mean(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        mtn.Trainer, "fit", lambda self, train, validation, **_: seen.update(t=train, v=validation)
    )
    rng = np.random.default_rng(0)
    train, test = (
        mtn.datasets.Dataset(rng.random((8, 4), "float32"), np.arange(8) % 2) for _ in range(2)
    )
    linear_regression.train(linear_regression.network(4, 0), train, test)
    np.testing.assert_allclose(seen["t"][0].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(seen["v"][0], test.inputs - train.inputs.mean(axis=0))


def test_the_share_of_wrong_answers():
    prediction = np.array([[0.4], [0.6], [0.7], [0.1]], "float32")
    target = np.array([[0], [0], [1], [1]], "float32")
    x, y = mtn.engine.T.fmatrix("x"), mtn.engine.T.fmatrix("y")
    assert linear_regression.wrong(x, y).eval({x: prediction, y: target}) == 0.5


def test_saving_says_what_it_found(tmp_path, capsys):
    assert run(saving, "--generated", "--out", tmp_path) == 0
    out = capsys.readouterr().out
    assert [line[:6] for line in out.splitlines()[:4]] == ["001.h5", "002.h5", "003.h5", "004.h5"]
    assert "resumed after epoch 2" in out
    assert "the same to the last bit" in out
    assert "read again: the same predictions" in out
    assert {path.name for path in tmp_path.iterdir()} == FILES[saving]
    assert mtn.model_info(tmp_path / "digits.h5").classes[9] == "9"


def test_real_data_are_found_and_named(real_data):
    options = common.parser(None).parse_args(["--data", real_data])
    train, test = common.digits(options)
    assert not common.is_generated(train)
    assert (train.name, len(train.inputs), len(test.inputs)) == ("MNIST", 60_000, 10_000)
