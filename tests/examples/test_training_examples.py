"""Figures 1 and 2, and the digits: each example as its own command."""

from __future__ import annotations

import common
import hidden_layer
import linear_regression
import mnist
import numpy as np
import pytest
from PIL import Image

import minitheanonet as mtn

VEHICLES = {"linear_regression": linear_regression, "hidden_layer": hidden_layer}


@pytest.mark.parametrize("name", VEHICLES)
def test_vehicles(name, tmp_path, capsys):
    arguments = ["--generated", "--epochs", "2", "--out", str(tmp_path)]
    assert VEHICLES[name].main(arguments) == 0
    assert "2 epochs, stopped by: epochs" in capsys.readouterr().out
    with Image.open(tmp_path / f"{name}.png") as picture:
        assert picture.width > 1000


def test_the_networks_of_figures_1_and_2():
    assert [repr(x) for x in linear_regression.network(4096, 0).layers] == ["Dense(4096, 1)"]
    assert [repr(layer) for layer in hidden_layer.network(4096, 0).layers] == [
        "Dense(4096, 100)",
        "ReLU()",
        "Dense(100, 1)",
    ]


def test_the_regression_stops_when_its_error_is_flat(capsys, tmp_path):
    # All images alike: the best answer is the mean, soon reached.
    images, labels = np.full((20, 9), 0.5, "float32"), np.arange(20, dtype="int32") % 2
    part = mtn.datasets.Dataset(images, labels, name="gray")
    data = common.Data(part, part, generated=True)
    history = linear_regression.train(linear_regression.network(9, 0), data)
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
    linear_regression.train(linear_regression.network(4, 0), common.Data(train, test, True))
    np.testing.assert_allclose(seen["t"][0].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(seen["v"][0], test.inputs - train.inputs.mean(axis=0))


def test_the_share_of_wrong_answers():
    prediction = np.array([[0.4], [0.6], [0.7], [0.1]], "float32")
    target = np.array([[0], [0], [1], [1]], "float32")
    x, y = mtn.engine.T.fmatrix("x"), mtn.engine.T.fmatrix("y")
    assert linear_regression.wrong(x, y).eval({x: prediction, y: target}) == 0.5


def test_mnist_with_every_option(tmp_path, capsys):
    options = (
        "--generated --layers 3 --units 8 --activation tanh --dropout 0 --fraction 0.5 --seed 4 "
        f"--optimizer adam --learning-rate 0.01 --batch-size 32 --epochs 2 --out {tmp_path}"
    )
    assert mnist.main(options.split()) == 0
    out = capsys.readouterr().out
    assert "tanh_3" in out
    assert "dropout_1" not in out
    assert "after 2 epochs" in out
    assert (tmp_path / "mnist.png").is_file()


def test_the_default_network_is_figure_3():
    assert ", ".join(repr(layer) for layer in mnist.network().layers) == (
        "Dense(784, 512), ReLU(), Dropout(0.2), Dense(512, 512), ReLU(), Dropout(0.2), "
        "Dense(512, 10), Softmax()"
    )


@pytest.mark.parametrize("example", [linear_regression, hidden_layer, mnist])
def test_missing_data_are_a_message(example, tmp_path, capsys):
    arguments = ["--data", str(tmp_path), "--out", str(tmp_path / "figures")]
    assert example.main(arguments) == 2
    captured = capsys.readouterr()
    assert ("train-images" if example is mnist else "airplanes") in captured.err
    assert not (tmp_path / "figures").exists()


def test_without_a_wish_and_without_data_it_says_loudly_what_it_took(tmp_path, capsys):
    assert linear_regression.main(["--epochs", "1", "--out", str(tmp_path)]) == 0
    error = capsys.readouterr().err
    assert "REAL DATA NOT FOUND: going on with generated airplanes and motorbikes" in error


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("--data x --generated", "--generated: not allowed with argument --data"),
        ("--generated --download", "--download: not allowed with argument --generated"),
        ("--epochs 0", "--epochs: 0 is below 1"),
        ("--fraction 0", "--fraction: 0.0 is not above 0 and at most 1"),
        ("--dropout 1", "--dropout: 1.0 is not at least 0 and below 1"),
        ("--learning-rate -1", "--learning-rate: -1.0 is not above 0"),
        ("--seed -1", "--seed: -1 is below 0"),
    ],
)
def test_options_out_of_range_are_refused(wrong, message, capsys):
    with pytest.raises(SystemExit) as caught:
        mnist.main(wrong.split())
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_an_interrupted_run_draws_what_it_has_or_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(mtn.Trainer, "fit", lambda self, *_, **__: mtn.History(stopped_by="x"))
    assert mnist.main(["--generated", "--out", str(tmp_path)]) == 130
    assert list(tmp_path.iterdir()) == []


def test_real_data_are_found_and_named(real_data):
    options = common.parser(None).parse_args(["--data", real_data])
    data = mnist.load(options).fraction(0.25)
    assert (data.name, data.generated, data.n_train) == ("MNIST", False, 15_000)
    assert data.describe()["test_examples"] == 10_000


def test_mnist_resumed_is_mnist_in_one_go(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mnist, "GENERATED_SIZES", (200, 50))

    def train(run, *options):
        arguments = ["--generated", "--units", "8", "--out", str(tmp_path), "--checkpoint", run]
        assert mnist.main([*arguments, *options]) == 0

    whole, parts = str(tmp_path / "whole"), str(tmp_path / "parts")
    train(whole, "--epochs", "2")
    train(parts, "--epochs", "1")
    train(parts, "--epochs", "2", "--resume")
    train(parts, "--epochs", "2", "--resume")  # nothing is left to do
    digits = mtn.datasets.generated_digits(10, 10)[1].inputs
    ends = [mtn.load_model(f"{run}/002.h5").predict(digits) for run in (whole, parts)]
    assert (ends[0] == ends[1]).all()


def test_mnist_resume_needs_a_folder_and_a_checkpoint_that_fits(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mnist, "GENERATED_SIZES", (200, 50))
    with pytest.raises(SystemExit):
        mnist.main(["--generated", "--resume"])
    assert "--resume needs --checkpoint RUN" in capsys.readouterr().err
    run = ["--generated", "--out", str(tmp_path), "--checkpoint", str(tmp_path / "run")]
    assert mnist.main([*run, "--units", "8", "--epochs", "1"]) == 0
    assert mnist.main([*run, "--units", "9", "--epochs", "2", "--resume"]) == 2
    assert "its network is" in capsys.readouterr().err
