"""How the examples draw their figures: two panels, training and test by epoch."""

from __future__ import annotations

import io
import os
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, StrMethodFormatter

import minitheanonet as mtn


class Panel(NamedTuple):
    """One pair of curves: the columns ``train_<what>`` and ``test_<what>``."""

    what: str
    label: str
    percent: bool = False  # from 0 to 100 %, and else on a logarithmic scale


def draw(
    history: Mapping[str, Sequence[float | None]],
    panels: Sequence[Panel],
    title: str,
    *,
    stacked: bool = False,
) -> Figure:
    """Return a figure with the panels side by side, or `stacked` for a narrow page."""
    size = (4.2, 6.4) if stacked else (9, 3.9)
    rows, columns = (len(panels), 1) if stacked else (1, len(panels))
    figure = Figure(figsize=size, dpi=200, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    lines = [textwrap.fill(line, 52 if stacked else 110) for line in title.splitlines()]
    figure.suptitle("\n".join(lines), x=0.012, ha="left", fontsize=10 if stacked else 11)
    for axes, panel in zip(figure.subplots(rows, columns).flat, panels, strict=True):
        mtn.plots.draw_curves(axes, history, panel.what)
        axes.set_ylabel(panel.label)
        if panel.percent:
            axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
        else:
            # Errors fall fast and then creep: on a linear scale the creeping couldn't be seen.
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axes.yaxis.set_minor_locator(NullLocator())
    return figure


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG file's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def save(figure: Figure, path: Path) -> None:
    """Write the figure, and say where it is."""
    write(path, png(figure))
    print(f"The figure is in {path}")


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
