"""The results of the runs in one directory: ``results.json``, the figures, and the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from report import figures, page
from report.sheet import FIGURES, title


class Results:
    """What ``results.json`` holds, written anew after each exercise.

    Figures of an earlier run into the same directory are kept if they were made in the same way:
    with the same `settings` and the same data. Otherwise the results start anew. Figures of one
    exercise share their axes, so that they can be compared; a new one may have the others redrawn.

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
        self.page = out / "report.html"
        self._drawn: dict[str, tuple[Any, page.Picture]] = {}  # the axes, and what was drawn
        self.content = {**settings, "data": data, "printed": {}, "figures": {}}
        earlier = self._earlier()
        shared_kinds = earlier.get("data", {}).keys() & data.keys()
        if all(earlier.get(key) == value for key, value in settings.items()) and all(
            earlier["data"][kind] == data[kind] for kind in shared_kinds
        ):
            self.content["data"] = {**earlier["data"], **data}
            self.content["printed"] = earlier["printed"]
            self.content["figures"] = {
                number: figure
                for number, figure in earlier["figures"].items()
                if all(
                    self.picture(part).is_file()
                    for part in (number, *(f"{number}_{name}" for name in figure["pictures"]))
                )
            }

    def _earlier(self) -> dict[str, Any]:
        """Return what an earlier run left here; nothing if there was none, or none to be read."""
        try:
            content = json.loads((self.out / "results.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        complete = isinstance(content, dict) and {"data", "printed", "figures"} <= content.keys()
        return content if complete else {}

    def picture(self, number: int | str) -> Path:
        """Return where a figure's picture is."""
        return self.out / f"figure_{number}.png"

    def add_printed(self, name: str, text: str) -> None:
        """Keep what an exercise printed."""
        self.content["printed"][name] = text
        self._write()

    def add_figure(
        self, number: int, entry: dict[str, Any], pictures: Mapping[str, Figure]
    ) -> None:
        """Keep a figure: its pictures, its numbers, and all of them on the page."""
        for name, drawn in pictures.items():
            figures.write(self.picture(f"{number}_{name}"), figures.png(drawn))
        entry = {**entry, "pictures": list(pictures)}
        entries = {**self.content["figures"], str(number): entry}
        self.content["figures"] = {key: entries[key] for key in sorted(entries, key=int)}
        self._drawn.pop(str(number), None)
        self._write()

    def _write(self) -> None:
        pictures = {number: self._current(number) for number in self.content["figures"]}
        text = json.dumps(self.content, indent=1, ensure_ascii=False, allow_nan=False)
        figures.write(self.out / "results.json", text.encode())
        figures.write(self.page, page.page(self.content, pictures).encode())

    def _current(self, number: str) -> page.Picture:
        """Return a figure on the axes that its exercise's figures share now."""
        task = FIGURES[int(number)].task
        entries = self.content["figures"]
        histories = [entries[n]["history"] for n in entries if FIGURES[int(n)].task is task]
        limits = [panel.limits(histories) for panel in task.panels]
        if number not in self._drawn or self._drawn[number][0] != limits:
            picture = self._draw(number, limits)
            figures.write(self.picture(number), picture.wide)
            self._drawn[number] = limits, picture
        return self._drawn[number][1]

    def _draw(self, number: str, limits: list[figures.Limits]) -> page.Picture:
        """Draw a figure from its recorded history, for wide pages and for narrow ones."""
        entry, task = self.content["figures"][number], FIGURES[int(number)].task
        name = self.content["data"][task.data]["name"]
        heading = title(int(number), name, entry["train_examples"])
        wide, narrow = (
            figures.png(
                figures.draw(entry["history"], task.panels, heading, limits=limits, stacked=stacked)
            )
            for stacked in (False, True)
        )
        beside = {name: self.picture(f"{number}_{name}").read_bytes() for name in entry["pictures"]}
        return page.Picture(wide, narrow, beside)
