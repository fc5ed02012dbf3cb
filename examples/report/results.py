"""The results of the runs in one directory: ``results.json``, the figures, and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import figures
import report
from sheet import FIGURES, title


class Results:
    """What ``results.json`` holds, written anew after each figure.

    Figures of an earlier run into the same directory are kept if they were made in the same way:
    with the same `settings` and the same data. Otherwise the results start anew.

    Parameters
    ----------
    out : pathlib.Path
    settings : dict
        Seed, cap of epochs, engine: what all the figures of a page have in common.
    data : dict
        What the data of this run are, by kind.
    """

    def __init__(self, out: Path, settings: dict[str, Any], data: dict[str, Any]) -> None:
        self.out = out
        self._pictures: dict[str, report.Picture] = {}
        self.content = {**settings, "data": data, "figures": {}}
        earlier = self._earlier()
        shared_kinds = earlier.get("data", {}).keys() & data.keys()
        if all(earlier.get(key) == value for key, value in settings.items()) and all(
            earlier["data"][kind] == data[kind] for kind in shared_kinds
        ):
            self.content["data"] = {**earlier["data"], **data}
            self.content["figures"] = {
                number: figure
                for number, figure in earlier["figures"].items()
                if self.picture(number).is_file()
            }

    def _earlier(self) -> dict[str, Any]:
        """Return what an earlier run left here; nothing if there was none, or none to be read."""
        try:
            content = json.loads((self.out / "results.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        complete = isinstance(content, dict) and {"data", "figures"} <= content.keys()
        return content if complete else {}

    def picture(self, number: int | str) -> Path:
        """Return where a figure's picture is."""
        return self.out / f"figure_{number}.png"

    def add(self, number: int, entry: dict[str, Any]) -> None:
        """Keep a figure: its picture, its numbers, and both on the page."""
        entries = {**self.content["figures"], str(number): entry}
        self.content["figures"] = {key: entries[key] for key in sorted(entries, key=int)}
        self._pictures[str(number)] = self._draw(str(number))
        figures.write(self.picture(number), self._pictures[str(number)].wide)
        text = json.dumps(self.content, indent=1, ensure_ascii=False, allow_nan=False)
        figures.write(self.out / "results.json", text.encode())
        for kept in entries.keys() - self._pictures.keys():
            self._pictures[kept] = self._draw(kept)
        figures.write(self.page, report.page(self.content, self._pictures).encode())

    def _draw(self, number: str) -> report.Picture:
        """Draw a figure from its recorded history, for wide pages and for narrow ones."""
        entry, task = self.content["figures"][number], FIGURES[int(number)].task
        heading = title(
            int(number), self.content["data"][task.data]["name"], entry["train_examples"]
        )
        return report.Picture(
            *(
                figures.png(figures.draw(entry["history"], task.panels, heading, stacked=stacked))
                for stacked in (False, True)
            )
        )

    @property
    def page(self) -> Path:
        """Where the page is."""
        return self.out / "report.html"
