"""The history of a training: a plain table, a row for each epoch."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from minitheanonet.checks import checked_column

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    TypeError
        If the columns are no mapping of names to lists of numbers.

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
        columns = _checked_mapping({} if columns is None else columns, "History: columns")
        self._columns = {
            name: checked_column(values, f"History: column {name!r}")
            for name, values in columns.items()
        }
        if len({len(values) for values in self._columns.values()}) > 1:
            lengths = {name: len(values) for name, values in self._columns.items()}
            raise ValueError(
                f"History: the columns must be of equal lengths, got {lengths}: fill up with None."
            )
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
        record = {
            name: checked_column([value], f"History: the record's {name!r}")[0]
            for name, value in _checked_mapping(record, "History: a record").items()
        }
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
        from minitheanonet.training.plots import plot_history

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
        _check_text(text, "from_json")
        try:
            content = json.loads(text)
            if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
                raise ValueError('it has no table "columns"')
            if not all(isinstance(values, list) for values in content["columns"].values()):
                raise ValueError("one of its columns is no list")
            if not isinstance(content.get("stopped_by"), str | None):
                raise ValueError('its "stopped_by" is no text')
            columns = {
                name: [_from_plain(value) for value in values]
                for name, values in content["columns"].items()
            }
            return cls(columns, content.get("stopped_by"))
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(
                f"this text is no history in JSON ({error}): give what to_json returned."
            ) from error

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
        _check_text(text, "from_csv")
        try:
            header, *lines = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
        except csv.Error as error:
            raise ValueError(
                f"this text is no CSV ({error}): give what to_csv returned."
            ) from error
        if len(set(header)) < len(header):
            raise ValueError(f"the header names a column twice: {header}. Rename or remove one.")
        columns: dict[str, list[Value]] = {name: [] for name in header}
        for number, line in enumerate(lines, 2):
            if len(line) != len(header):
                raise ValueError(
                    f"line {number} has {len(line)} values, the header {len(header)}: give each "
                    "line a value for each column, empty if there is none."
                )
            for name, cell in zip(header, line, strict=True):
                columns[name].append(_number(cell, f"line {number}, column {name!r}"))
        return cls(columns)

    def __repr__(self) -> str:
        return f"History({self.epochs} epochs, columns {list(self._columns)})"


def _plain(value: Value) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _from_plain(value: Any) -> Any:
    return float(value) if value in ("nan", "inf", "-inf") else value


def _number(cell: str, where: str) -> Value:
    if cell == "":
        return None
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(f"{where}: {cell!r:.60} is no number; leave the cell empty.") from error


def _checked_mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"{what} must be a dict with names as keys, got {value!r:.60}.")
    return value


def _check_text(text: Any, who: str) -> None:
    if not isinstance(text, str):
        raise TypeError(
            f"{who}: text must be a str, got {type(text).__name__}: read the file first."
        )
