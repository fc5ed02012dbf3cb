"""The benchmarks run: small, ours alone, and no time is asserted."""

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import mnist_convnet
import mnist_mlp
import scaling
import small_models

pytestmark = pytest.mark.engine_mode


def test_mnist_mlp(tmp_path, capsys):
    file, plot = tmp_path / "results.json", tmp_path / "bars.png"
    arguments = ["--generated", "--peers", "", "--rounds", "1", "--epochs", "2"]
    assert mnist_mlp.main([*arguments, "--json", str(file), "--plot", str(plot)]) == 0
    assert plot.read_bytes()[:4] == b"\x89PNG"
    results = json.loads(file.read_text())["results"]
    assert set(results) == {"ours", "floor"}
    assert 0.2 < results["ours"][0]["accuracy"] <= 1  # of ten classes, after ten steps
    assert "| ours |" in capsys.readouterr().out


def test_mnist_convnet(capsys, monkeypatch):
    for flags in ("PYTENSOR_FLAGS", "THEANO_FLAGS"):  # a cold compilation is in test_mnist_mlp
        given = os.environ.get(flags, "")
        monkeypatch.setenv(flags, f"{given},mode=FAST_COMPILE".strip(","))
    arguments = ["--generated", "--peers", "", "--rounds", "1", "--epochs", "1"]
    assert mnist_convnet.main([*arguments, "--examples", "256"]) == 0
    assert "| ours |" in capsys.readouterr().out


def test_scaling(tmp_path, capsys):
    plot = tmp_path / "scaling.png"
    arguments = ["--peers", "", "--only", "width", "--largest", "64", "--plot", str(plot)]
    assert scaling.main(arguments) == 0
    assert "| 64 | 128 | 2 |" in capsys.readouterr().out
    assert plot.read_bytes()[:4] == b"\x89PNG"


def test_small_models(capsys):
    assert small_models.main(["--peers", "", "--rounds", "1", "--epochs", "2"]) == 0
    assert "µs a step" in capsys.readouterr().out
