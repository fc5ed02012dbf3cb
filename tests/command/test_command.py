"""The command line as a whole: its help, its errors, and ``export``."""

import sys

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.command.main import main


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_the_help_tells_the_commands_with_examples(arguments, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for line in (
        "Look into model files, ask saved networks, and hand them on.",
        "    inspect   print what is in model files",
        "    predict   print what a network says to pictures or rows",
        "    export    write a network as ONNX, for other programs",
        "python -m minitheanonet predict model.h5 photos/",
    ):
        assert line in out.splitlines()


@pytest.mark.parametrize("command", ["inspect", "predict", "export"])
def test_each_command_has_help_of_its_own(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m minitheanonet {command}")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["inspect"],
            "python -m minitheanonet inspect: the following arguments are required: FILE",
        ),
        (["perdict"], "invalid choice: 'perdict'"),
        (["export", "m.h5"], "the following arguments are required: OUT.onnx"),
    ],
)
def test_what_is_asked_for_wrongly_is_said_in_one_line(arguments, reason, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert line.endswith("--help says more.")


def test_export(tmp_path, capsys):
    onnx = pytest.importorskip("onnx")
    model, out = str(tmp_path / "m.h5"), str(tmp_path / "m.onnx")
    net = mtn.Sequential(mtn.Dense(2, 2), mtn.Softmax(), seed=0)
    mtn.save_model(net, model, classes=["no", "yes"])
    assert main(["export", model, out]) == 0
    assert capsys.readouterr().out == f"{model} is in {out}\n"
    written = onnx.load(out)
    assert written.metadata_props[0].value == '["no", "yes"]'
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in written.graph.initializer}
    np.testing.assert_array_equal(arrays["dense_1/W"], net.values()["dense_1/W"])


def test_an_export_without_onnx_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "onnx", None)
    model = tmp_path / "m.h5"
    mtn.save_model(mtn.Sequential(mtn.Dense(2, 2), seed=0), model)
    assert main(["export", str(model), str(tmp_path / "m.onnx")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("this needs onnx, which is not installed: pip install")
    assert not (tmp_path / "m.onnx").exists()
