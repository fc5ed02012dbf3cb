"""The history of a training: a plain table, a row for each epoch."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["History"]

Value = float | int | None


class History(Mapping[str, list[Value]]):
    """A table of named columns, each a list with one value per epoch.

    Parameters
    ----------
    columns : mapping of str to list, optional
        Of equal lengths.
    stopped_by : str, optional
        What ended the training: "epochs", "plateau", "patience", "interrupted".

    Raises
    ------
    ValueError
        If the columns differ in length.

    Examples
    --------
    >>> history = History()
    >>> history.append({"epoch": 1, "train_loss": 0.5})
    >>> history["train_loss"], len(history.rows())
    ([0.5], 1)
    >>> History.from_json(history.to_json()) == history
    True
    """

    def __init__(
        self, columns: Mapping[str, list[Value]] | None = None, stopped_by: str | None = None
    ) -> None:
        self._columns = {name: list(values) for name, values in (columns or {}).items()}
        if len({len(values) for values in self._columns.values()}) > 1:
            lengths = {name: len(values) for name, values in self._columns.items()}
            raise ValueError(f"the columns of a history must be of equal lengths, got {lengths}.")
        self.stopped_by = stopped_by

    def __getitem__(self, name: str) -> list[Value]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def epochs(self) -> int:
        """The number of rows."""
        return len(next(iter(self._columns.values()), ()))

    def append(self, record: Mapping[str, Value]) -> None:
        """Add a row. A column that is new gets None above it, one that is left out None in it."""
        rows = self.epochs
        for name in record:
            self._columns.setdefault(name, [None] * rows)
        for name, values in self._columns.items():
            values.append(record.get(name))

    def rows(self) -> list[dict[str, Value]]:
        """Return the table as one dict per epoch."""
        return [
            dict(zip(self._columns, row, strict=True))
            for row in zip(*self._columns.values(), strict=True)
        ]

    def plot(self, what: str = "loss", title: str = "") -> Figure:
        """Return a Matplotlib figure of ``train_<what>`` and ``test_<what>`` by epoch.

        It is never shown: ``history.plot("accuracy").savefig("accuracy.png")``.
        """
        from minitheanonet.plots import plot_history

        return plot_history(self, what, title)

    def to_json(self) -> str:
        """Return the history as JSON text; numbers that JSON lacks become "nan", "inf", "-inf"."""
        columns = {name: [_plain(v) for v in values] for name, values in self._columns.items()}
        return json.dumps({"stopped_by": self.stopped_by, "columns": columns}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> History:
        """Return the history whose `to_json` is `text`.

        Raises
        ------
        ValueError
            If the text is no JSON, or not that of a history.
        """
        content = json.loads(text)
        if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
            raise ValueError('this JSON is no history: it has no table "columns".')
        if not all(isinstance(values, list) for values in content["columns"].values()):
            raise ValueError("this JSON is no history: one of its columns is no list.")
        if not isinstance(content.get("stopped_by"), str | None):
            raise ValueError('this JSON is no history: its "stopped_by" is no text.')
        columns = {
            name: [_from_plain(v) for v in values] for name, values in content["columns"].items()
        }
        return cls(columns, content.get("stopped_by"))

    def to_csv(self) -> str:
        """Return the table as CSV text with a header line; a missing value is an empty cell."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self._columns)
        writer.writerows(row.values() for row in self.rows())
        return buffer.getvalue()

    @classmethod
    def from_csv(cls, text: str) -> History:
        """Return the history whose `to_csv` is `text`; what ended the training is not in a CSV.

        Raises
        ------
        ValueError
            If a line has another number of values than the header, or a value is no number.
        """
        header, *lines = list(csv.reader(io.StringIO(text))) or [[]]
        for number, line in enumerate(lines, 2):
            if len(line) != len(header):
                raise ValueError(f"line {number} has {len(line)} values, the header {len(header)}.")
        return cls({name: [_number(line[i]) for line in lines] for i, name in enumerate(header)})

    def __repr__(self) -> str:
        return f"History({self.epochs} epochs, columns {list(self._columns)})"


def _plain(value: Value) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _from_plain(value: Any) -> Value:
    if value in ("nan", "inf", "-inf"):
        return float(value)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise ValueError(f"this JSON is no history: it has {value!r:.40} where a number belongs.")


def _number(cell: str) -> Value:
    if cell == "":
        return None
    try:
        return int(cell)
    except ValueError:
        return float(cell)
