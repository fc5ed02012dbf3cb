"""When to stop, and which epoch was best: pure functions of the history."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minitheanonet.checks import not_negative, positive_int

Columns = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class PlateauWindow:
    """Stop when the last `window` values of the watched column lie within `threshold`.

    That is, when max - min ≤ threshold over these values: equality stops. A history shorter than
    the window doesn't stop, nor does a window with a NaN, an infinity or a missing value in it.

    Parameters
    ----------
    window : int, default 50
        A number of epochs, at least 2.
    threshold : float, default 1e-3
        Not negative, in the units of what is watched.
    watch : str, default "train_loss"
        A column of the history.

    Examples
    --------
    >>> rule = PlateauWindow(window=3, threshold=0.25)
    >>> rule({"train_loss": [1.0, 0.5, 0.5, 0.25]})
    True
    >>> rule({"train_loss": [1.0, 0.5, 0.25]})
    False
    """

    window: int = 50
    threshold: float = 1e-3
    watch: str = "train_loss"

    name = "plateau"

    def __post_init__(self) -> None:
        if positive_int(self.window, "PlateauWindow: window") < 2:
            raise ValueError("PlateauWindow: window must be at least 2, one value can't vary.")
        not_negative(self.threshold, "PlateauWindow: threshold")

    def __call__(self, history: Columns) -> bool:
        values = history[self.watch][-self.window :]
        is_whole = len(values) == self.window and all(
            value is not None and math.isfinite(value) for value in values
        )
        return is_whole and bool(max(values) - min(values) <= self.threshold)


@dataclass(frozen=True)
class Best:
    """Which epoch was the best, by one column of the history.

    Parameters
    ----------
    watch : str, default "test_loss"
        A column of the history.
    mode : {"auto", "min", "max"}, default "auto"
        Whether small or large is good; "auto" takes large for columns that end in "accuracy".
    min_delta : float, default 0
        By more than how much an epoch must be better than the best before it.

    Examples
    --------
    >>> Best("test_accuracy").epoch({"test_accuracy": [0.9, 0.95, 0.95]})
    2
    """

    watch: str = "test_loss"
    mode: str = "auto"
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        not_negative(self.min_delta, "min_delta")
        if self.mode not in ("auto", "min", "max"):
            raise ValueError(f'Best: mode must be "auto", "min" or "max", got {self.mode!r:.60}.')

    def epoch(self, history: Columns) -> int:
        """Return the number, from 1, of the best epoch; the first among equals; 0 if there is none.

        NaN and missing values are never best.
        """
        sign = -1 if self._large_is_good else 1
        values = [
            math.inf if value is None or math.isnan(value) else sign * value
            for value in history[self.watch]
        ]
        best, lowest = 0, math.inf
        for epoch, value in enumerate(values, 1):
            if value < lowest - (self.min_delta if best else 0):
                best, lowest = epoch, value
        return best

    @property
    def _large_is_good(self) -> bool:
        return self.watch.endswith("accuracy") if self.mode == "auto" else self.mode == "max"


@dataclass(frozen=True)
class Patience:
    """Stop when the watched column has not become better for `epochs` epochs.

    Parameters
    ----------
    epochs : int, default 10
        How many epochs in a row may pass without a new best one.
    watch : str, default "test_loss"
        A column of the history.
    mode, min_delta
        As for `Best`.

    References
    ----------
    L. Prechelt, "Early stopping - but when?", 1998: the criterion UP, for whole epochs.

    Examples
    --------
    >>> rule = Patience(epochs=2)
    >>> rule({"test_loss": [1.0, 0.5, 0.6]}), rule({"test_loss": [1.0, 0.5, 0.6, 0.5]})
    (False, True)
    """

    epochs: int = 10
    watch: str = "test_loss"
    mode: str = "auto"
    min_delta: float = 0.0

    name = "patience"

    def __post_init__(self) -> None:
        positive_int(self.epochs, "Patience: epochs")
        Best(self.watch, self.mode, self.min_delta)

    def __call__(self, history: Columns) -> bool:
        best = Best(self.watch, self.mode, self.min_delta).epoch(history)
        return len(history[self.watch]) - best >= self.epochs


def check_watched(rule: Any, columns: Sequence[str]) -> None:
    """Refuse a rule that watches a column which a training will not have."""
    watch = getattr(rule, "watch", None)
    if watch is not None and watch not in columns:
        is_tested = any(column.startswith("test_") for column in columns)
        hint = "" if is_tested or not str(watch).startswith("test_") else " Pass validation=."
        raise ValueError(
            f"{type(rule).__name__} watches {watch!r}, but the columns of this training are "
            f"{', '.join(columns)}.{hint}"
        )
