"""``python -m minitheanonet predict``: a saved network asked about pictures and rows."""

import csv
import dataclasses

import numpy as np
import pytest
from PIL import Image

import minitheanonet as mtn
from minitheanonet.command.answers import Answers
from minitheanonet.command.main import main


@pytest.fixture
def pictures(tmp_path):
    """A black and a white picture in a folder, beside what is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, gray in (("black", 0), ("white", 255)):
        Image.new("L", (9, 7), gray).save(folder / f"{name}.png")
    (folder / "notes.txt").write_text("no picture")
    (folder / "._black.png").write_bytes(b"what a file manager leaves")
    return folder


def save_brightness(path, preprocessing=None, shape=(16,)):
    """Save a network that calls a bright picture light: 9 to 1, in odds, for the brightest."""
    layers = [mtn.Flatten()] if len(shape) > 1 else []
    count = int(np.prod(shape))
    weights = np.repeat([[0.0, np.log(9) / count]], count, axis=0)
    net = mtn.Sequential(
        *layers, mtn.Dense(count, 2, W=weights), mtn.Softmax(), input_shape=shape, seed=0
    )
    mtn.save_model(net, path, classes=["dark", "light"], preprocessing=preprocessing)
    return str(path)


def answers(capsys, *arguments):
    """Return what is printed for each example, by the name of its source."""
    assert main(["predict", *map(str, arguments)]) == 0
    lines = capsys.readouterr().out.splitlines()
    return dict(line.rsplit(": ", 1) for line in lines)


def refused(capsys, *arguments):
    """Return the one line that says why."""
    assert main(["predict", *map(str, arguments)]) == 2
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    return line


@pytest.mark.parametrize("shape", [(16,), (4, 4), (4, 6), (4, 4, 1)])
def test_a_folder_of_pictures(pictures, tmp_path, capsys, shape):
    model = save_brightness(tmp_path / "m.h5", shape=shape)
    assert answers(capsys, model, pictures) == {
        f"{pictures}/black.png": "dark 50.0%, light 50.0%",
        f"{pictures}/white.png": "light 90.0%, dark 10.0%",
    }


@pytest.mark.parametrize(
    ("preprocessing", "shape", "black", "white"),
    [
        ({"invert": True}, (16,), "light 90.0%", "dark 50.0%"),
        ({"scale": 2}, (16,), "dark 50.0%", "light 98.8%"),
        ({"size": [2, 6]}, (12,), "dark 50.0%", "light 90.0%"),
        ({"grayscale": False}, (12,), "dark 50.0%", "light 90.0%"),
        ({"grayscale": False}, (2, 3, 3), "dark 50.0%", "light 90.0%"),
        ({}, (2, 3, 3), "dark 50.0%", "light 90.0%"),
    ],
)
def test_the_saved_preprocessing_is_applied(
    pictures, tmp_path, capsys, preprocessing, shape, black, white
):
    model = save_brightness(tmp_path / "m.h5", preprocessing, shape)
    told = answers(capsys, model, pictures / "black.png", pictures / "white.png")
    assert [line.partition(",")[0] for line in told.values()] == [black, white]


def test_colours_reach_a_network_that_takes_three(pictures, tmp_path, capsys):
    Image.new("RGB", (4, 4), (0, 255, 0)).save(tmp_path / "green.png")
    weights = np.zeros((12, 2))
    weights[1::3, 1] = np.log(9) / 4
    net = mtn.Sequential(
        mtn.Flatten(), mtn.Dense(12, 2, W=weights), mtn.Softmax(), input_shape=(2, 2, 3), seed=0
    )
    mtn.save_model(net, tmp_path / "m.h5", classes=["other", "green"])
    (told,) = answers(capsys, tmp_path / "m.h5", tmp_path / "green.png").values()
    assert told == "green 90.0%, other 10.0%"


@pytest.mark.parametrize("header", ["", '"a",b\n', "\ufeffa,b\n"])
def test_rows_of_a_table(tmp_path, capsys, header):
    net = mtn.Sequential(
        mtn.Dense(2, 2, W=[[0, np.log(9)], [0, 0]]), mtn.Softmax(), input_shape=(2,), seed=0
    )
    mtn.save_model(net, tmp_path / "m.h5", classes=["no", "yes"])
    rows = tmp_path / "ROWS.CSV"
    rows.write_text(f'{header}0,5\n\n"1",-5e0\n', encoding="utf-8")
    assert answers(capsys, tmp_path / "m.h5", rows) == {
        f"{rows}:1": "no 50.0%, yes 50.0%",
        f"{rows}:2": "yes 90.0%, no 10.0%",
    }


def test_rows_for_an_input_of_another_shape(tmp_path, capsys):
    model = save_brightness(tmp_path / "m.h5", shape=(2, 3))
    (tmp_path / "rows.csv").write_text("1,1,1,1,1,1\n")
    told = answers(capsys, model, tmp_path / "rows.csv")
    assert list(told.values()) == ["light 90.0%, dark 10.0%"]


def test_the_table_of_answers_holds_what_predict_gives(pictures, tmp_path, capsys):
    net = mtn.Sequential(mtn.Dense(16, 3), mtn.Softmax(), seed=0)
    mtn.save_model(net, tmp_path / "m.h5", classes=["a", "b,b", "c"])
    rows = np.random.default_rng(0).random((5, 16)).astype("float32")
    np.savetxt(tmp_path / "rows.csv", rows, delimiter=",", fmt="%.9g")
    out, source = tmp_path / "answers.csv", tmp_path / "rows.csv"
    out.write_text("what was there before")
    sources = [str(pictures / "white.png"), str(source)]
    assert main(["predict", str(tmp_path / "m.h5"), *sources, "--csv", str(out)]) == 0
    assert capsys.readouterr().out == f"the answers are in {out}\n"
    header, *table = csv.reader(out.read_text().splitlines())
    assert header == ["source", "class", "probability", "a", "b,b", "c"]
    expected = net.predict(np.vstack([np.ones((1, 16)), rows]))
    assert [row[0] for row in table] == [sources[0], *(f"{source}:{n}" for n in range(1, 6))]
    np.testing.assert_allclose(np.array(table)[:, 3:].astype(float), expected, atol=1e-6)
    names = np.array(header[3:])
    assert [row[1] for row in table] == names[expected.argmax(axis=1)].tolist()
    assert [row[2] for row in table] == [max(row[3:], key=float) for row in table]


def test_one_output_and_no_names(pictures, tmp_path, capsys):
    net = mtn.Sequential(mtn.Dense(16, 1, W=np.ones((16, 1))), mtn.Sigmoid(), seed=0)
    mtn.save_model(net, tmp_path / "m.h5")
    told = answers(capsys, tmp_path / "m.h5", pictures / "black.png")
    assert list(told.values()) == ["0 50.0%, 1 50.0%"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_outputs_that_are_no_probabilities(tmp_path, capsys, dtype):
    inner = mtn.Sequential(mtn.Dense(2, 2, W=[[1, 0], [0, -2.5]], dtype=dtype))
    mtn.save_model(mtn.Sequential(inner, seed=0), tmp_path / "m.h5", classes=["up", "down"])
    rows, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    rows.write_text("1000,1\n")
    told = answers(capsys, tmp_path / "m.h5", rows)
    assert list(told.values()) == ["up 1000, down -2.5"]
    assert main(["predict", str(tmp_path / "m.h5"), str(rows), "--csv", str(out)]) == 0
    assert out.read_text() == f"source,up,down\n{rows}:1,1000.0,-2.5\n"


@pytest.mark.parametrize(
    ("preprocessing", "shape", "reason"),
    [
        ({"rotate": 90}, (16,), "the model asks for rotate: 90, which is unknown here"),
        ({"size": 5}, (16,), "the model asks for size: 5"),
        ({"size": [True, 16]}, (16,), "the model asks for size"),
        ({"size": [0, 16]}, (16,), "size is [0, 16]"),
        ({"scale": "a"}, (16,), "the model asks for scale: 'a'"),
        ({"scale": 10**400}, (16,), "the model asks for scale: 1000"),
        ({"invert": 1}, (16,), "the model asks for invert: 1"),
        ({"\x1b[31m": 1}, (16,), "the model asks for ?[31m"),
        ({}, (17,), "does not fit the network's input (17,)"),
        ({"size": [3, 3]}, (16,), "does not fit the network's input (16,)"),
    ],
)
def test_what_does_not_fit_is_said(pictures, tmp_path, capsys, preprocessing, shape, reason):
    model = save_brightness(tmp_path / "m.h5", preprocessing, shape)
    assert reason in refused(capsys, model, pictures)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1,2\n3,4\n", "it has 2 columns, and the network takes 3 numbers. Leave out"),
        (b"1,2,3\n1,2\n", "it can't be read as a table (the number of columns changed"),
        (b"a,b,c\n1,x,3\n", "(could not convert string 'x'"),
        (b"a,b,c\n", "no data"),
        (b"", "no data"),
        (b"\xff\xfe1,2,3", "Give numbers between commas"),
    ],
)
def test_tables_that_are_none(tmp_path, capsys, content, reason):
    model = save_brightness(tmp_path / "m.h5", shape=(3,))
    (tmp_path / "rows.csv").write_bytes(content)
    line = refused(capsys, model, tmp_path / "rows.csv")
    assert line.startswith(str(tmp_path / "rows.csv"))
    assert reason in line


def test_files_that_are_missing_or_damaged_are_said(pictures, tmp_path, capsys):
    model = save_brightness(tmp_path / "m.h5")
    no_model = refused(capsys, tmp_path / "no.h5", pictures)
    assert "no.h5: it can't be opened or written (No such file" in no_model
    assert "no.png: there is no such file" in refused(capsys, model, tmp_path / "no.png")
    assert "no.csv: there is no such file" in refused(capsys, model, tmp_path / "no.csv")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    damaged = refused(capsys, model, tmp_path / "bad.png")
    assert "bad.png: it cannot be read as an image" in damaged
    (tmp_path / "empty").mkdir()
    assert "there are no pictures in this folder" in refused(capsys, model, tmp_path / "empty")


def test_names_from_a_file_command_no_terminal(pictures, tmp_path, capsys):
    net = mtn.Sequential(mtn.Dense(16, 2, W=mtn.Zeros()), mtn.Softmax(), seed=0)
    mtn.save_model(net, tmp_path / "m.h5", classes=["\x1b[31mred", "two\nlines"])
    told = answers(capsys, tmp_path / "m.h5", pictures / "black.png")
    assert list(told.values()) == ["?[31mred 50.0%, two?lines 50.0%"]


def test_outputs_that_are_no_classes(pictures, tmp_path, capsys):
    mtn.save_model(mtn.Sequential(mtn.ReLU(), input_shape=(4, 4), seed=0), tmp_path / "m.h5")
    line = refused(capsys, tmp_path / "m.h5", pictures)
    assert line == "the network's outputs are no classes: (4, 4) an example."


def test_a_file_that_names_other_classes_than_there_are(tmp_path):
    info = mtn.model_info(save_brightness(tmp_path / "m.h5"))
    with pytest.raises(ValueError, match="the file names 3 classes, and there are 2"):
        Answers(dataclasses.replace(info, classes=("dark", "light", "neither")))


def test_a_checkpoint_that_describes_no_network(tmp_path, capsys):
    class Mine(mtn.Dense):
        pass

    trainer = mtn.Trainer(Mine(2, 1, seed=0), mtn.mean_squared_error, mtn.SGD())
    checkpoint = mtn.Checkpoint(tmp_path / "{epoch}.h5")
    trainer.fit(np.eye(2), [0, 1], callbacks=[checkpoint], progress=False)
    assert "it has no description of its network" in refused(capsys, tmp_path / "1.h5", "a.csv")


def test_a_table_that_cannot_be_written_is_said(pictures, tmp_path, capsys):
    model = save_brightness(tmp_path / "m.h5")
    out = tmp_path / "nowhere" / "answers.csv"
    assert "No such file" in refused(capsys, model, pictures, "--csv", out)
