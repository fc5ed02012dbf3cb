"""Figures of a history. Nothing here shows a window: a figure is returned, to be saved or shown."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart by colour-blind readers, and dashed beside solid in print.
_CURVES = (("train", "training", "#0072B2", "-"), ("test", "test", "#D55E00", "--"))


def plot_history(
    history: Mapping[str, Sequence[float | None]], what: str = "loss", title: str = ""
) -> Figure:
    """Return a figure of the columns ``train_<what>`` and ``test_<what>`` by epoch.

    Parameters
    ----------
    history : mapping of columns
    what : str, default "loss"
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        6.4 by 4 inches.

    Raises
    ------
    KeyError
        If the history has neither column.

    Examples
    --------
    >>> figure = plot_history({"train_loss": [1.0, 0.5], "test_loss": [1.1, 0.7]}, "loss")
    >>> figure.axes[0].get_ylabel()
    'loss'
    """
    from matplotlib.figure import Figure  # here: a third of the library's start-up time

    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.add_subplot()
    draw_curves(axes, history, what)
    axes.set_title(title)
    return figure


def draw_curves(axes: Axes, history: Mapping[str, Sequence[float | None]], what: str) -> None:
    """Draw ``train_<what>`` and ``test_<what>`` into Matplotlib axes, as `plot_history` does."""
    curves = [curve for curve in _CURVES if f"{curve[0]}_{what}" in history]
    if not curves:
        raise KeyError(
            f"the history has no column train_{what} or test_{what}: draw one of {list(history)}."
        )
    for prefix, label, colour, style in curves:
        values = history[f"{prefix}_{what}"]
        epochs = range(1, len(values) + 1)
        numbers = [float("nan") if value is None else value for value in values]
        # A line through a point that stands alone, beside gaps, would be invisible.
        marker = "o" if len(values) < 30 or not all(map(math.isfinite, numbers)) else None
        axes.plot(epochs, numbers, style, color=colour, label=label, marker=marker, markersize=3.5)
    axes.set_xlabel("epoch")
    axes.set_ylabel(what.replace("_", " "))
    axes.set_xticks(epoch_ticks(len(epochs)))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def epoch_ticks(epochs: int) -> list[int]:
    """Return about five round numbers of epochs, the first and always the last one.

    Examples
    --------
    >>> epoch_ticks(20), epoch_ticks(317)
    ([1, 5, 10, 15, 20], [1, 100, 200, 317])
    """
    steps = (digit * 10**power for power in itertools.count() for digit in (1, 2, 5))
    step = next(step for step in steps if epochs <= 5 * step)
    # What stands too close to the last one would be printed over it.
    between = [tick for tick in range(step, epochs, step) if epochs - tick >= step / 2]
    return sorted({1, *between, epochs})
