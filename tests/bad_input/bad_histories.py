"""Bad inputs of what reads records: `History`, stopping rules, plots."""

from __future__ import annotations

from functools import partial

import numpy as np
from rows import NO_WHOLES, WHOLE, Bad, Fine

import minitheanonet as mtn

JSON = mtn.History.from_json
COLUMN = "must be a list of numbers"
NO_NUMBERS_IN = {
    "text": "ab", "a number": 3.0, "words": ["a"] * 60, "lists": [[1]] * 60, "a matrix": np.eye(3),
}  # fmt: skip


def record(given):
    return partial(mtn.History({"a": [1]}).append, given)


HISTORY = [
    *[Bad("History", f"a column that is {what}", partial(mtn.History, {"loss": value}), TypeError,
          "column 'loss'", COLUMN) for what, value in NO_NUMBERS_IN.items()],
    Bad("History", "columns of different lengths", partial(mtn.History, {"a": [1], "b": []}),
        ValueError, "'a': 1, 'b': 0", "fill up with None"),
    Bad("History.append", "text in it", record({"a": "x"}), TypeError, "'a'", COLUMN),
    Bad("History.append", "a list in it", record({"a": [1]}), TypeError, "'a'", COLUMN),
    *[Bad("History.from_json", f"{text!r:.20}", partial(JSON, text), ValueError,
          "no history in JSON", "give what to_json returned")
      for text in (None, b"{}", "", "{", "3", "[]", '{"columns": 3}', '{"columns": {"a": 3}}',
                   '{"columns": {"a": ["x"]}}', '{"columns": {"a": [[1]]}}',
                   '{"columns": {"a": [1], "b": []}}', "[" * 100_000)],
    Bad("History.plot", "no such column", partial(mtn.History({"a": [1]}).plot, "loss"), KeyError,
        "train_loss or test_loss", r"draw one of \['a'\]"),
    Bad("History.__getitem__", "no such column", lambda: mtn.History({"a": [1]})["val_loss"],
        KeyError, "no column 'val_loss'", "called test_"),
]  # fmt: skip

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
    *[Bad(name, f"mode {value!r}", partial(getattr(mtn, name), mode=value), ValueError, "mode",
          '"auto", "min" or "max"') for name in ("Patience", "Best") for value in (None, "MIN", 3)],
    *[Bad(name, f"min_delta {value!r}", partial(getattr(mtn, name), min_delta=value), ValueError,
          "min_delta", "a number, 0 or more") for name in ("Patience", "Best", "ReduceOnPlateau")
      for value in (-1, np.nan, "0.1", None)],
    *[Bad("ReduceOnPlateau", f"patience {what}", partial(mtn.ReduceOnPlateau, patience=value),
          ValueError, "ReduceOnPlateau: patience", WHOLE) for what, value in NO_WHOLES.items()],
]  # fmt: skip

PLOTS = [
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
