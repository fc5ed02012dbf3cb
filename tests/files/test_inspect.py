"""``python -m minitheanonet inspect``: what is in a file, told without building the network."""

import os
import runpy
import subprocess
import sys

import pytest
from by_hand import dense_config, model_config, write_keras2
from small_nets import Shift, data, every_layer, make_trainer

from minitheanonet.command.main import main
from minitheanonet.files import Checkpoint, save_model


def test_a_model_file(tmp_path, capsys):
    path = str(tmp_path / "m.h5")
    save_model(every_layer(), path, classes=["a", "b", "c"], preprocessing={"scale": 2})
    assert main(["inspect", path]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{path}\nwritten by     minitheanonet ")
    for line in (
        "input          (2, 3), float32",
        "dropout_1        (5,)             0",
        "block            (4,)            60",
        "classes        ('a', 'b', 'c')",
        "preprocessing  {'scale': 2}",
    ):
        assert line in out.splitlines()


def test_a_checkpoint(tmp_path, capsys):
    checkpoint = Checkpoint(tmp_path / "{epoch}.h5")
    make_trainer().fit(data(), epochs=2, callbacks=[checkpoint], progress=False)
    assert main(["inspect", str(tmp_path / "2.h5")]) == 0
    out = capsys.readouterr().out
    for line in (
        "epoch          2",
        "seed           1",
        "  optimizer/dense_1/W/mean_square float32 (8, 16)",
        "  clock uint64 ()",
    ):
        assert line in out.splitlines()
    assert "'optimizer': 'RMSprop(" in out


def test_a_checkpoint_of_a_network_that_no_file_describes(tmp_path, capsys):
    trainer = make_trainer(units=4, more=[Shift(4, name="mine")])
    trainer.fit(data(), epochs=1, callbacks=[Checkpoint(tmp_path / "{epoch}.h5")], progress=False)
    assert main(["inspect", str(tmp_path / "1.h5")]) == 0
    assert "  mine/mean float32 (4,)" in capsys.readouterr().out.splitlines()


def test_what_a_file_says_cannot_command_the_terminal(tmp_path, capsys):
    relu = {"class_name": "ReLU", "config": {"name": "\x1b[2Jgone"}}
    config = model_config(dense_config(), relu)
    assert main(["inspect", str(write_keras2(tmp_path / "k.h5", config))]) == 0
    out = capsys.readouterr().out
    assert "?[2Jgone" in out
    assert "\x1b" not in out


def test_a_file_that_is_none(tmp_path, capsys):
    assert main(["inspect", str(tmp_path / "no.h5")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_the_command(tmp_path, monkeypatch, capsys):
    path = str(write_keras2(tmp_path / "k.h5"))
    monkeypatch.setattr(sys, "argv", ["minitheanonet", "inspect", path])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("minitheanonet", run_name="__main__", alter_sys=False)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(path)


def inspect(path, **options):
    """Run the command in a process of its own."""
    environment = {**os.environ, **options.pop("env", {})}
    command = [sys.executable, "-m", "minitheanonet", "inspect", str(path)]
    return subprocess.run(command, env=environment, check=False, **options)


def test_names_that_the_locale_lacks(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5", classes=["año", "b", "c"])
    ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = inspect(tmp_path / "m.h5", env=ascii, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b"classes        ('a\\xf1o', 'b', 'c')" in done.stdout.splitlines()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full disk here")
def test_a_full_disk_behind_the_output(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5")
    with open("/dev/full", "w") as full:
        done = inspect(tmp_path / "m.h5", stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 2
        *_, last = done.stderr.splitlines()  # an engine may have said something before
        assert last == b"the output can't be written: No space left on device."
        assert b"Traceback" not in done.stderr
        for path in (tmp_path / "m.h5", tmp_path / "no.h5"):
            assert inspect(path, stdout=full, stderr=full).returncode == 2
