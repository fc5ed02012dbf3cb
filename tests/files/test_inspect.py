"""``python -m minitheanonet inspect``: what is in a file, told without building the network."""

import runpy
import sys

import pytest
from by_hand import dense_config, model_config, write_keras2
from small_nets import data, every_layer, make_trainer

from minitheanonet.__main__ import main
from minitheanonet.files import Checkpoint, ModelFileError, load_model, save_model


def test_a_model_file(tmp_path, capsys):
    path = str(tmp_path / "m.h5")
    save_model(every_layer(), path, classes=["a", "b", "c"], preprocessing={"scale": 2})
    assert main(["inspect", path]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{path}\nwritten by   minitheanonet ")
    for line in (
        "network      sequential, float32, 90 parameters",
        "input        (2, 3)",
        "  dropout_1            Dropout 0.25   (5,)",
        "    dense_1              Dense          (4,)",
        "classes      a, b, c",
        "preprocessing  {'scale': 2}",
    ):
        assert line in out.splitlines()
    assert out.count("sha256  ") == 7


def test_a_checkpoint(tmp_path, capsys):
    checkpoint = Checkpoint(tmp_path / "{epoch}.h5")
    make_trainer().fit(data(), epochs=2, callbacks=[checkpoint], progress=False)
    assert main(["inspect", str(tmp_path / "2.h5")]) == 0
    out = capsys.readouterr().out
    assert "epoch 2, step 4, seed 1, optimizer rmsprop, learning_rate 0.001" in out
    assert "minitheanonet/optimizer/dense_1/W/rmsprop/mean_square" in out


def test_no_weights_are_read(tmp_path, capsys, monkeypatch):
    def refuse(*arguments):
        raise AssertionError("a weight was read")

    path = write_keras2(tmp_path / "k.h5")
    monkeypatch.setattr("minitheanonet.files.hdf5_reader.read_array", refuse)
    assert main(["inspect", str(path)]) == 0
    assert "written by   Keras" in capsys.readouterr().out
    with pytest.raises(ModelFileError, match="a weight was read"):
        load_model(path)


def test_what_a_file_says_cannot_command_the_terminal(tmp_path, capsys):
    config = model_config(dense_config())
    config["config"]["name"] = "\x1b[2Jgone"
    assert main(["inspect", str(write_keras2(tmp_path / "k.h5", config))]) == 0
    out = capsys.readouterr().out
    assert "?[2Jgone" in out
    assert "\x1b" not in out


def test_a_file_that_is_none(tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "no.h5")]) == 1
    assert "there is no such file" in capsys.readouterr().err


def test_the_command(tmp_path, monkeypatch, capsys):
    path = str(write_keras2(tmp_path / "k.h5"))
    monkeypatch.setattr(sys, "argv", ["minitheanonet", "inspect", path])
    monkeypatch.delitem(sys.modules, "minitheanonet.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("minitheanonet", run_name="__main__", alter_sys=False)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(path)
