"""How the report draws its figures: two panels, training and test by epoch."""

from __future__ import annotations

import io
import math
import os
import tempfile
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, StrMethodFormatter

from minitheanonet.training.plots import draw_curves

History = Mapping[str, Sequence[float | None]]
Limits = tuple[float, float]


class Panel(NamedTuple):
    """One pair of curves: the columns ``train_<what>`` and ``test_<what>``."""

    what: str
    label: str
    percent: bool = False  # in percent, and else on a logarithmic scale

    def limits(self, histories: Iterable[History]) -> Limits:
        """Return an axis that holds these curves of all the histories, in round numbers."""
        values = [
            value
            for history in histories
            for prefix in ("train", "test")
            for value in history.get(f"{prefix}_{self.what}", ())
            if value is not None and math.isfinite(value) and (self.percent or value > 0)
        ]
        if not values:
            return 0.0, 1.0
        if not self.percent:
            return min(values) / 1.2, max(values) * 1.2
        low, high = math.floor(min(values) * 20) / 20, math.ceil(max(values) * 20) / 20
        margin = (high - low or 1) / 50  # a curve along the edge would be half hidden
        return low - margin, high + margin


def draw(
    history: History,
    panels: Sequence[Panel],
    title: str,
    *,
    limits: Sequence[Limits] | None = None,
    stacked: bool = False,
) -> Figure:
    """Return a figure with the panels side by side, or `stacked` for a narrow page.

    `limits` are the panels' axes, so that figures can be compared; by default the figure's own.
    """
    size = (4.2, 6.4) if stacked else (9, 3.9)
    rows, columns = (len(panels), 1) if stacked else (1, len(panels))
    figure = Figure(figsize=size, dpi=200, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    lines = [textwrap.fill(line, 52 if stacked else 110) for line in title.splitlines()]
    figure.suptitle("\n".join(lines), x=0.012, ha="left", fontsize=10 if stacked else 11)
    limits = limits or [panel.limits([history]) for panel in panels]
    for axes, panel, ends in zip(
        figure.subplots(rows, columns, squeeze=False).flat, panels, limits, strict=True
    ):
        draw_curves(axes, history, panel.what)
        _scale(axes, panel)
        axes.set_ylim(*ends)
    return figure


def _scale(axes: Axes, panel: Panel) -> None:
    axes.set_ylabel(panel.label)
    if panel.percent:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
        return
    # Errors fall fast and then creep: on a linear scale the creeping couldn't be seen.
    axes.set_yscale("log")
    axes.set_ylabel(f"{panel.label} (log scale)")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG file's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Write a file in one stroke: whoever interrupts this leaves the former file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)  # mkstemp's files are for their owner alone
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
