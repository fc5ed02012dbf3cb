"""The benchmarks run: small, mostly ours alone, and no time is asserted."""

import importlib.util
import json
import math
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import busy
import mnist_convnet
import mnist_mlp
import race
import scaling
import small_models
import time_to_accuracy

MODULES = {"pytorch": "torch", "jax": "jax", "sklearn": "sklearn", "pytensor_ml": "pytensor_ml"}


@pytest.fixture(autouse=True)
def contestants_compile_fast(monkeypatch):
    """Have the contestants, in processes of their own, compile fast: that they run is the point."""
    for flags in ("PYTENSOR_FLAGS", "THEANO_FLAGS"):
        given = os.environ.get(flags, "")
        monkeypatch.setenv(flags, f"{given},mode=FAST_COMPILE".strip(","))


def test_mnist_mlp(tmp_path, capsys):
    file, plot = tmp_path / "results.json", tmp_path / "bars.png"
    arguments = ["--generated", "--peers", "", "--rounds", "1", "--epochs", "2"]
    assert mnist_mlp.main([*arguments, "--json", str(file), "--plot", str(plot)]) == 0
    assert plot.read_bytes()[:4] == b"\x89PNG"
    results = json.loads(file.read_text())["results"]
    assert set(results) == {"ours", "floor"}
    assert 0.2 < results["ours"][0]["accuracy"] <= 1  # of ten classes, after ten steps
    assert "| ours |" in capsys.readouterr().out


def test_mnist_convnet(capsys):
    arguments = ["--generated", "--peers", "", "--rounds", "1", "--epochs", "1"]
    assert mnist_convnet.main([*arguments, "--examples", "256"]) == 0
    assert "| ours |" in capsys.readouterr().out


def test_scaling(tmp_path, capsys):
    plot = tmp_path / "scaling.png"
    arguments = ["--peers", "", "--only", "width", "--largest", "64", "--plot", str(plot)]
    assert scaling.main(arguments) == 0
    out = capsys.readouterr().out
    assert out.count("| 64 | 128 | 2 |") == 2  # the times, and the memory
    assert plot.read_bytes()[:4] == b"\x89PNG"


def test_small_models(capsys):
    assert small_models.main(["--peers", "", "--rounds", "1", "--epochs", "2"]) == 0
    assert "µs a step" in capsys.readouterr().out


def test_scaling_to_wide_layers(capsys, monkeypatch):
    monkeypatch.setitem(scaling.SWEEPS, "wide", [32])
    assert scaling.main(["--peers", "", "--only", "wide"]) == 0
    assert "| 32 | 1024 | 2 |" in capsys.readouterr().out


def test_time_to_accuracy(tmp_path, capsys):
    peers = [name for name, module in MODULES.items() if importlib.util.find_spec(module)]
    file = tmp_path / "results.json"
    arguments = ["--generated", "--peers", ",".join(peers), "--rounds", "1", "--epochs", "6"]
    more = ["--caches", "warm", "--target", "0.3", "--json", str(file)]
    assert time_to_accuracy.main([*arguments, *more]) == 0
    results = json.loads(file.read_text())
    assert set(results) == {"ours", *peers}
    for turns in results.values():
        assert turns["warm"][0]["accuracy"] >= 0.3
        assert len(turns["warm"][0]["seconds"]) < 6  # it ends there
        assert turns["warm"][0]["to_target"] < math.inf
    assert "| minitheanonet |" in capsys.readouterr().out


def test_time_to_accuracy_of_who_never_gets_there():
    def turns(*seconds):
        return [{"to_target": s, "seconds": [1, 1], "accuracy": 0.5} for s in seconds]

    table = time_to_accuracy.table(
        {"ours": turns(2.0, 3.0, math.inf), "jax": turns(6.0, 5.0, 9.0), "sklearn": turns(math.inf)}
    )
    assert "| minitheanonet | 3.0 | 1.00 | 2.0, 3.0, never |" in table
    assert "| JAX | 6.0 | 2.00 |" in table
    assert "| scikit-learn | never |  | never |" in table


def test_busy(tmp_path, capsys):
    file = tmp_path / "results.json"
    arguments = ["--generated", "--peers", "", "--rounds", "1", "--epochs", "1", "--busy", "0,1"]
    more = ["--networks", "figure3,convolution", "--conv-examples", "128", "--examples", "256"]
    assert busy.main([*arguments, *more, "--json", str(file)]) == 0
    assert set(json.loads(file.read_text())["convolution"]) == {"0", "1"}
    out = capsys.readouterr().out
    assert "figure3, an epoch of 256 digits" in out
    assert out.count("| 1 | minitheanonet |") == 2


def test_a_peers_python():
    given = "/a/python,pytorch=/b/python"
    assert race.python_of("jax", given) == "/a/python"
    assert race.python_of("pytorch", given) == "/b/python"
    assert race.python_of("ours_on_jax", given) == sys.executable
