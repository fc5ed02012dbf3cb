"""Bad inputs of what reads records: `History`, stopping rules, plots."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import NO_WHOLES, WHOLE, Bad, Fine

import minitheanonet as mtn

JSON, CSV = mtn.History.from_json, mtn.History.from_csv
COLUMN = "must be a list of numbers"
NO_COLUMNS = {
    "None": None, "a list": [1, 2], "a number": 3,
}  # fmt: skip
NO_NUMBERS_IN = {
    "text": "ab", "a number": 3.0, "words": ["a"] * 60, "lists": [[1]] * 60, "a matrix": np.eye(3),
}  # fmt: skip


def record(given):
    return partial(mtn.History({"a": [1]}).append, given)


HISTORY = [
    *[Bad("History", f"columns {what}", partial(mtn.History, value), TypeError, "columns",
          "must be a dict with names as keys") for what, value in NO_COLUMNS.items() if value],
    *[Bad("History", f"a column that is {what}", partial(mtn.History, {"loss": value}), TypeError,
          "column 'loss'", COLUMN) for what, value in NO_NUMBERS_IN.items()],
    Bad("History", "a number for a name", partial(mtn.History, {1: [1]}), TypeError, "columns",
        "must be a dict with names as keys"),
    Bad("History", "columns of different lengths", partial(mtn.History, {"a": [1], "b": []}),
        ValueError, "'a': 1, 'b': 0", "fill up with None"),
    Bad("History.append", "None", record(None), TypeError, "record", "must be a dict"),
    Bad("History.append", "a list", record([1]), TypeError, "record", "must be a dict"),
    Bad("History.append", "text in it", record({"a": "x"}), TypeError, "'a'", COLUMN),
    Bad("History.append", "a list in it", record({"a": [1]}), TypeError, "'a'", COLUMN),
    Bad("History.from_json", "None", partial(JSON, None), TypeError, "NoneType", "read the file"),
    Bad("History.from_json", "bytes", partial(JSON, b"{}"), TypeError, "bytes", "read the file"),
    *[Bad("History.from_json", f"{text[:20]!r}", partial(JSON, text), ValueError,
          "no history in JSON", "give what to_json returned")
      for text in ("", "{", "3", "[]", '{"columns": 3}', '{"columns": {"a": 3}}',
                   '{"columns": {"a": ["x"]}}', '{"columns": {"a": [[1]]}}',
                   '{"columns": {"a": [1], "b": []}}', "[" * 100_000)],
    Bad("History.from_csv", "None", partial(CSV, None), TypeError, "NoneType", "read the file"),
    Bad("History.from_csv", "a cell without end", partial(CSV, "a\n" + "1" * 200_000), ValueError,
        "no CSV", "give what to_csv returned"),
    Bad("History.from_csv", "a line too short", partial(CSV, "a,b\n1\n"), ValueError, "line 2",
        "give each line a value for each column"),
    Bad("History.from_csv", "text in a cell", partial(CSV, "a,b\n1,x\n"), ValueError,
        "line 2, column 'b': 'x'", "leave the cell empty"),
    Bad("History.from_csv", "a column twice", partial(CSV, "a,a\n1,2\n"), ValueError, "twice",
        "Rename or remove one"),
    Bad("History.plot", "no such column", partial(mtn.History({"a": [1]}).plot, "loss"), KeyError,
        "train_loss or test_loss", r"draw one of \['a'\]"),
]  # fmt: skip


def asked(name):
    """Return what asks the rule about a history."""
    return mtn.Best("a").epoch if name == "Best.epoch" else getattr(mtn, name)(watch="a")


STOPPING = [
    *[Bad("PlateauWindow", f"window {what}", partial(mtn.PlateauWindow, value), ValueError,
          "PlateauWindow: window", WHOLE) for what, value in NO_WHOLES.items()],
    Bad("PlateauWindow", "a window of 1", partial(mtn.PlateauWindow, 1), ValueError, "window",
        "at least 2"),
    *[Bad("PlateauWindow", f"threshold {value!r}", partial(mtn.PlateauWindow, threshold=value),
          ValueError, "PlateauWindow: threshold", "a number, 0 or more")
      for value in (-1, np.nan, np.inf, "0.1", None)],
    *[Bad("Patience", f"epochs {what}", partial(mtn.Patience, value), ValueError,
          "Patience: epochs", WHOLE) for what, value in NO_WHOLES.items()],
    *[Bad(name, f"watch {value!r}", partial(getattr(mtn, name), watch=value), ValueError, "watch",
          "must be the name of a column")
      for name in ("PlateauWindow", "Patience", "Best") for value in (None, 3, ["a"])],
    *[Bad(name, f"mode {value!r}", partial(getattr(mtn, name), mode=value), ValueError, "mode",
          '"auto", "min" or "max"') for name in ("Patience", "Best") for value in (None, "MIN", 3)],
    *[Bad(name, f"a history that is {what}", partial(asked(name), value), TypeError, "history",
          "must be a History or a dict") for name in ("PlateauWindow", "Patience", "Best.epoch")
      for what, value in NO_COLUMNS.items()],
    *[Bad(name, f"a column that is {what}", partial(asked(name), {"a": value}), TypeError,
          "column 'a'", COLUMN) for name in ("PlateauWindow", "Patience", "Best.epoch")
      for what, value in NO_NUMBERS_IN.items()],
    *[Bad(name, "a history without the column", partial(asked(name), {"b": [1]}), KeyError, "'a'",
          "watch one of 'b'") for name in ("PlateauWindow", "Patience", "Best.epoch")],
]  # fmt: skip

PLOTS = [
    *[Bad("plot_history", f"a history that is {what}", partial(mtn.plot_history, value), TypeError,
          "history", "must be a History or a dict") for what, value in NO_COLUMNS.items()],
    *[Bad("plot_history", f"a column that is {what}",
          partial(mtn.plot_history, {"train_loss": value}), TypeError, "column train_loss", COLUMN)
      for what, value in NO_NUMBERS_IN.items()],
    Bad("plot_history", "no such column", partial(mtn.plot_history, {"a": [1]}, "loss"), KeyError,
        "train_loss or test_loss", r"draw one of \['a'\]"),
]  # fmt: skip

ROWS = [*HISTORY, *STOPPING, *PLOTS]


def curve(values):
    return mtn.plot_history({"train_loss": values}).axes[0].lines[0].get_ydata()


def columns(values):
    return mtn.History.from_json(mtn.History({"a": values}).to_json())["a"]


FINE = [
    Fine("History", "an array for a column", lambda: columns(np.ones(3, "float32")),
         lambda: columns([1.0, 1.0, 1.0])),
    Fine("History", "NaN and infinities", lambda: columns([np.nan, np.inf, -np.inf]),
         lambda: [float("nan"), float("inf"), -float("inf")]),
    Fine("History.append", "a number of NumPy's", lambda: appended(np.float32(0.5)),
         lambda: appended(0.5)),
    Fine("plot_history", "missing values", lambda: curve([1.0, None]), lambda: [1.0, np.nan]),
    Fine("plot_history", "a single epoch", lambda: curve([1.0]), lambda: [1.0]),
    Fine("plot_history", "no epoch at all", lambda: curve([]), list),
    Fine("PlateauWindow", "missing values never stop",
         lambda: mtn.PlateauWindow(2)({"train_loss": [None] * 9}), lambda: False),
    Fine("PlateauWindow", "an array", lambda: mtn.PlateauWindow(2)({"train_loss": np.ones(3)}),
         lambda: True),
    Fine("Best.epoch", "NaN is never best", lambda: mtn.Best("a").epoch({"a": [np.nan, 1.0]}),
         lambda: 2),
    Fine("Patience", "only NaN", lambda: mtn.Patience(2, "a")({"a": [np.nan] * 2}), lambda: True),
]  # fmt: skip


def appended(value):
    history = mtn.History()
    history.append({"a": value})
    return history["a"]
