"""The table of bad inputs: what each gets. And what is unusual and fine gives the plain result."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import bad_datasets
import bad_engine
import bad_files
import bad_graphs
import bad_histories
import bad_learning
import bad_predicting
import bad_training
import numpy as np
import pytest
from rows import make_trainer, x, y

import minitheanonet as mtn

TABLES = (
    bad_training, bad_predicting, bad_learning, bad_histories, bad_graphs, bad_datasets, bad_files,
    bad_engine,
)  # fmt: skip
ROWS = [row for table in TABLES for row in table.ROWS]
FINE = [row for table in TABLES for row in table.FINE]
HERE = Path(mtn.__file__).parent


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Run in a folder with the few files that rows name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "afile").write_text("no model, no picture, no IDX file")
    (tmp_path / "empty").mkdir()
    bad_files.prepare()
    bad_datasets.prepare()


@pytest.mark.filterwarnings("ignore:(invalid value|overflow) encountered:RuntimeWarning")
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_refused_with_an_error_that_names_the_thing_and_the_mend(row):
    with pytest.raises(row.error) as caught:
        row.call()
    message = str(caught.value)
    assert re.search(row.thing, message, re.DOTALL), message
    assert re.search(row.mend, message, re.DOTALL), message
    raised_in = Path(traceback.extract_tb(caught.tb)[-1].filename)
    assert (HERE in raised_in.parents) == (row.by == "minitheanonet"), raised_in


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("row", FINE, ids=str)
def test_unusual_and_fine(row):
    got, expected = row.call(), row.plain()
    if not isinstance(got, list):
        got, expected = [got], [expected]
    for left, right in zip(got, expected, strict=True):
        np.testing.assert_array_equal(left, right)


REFUSED_BY_FIT = [row for row in ROWS if row.name == "Trainer.fit"]


def test_the_rows_of_fit_are_many():
    assert len(REFUSED_BY_FIT) > 80


@pytest.mark.filterwarnings("ignore:(invalid value|overflow) encountered:RuntimeWarning")
@pytest.mark.parametrize("row", REFUSED_BY_FIT, ids=str)
def test_fit_refuses_before_anything_has_changed(row, monkeypatch):
    trainers = []
    begin = mtn.Trainer.__init__
    monkeypatch.setattr(
        mtn.Trainer,
        "__init__",
        lambda self, *given, **options: (trainers.append(self), begin(self, *given, **options))[1],
    )
    with pytest.raises(row.error):
        row.call()
    (trainer,) = trainers
    untouched = make_trainer()
    assert (trainer.epoch, trainer.history.epochs) == (0, 0)
    for param, before in zip(trainer.network.params, untouched.network.params, strict=True):
        np.testing.assert_array_equal(param.get_value(), before.get_value())


def test_a_validation_stream_that_fails_later_says_where():
    stream = [(x, y), (x[:, :1], y)]
    with pytest.raises(ValueError, match=r"validation, batch 2 inputs have shape \(12, 1\)"):
        make_trainer().fit((x, y), validation=stream, progress=False)
