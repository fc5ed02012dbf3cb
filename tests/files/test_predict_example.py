"""The example that asks a saved network about pictures."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import minitheanonet as mtn
from minitheanonet.files import save_model

EXAMPLE = Path(__file__).parents[2] / "examples" / "predict.py"


@pytest.fixture(scope="module")
def predict():
    spec = importlib.util.spec_from_file_location("predict_example", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pictures(tmp_path):
    """A black and a white picture."""
    paths = []
    for name, gray in (("black", 0), ("white", 255)):
        paths.append(str(tmp_path / f"{name}.png"))
        Image.new("L", (9, 7), gray).save(paths[-1])
    return paths


def save_brightness(path, preprocessing=None, shape=(16,)):
    """Save a network that calls a bright picture light: 9 to 1, in odds, for the brightest."""
    layers = [mtn.Flatten()] if len(shape) > 1 else []
    count = int(np.prod(shape))
    weights = np.repeat([[0.0, np.log(9) / count]], count, axis=0)
    net = mtn.Sequential(
        *layers, mtn.Dense(count, 2, W=weights), mtn.Softmax(), input_shape=shape, seed=0
    )
    save_model(net, path, classes=["dark", "light"], preprocessing=preprocessing)
    return str(path)


def answers(predict, capsys, *arguments):
    assert predict.main(list(arguments)) == 0
    return [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("shape", [(16,), (4, 4), (4, 6)])
def test_classes_and_probabilities_are_printed(predict, pictures, tmp_path, capsys, shape):
    model = save_brightness(tmp_path / "m.h5", shape=shape)
    black, white = answers(predict, capsys, model, *pictures)
    assert black == "dark 50.0%, light 50.0%"
    assert white == "light 90.0%, dark 10.0%"


@pytest.mark.parametrize(
    ("preprocessing", "shape", "black", "white"),
    [
        ({"invert": True}, (16,), "light 90.0%", "dark 50.0%"),
        ({"scale": 2}, (16,), "dark 50.0%", "light 98.8%"),
        ({"size": [2, 6]}, (12,), "dark 50.0%", "light 90.0%"),
        ({"grayscale": False}, (12,), "dark 50.0%", "light 90.0%"),
        ({"grayscale": False}, (2, 3, 3), "dark 50.0%", "light 90.0%"),
    ],
)
def test_the_saved_preprocessing_is_applied(
    predict, pictures, tmp_path, capsys, preprocessing, shape, black, white
):
    model = save_brightness(tmp_path / "m.h5", preprocessing, shape)
    lines = answers(predict, capsys, model, *pictures)
    assert [line.partition(",")[0] for line in lines] == [black, white]


def test_one_output_and_no_names(predict, pictures, tmp_path, capsys):
    net = mtn.Sequential(mtn.Dense(16, 1, W=np.ones((16, 1))), mtn.Sigmoid(), seed=0)
    save_model(net, tmp_path / "m.h5")
    assert answers(predict, capsys, str(tmp_path / "m.h5"), pictures[0]) == ["0 50.0%, 1 50.0%"]


def test_pictures_and_answers_are_drawn(predict, pictures, tmp_path, capsys):
    model, out = save_brightness(tmp_path / "m.h5"), tmp_path / "answers.png"
    answers(predict, capsys, model, *pictures * 3, "--out", str(out))
    with Image.open(out) as image:
        assert image.format == "PNG"
        shades = np.asarray(image.convert("L"))
    assert shades.shape[0] > shades.shape[1] * 0.4
    assert (shades == 0).mean() > 0.05
    assert (shades == 255).mean() > 0.3


@pytest.mark.parametrize(
    ("preprocessing", "shape", "reason"),
    [
        ({"rotate": 90}, (16,), "the model asks for rotate: 90, which is unknown here"),
        ({"size": 5}, (16,), "the model asks for size: 5"),
        ({"size": [True, 16]}, (16,), "the model asks for size"),
        ({"scale": "a"}, (16,), "the model asks for scale: 'a'"),
        ({"invert": 1}, (16,), "the model asks for invert: 1"),
        ({"\x1b[31m": 1}, (16,), "the model asks for ?[31m"),
        ({}, (17,), "does not fit the network's input (17,)"),
        ({"size": [3, 3]}, (16,), "does not fit the network's input (16,)"),
    ],
)
def test_what_does_not_fit_is_said(
    predict, pictures, tmp_path, capsys, preprocessing, shape, reason
):
    model = save_brightness(tmp_path / "m.h5", preprocessing, shape)
    assert predict.main([model, *pictures]) == 2
    assert reason in capsys.readouterr().err


def test_files_that_are_missing_or_damaged_are_said(predict, pictures, tmp_path, capsys):
    model = save_brightness(tmp_path / "m.h5")
    assert predict.main([str(tmp_path / "no.h5"), *pictures]) == 2
    assert "no.h5: it can't be opened or written (No such file" in capsys.readouterr().err
    assert predict.main([model, str(tmp_path / "no.png")]) == 2
    assert "no.png" in capsys.readouterr().err
    (tmp_path / "bad.png").write_bytes(b"no picture")
    assert predict.main([model, str(tmp_path / "bad.png")]) == 2
    assert "bad.png: it cannot be read as an image" in capsys.readouterr().err


def test_names_from_a_file_command_no_terminal(predict, pictures, tmp_path, capsys):
    net = mtn.Sequential(mtn.Dense(16, 2, W=mtn.Zeros()), mtn.Softmax(), seed=0)
    save_model(net, tmp_path / "m.h5", classes=["\x1b[31mred", "two\nlines"])
    lines = answers(predict, capsys, str(tmp_path / "m.h5"), pictures[0])
    assert lines == ["?[31mred 50.0%, two?lines 50.0%"]


def test_outputs_that_are_no_classes(predict, pictures, tmp_path, capsys):
    net = mtn.Sequential(mtn.ReLU(), input_shape=(4, 4), seed=0)
    save_model(net, tmp_path / "m.h5")
    assert predict.main([str(tmp_path / "m.h5"), pictures[0]]) == 2
    assert "the network's outputs are no classes: (4, 4) an example" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["nowhere/answers.png", "answers.xyz"])
def test_a_drawing_that_cannot_be_written_is_said(predict, pictures, tmp_path, capsys, out):
    model = save_brightness(tmp_path / "m.h5")
    assert predict.main([model, *pictures, "--out", str(tmp_path / out)]) == 2
    assert capsys.readouterr().err
