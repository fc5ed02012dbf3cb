import copy
import math
import pickle

import pytest

import minitheanonet as mtn

ROWS = [
    {"epoch": 1, "train_loss": 0.5},
    {"epoch": 2, "train_loss": 0.25, "test_loss": 0.1 + 0.2},
    {"epoch": 3, "train_loss": math.inf},
]


@pytest.fixture
def history():
    made = mtn.History()
    for row in ROWS:
        made.append(row)
    made.stopped_by = "plateau"
    return made


def test_is_a_table(history):
    assert dict(history) == {
        "epoch": [1, 2, 3],
        "train_loss": [0.5, 0.25, math.inf],
        "test_loss": [None, 0.1 + 0.2, None],
    }
    assert history.rows()[0] == {"epoch": 1, "train_loss": 0.5, "test_loss": None}
    assert history.epochs == 3
    assert mtn.History().epochs == 0


def test_json_both_ways(history):
    again = mtn.History.from_json(history.to_json())
    assert again == history
    assert again.stopped_by == "plateau"
    assert "Infinity" not in history.to_json()


def test_json_keeps_nan():
    again = mtn.History.from_json(mtn.History({"e": [math.nan]}).to_json())
    assert math.isnan(again["e"][0])


def test_csv(history, tmp_path):
    text = history.to_csv()
    assert text.splitlines()[:2] == ["epoch,train_loss,test_loss", "1,0.5,"]
    history.to_csv(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text() == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "no history in JSON"),
        ('{"a": 1}', "no history in JSON .'columns'"),
        ("{", "Expecting"),
        ('{"columns": {"loss": "12"}, "stopped_by": null}', "list of numbers.*got '1'"),
        ('{"columns": {"loss": [[1]]}, "stopped_by": null}', "list of numbers.*got .1."),
        ('{"columns": {"loss": ["1"]}, "stopped_by": null}', "list of numbers.*got '1'"),
        ('{"columns": {"loss": [true]}, "stopped_by": null}', "list of numbers.*got True"),
    ],
)
def test_json_that_is_no_history(text, message):
    with pytest.raises(ValueError, match=message):
        mtn.History.from_json(text)


def test_a_column_by_another_library_s_name(history):
    with pytest.raises(
        KeyError, match="no column 'val_loss'; it has .*test_loss.*are called test_"
    ):
        history["val_loss"]
    assert "val_loss" not in history


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"equal lengths, got \{'a': 1, 'b': 2\}"):
        mtn.History({"a": [1], "b": [1, 2]})


def test_it_does_not_share_the_lists_it_was_given():
    columns = {"a": [1]}
    mtn.History(columns).append({"a": 2})
    assert columns == {"a": [1]}


def test_is_a_data_frame_with_a_row_for_each_epoch(history):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(history)
    assert list(frame.columns) == ["epoch", "train_loss", "test_loss"]
    assert frame["train_loss"].tolist() == [0.5, 0.25, math.inf]
    assert frame["test_loss"].isna().tolist() == [True, False, True]


def test_can_be_copied_and_pickled(history):
    for again in (copy.deepcopy(history), pickle.loads(pickle.dumps(history))):
        assert (again, again.stopped_by) == (history, "plateau")
        again.append({"epoch": 4})
        assert history.epochs == 3


def test_repr(history):
    assert repr(history) == "History(3 epochs, columns ['epoch', 'train_loss', 'test_loss'])"
