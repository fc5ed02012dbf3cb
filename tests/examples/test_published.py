"""Each row of the published results, for one epoch on few digits; and the tutorials' stopping."""

from __future__ import annotations

import json
from pathlib import Path

import common
import published
import pytest

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
    rule = published.TutorialPatience(patience=40, steps=10)
    history = mtn.History({"test_accuracy": [0.5, 0.6, 0.7]})
    assert not rule(history)  # 30 of 60 steps
    history = mtn.History({"test_accuracy": [0.5, 0.6, 0.7, 0.7, 0.7, 0.7]})
    assert rule(history)  # 60 of 60
    history = mtn.History({"test_accuracy": [0.5, 0.5001, 0.5002, 0.5003]})
    assert rule(history)  # 40 of 40: none was better by as much as counts
