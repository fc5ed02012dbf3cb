"""Each row of the published results, for one epoch on few digits; and the tutorials' stopping."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

import common
import numpy as np
import published
import pytest
import rerun

import minitheanonet as mtn

ROWS = [(table, row) for table, rows in published.TABLES.items() for row in rows]


def run(*arguments):
    return common.run(published.main, published.parser(), list(map(str, arguments)))


def records(folder):
    return [json.loads(line) for line in (folder / "published.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("table", "row"), ROWS)
def test_a_row_is_trained_and_recorded(table, row, tmp_path, capsys):
    arguments = ("--table", table, "--only", row, "--generated", "--epochs", 1, "--seeds", 1)
    assert run(*arguments, "--out", tmp_path) == 0
    (first,) = records(tmp_path)
    assert (first["table"], first["row"], first["seed"]) == (table, row, 0)
    assert (first["epochs"], first["stopped_by"]) == (1, "epochs")
    is_tutorial = table == "theano"
    assert first["best_epoch"] == (1 if is_tutorial else None)
    assert f"{200 if is_tutorial else 240} to train on, 60 to test" in first["data"]
    assert 0 <= first["test_error"] <= 100
    shown = f"| {row} | {first['published_error']:.2f} | {first['test_error']:.2f} | "
    assert shown in capsys.readouterr().out


def test_every_seed_is_recorded(tmp_path):
    arguments = ("--table", "theano", "--only", "logistic", "--generated", "--epochs", 1)
    assert run(*arguments, "--seed", 3, "--seeds", 2, "--out", tmp_path) == 0
    first, second = records(tmp_path)
    assert (first["seed"], second["seed"]) == (3, 4)


def test_the_pages_table_is_that_of_its_records():
    docs = Path(published.__file__).parents[1] / "docs"
    assert published.report(records(docs)) in (docs / "published.md").read_text(encoding="utf-8")


def test_a_row_that_is_not_in_the_table(tmp_path):
    with pytest.raises(SystemExit, match="has the rows mnist_mlp"):
        run("--table", "keras", "--only", "lenet", "--generated", "--out", tmp_path)


def test_a_better_error_buys_as_many_steps_again():
    rule = rerun.TutorialPatience(patience=40, steps=10)
    better = [0.5, 0.6, 0.7]  # its third epoch ends with step 29, counted from 0, and buys 58
    assert not rule(mtn.History({"test_accuracy": [*better, 0.7]}))  # the fifth ends with 49
    assert rule(mtn.History({"test_accuracy": [*better, 0.7, 0.7]}))  # the sixth with 59
    hardly_better = [0.5, 0.5001, 0.5002]  # none by as much as counts
    assert not rule(mtn.History({"test_accuracy": hardly_better}))
    assert rule(mtn.History({"test_accuracy": [*hardly_better, 0.5003]}))


def test_the_tutorials_fill_batches_and_hold_out_a_sixth():
    inputs, targets = np.ones((70, 784), "float32"), np.arange(70) % 10
    data = mtn.datasets.Dataset(inputs, targets)
    row = published.TABLES["theano"]["mlp"]  # batches of 20
    train, held_out, test = rerun.parts(row, (data, data))
    assert [part.targets.tolist() for part in (train, held_out, test)] == [
        targets[:40].tolist(), targets[58:].tolist(), targets[:60].tolist()
    ]  # fmt: skip
    assert np.all(train.inputs == np.float32(255 / 256))


def test_the_filters_of_lenet_start_within_the_tutorials_bounds():
    first, second = (
        abs(param.get_value()).max()
        for path, param in published.lenet(0).parameters.items()
        if path.startswith("conv") and path.endswith("/W")
    )
    assert 0.19 < first <= 0.2  # 6 over the 25 inputs and the 500 / 4 outputs, its root
    assert 0.085 < second <= (6 / (500 + 312)) ** 0.5


def test_max_norm_is_of_the_weights_before_they_are_scaled():
    paths = [path for path in published.dropout(0).parameters if path.endswith("/W")]
    limits = [
        next(norm.limit for pattern, norm in published.MAX_NORM.items() if fnmatch(path, pattern))
        for path in paths
    ]
    assert limits == [1.6, 1, 1, 1]


def test_a_training_that_was_cut_off_goes_on(tmp_path, capsys, monkeypatch):
    arguments = ("--table", "theano", "--only", "logistic", "--generated", "--epochs", 3)
    assert run(*arguments, "--seeds", 1, "--out", tmp_path / "whole") == 0
    save = mtn.Checkpoint.__call__

    def cut(checkpoint, trainer):
        save(checkpoint, trainer)
        if trainer.epoch == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(mtn.Checkpoint, "__call__", cut)
        assert run(*arguments, "--seeds", 1, "--out", tmp_path) == common.INTERRUPTED
    assert not (tmp_path / "published.jsonl").exists()
    assert run(*arguments, "--seeds", 1, "--out", tmp_path) == 0
    assert "going on after epoch 2 of 3" in capsys.readouterr().out
    (whole,), (resumed,) = records(tmp_path / "whole"), records(tmp_path)
    for clock in ("seconds", "processor_seconds"):
        assert whole.pop(clock) > 0
        assert resumed.pop(clock) > 0
    assert whole == resumed
    assert not list((tmp_path / "published").iterdir())


def test_the_minutes_of_all_goes_count_together():
    assert rerun.Minutes(1)({"elapsed": [30.0, 31.0]})
    assert not rerun.Minutes(1)({"elapsed": [30.0, 29.0]})
