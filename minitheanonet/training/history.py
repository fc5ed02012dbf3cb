"""The history of a training: a plain table, a row for each epoch."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from minitheanonet.checks import checked_column

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Value = float | int | None


class History(dict[str, list[Value]]):
    """A table: a dict of columns by name, each a list with one value per epoch.

    So ``pandas.DataFrame(history)`` has a row for each epoch.

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
        If a column is no list of numbers.

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
        for name, values in (columns or {}).items():
            self[name] = checked_column(values, f"History: column {name!r}")
        lengths = {name: len(values) for name, values in self.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"History: the columns must be of equal lengths, got {lengths}: fill up with None."
            )
        self.stopped_by = stopped_by

    def __missing__(self, name: str) -> list[Value]:
        raise KeyError(
            f"the history has no column {name!r}; it has {', '.join(self)}. Figures of "
            "validation data are called test_..., those of training data train_..."
        )

    @property
    def epochs(self) -> int:
        """The number of rows."""
        return len(next(iter(self.values()), ()))

    def append(self, record: Mapping[str, Value]) -> None:
        """Add a row. A column that is new gets None above it, one that is left out None in it."""
        rows = self.epochs
        for name in record:
            self.setdefault(name, [None] * rows)
        for name, values in self.items():
            values += checked_column([record.get(name)], f"History: the record's {name!r}")

    def rows(self) -> list[dict[str, Value]]:
        """Return the table as one dict per epoch."""
        values = zip(*self.values(), strict=True)
        return [dict(zip(self, row, strict=True)) for row in values]

    def plot(self, what: str = "loss", title: str = "") -> Figure:
        """Return a Matplotlib figure of ``train_<what>`` and ``test_<what>`` by epoch.

        It is never shown: ``history.plot("accuracy").savefig("accuracy.png")``.
        """
        from minitheanonet.training.plots import plot_history

        return plot_history(self, what, title)

    def to_json(self) -> str:
        """Return the history as JSON text; numbers that JSON lacks become "nan", "inf", "-inf"."""
        columns = {
            name: [v if v is None or math.isfinite(v) else str(v) for v in values]
            for name, values in self.items()
        }
        return json.dumps({"stopped_by": self.stopped_by, "columns": columns}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> History:
        """Return the history whose `to_json` is `text`.

        Raises
        ------
        ValueError
            If the text is not that of a history.
        """
        try:
            content = json.loads(text)
            columns = {
                name: [float(v) if v in ("nan", "inf", "-inf") else v for v in values]
                for name, values in content["columns"].items()
            }
            return cls(columns, content["stopped_by"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(
                f"this text is no history in JSON ({error}): give what to_json returned."
            ) from error

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the table as CSV text with a header line; a missing value is an empty cell.

        With a path, it is written there too.
        """
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self)
        writer.writerows(row.values() for row in self.rows())
        if path is not None:
            Path(path).write_text(buffer.getvalue(), encoding="utf-8")
        return buffer.getvalue()

    def __repr__(self) -> str:
        return f"History({self.epochs} epochs, columns {list(self)})"
