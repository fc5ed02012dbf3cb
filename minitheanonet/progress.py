"""Progress: one live line on a terminal, one plain line per epoch in a log."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from tqdm import tqdm

__all__ = ["Progress"]


class Progress:
    """Shows the records of a training as they come, on standard error.

    Parameters
    ----------
    epochs : int
        How many epochs there will be at the most.
    shown : bool, default True
        False shows nothing.
    """

    def __init__(self, epochs: int, shown: bool = True) -> None:
        shown = shown and sys.stderr is not None  # as it is without a console
        self._live = shown and sys.stderr.isatty()
        self._logs = shown and not self._live
        self._epochs = epochs
        self._count = 0
        self._bar = tqdm(total=epochs, unit="epoch", disable=not self._live, dynamic_ncols=True)

    def say(self, message: str) -> None:
        """Say what is going on before the first record."""
        self._bar.set_description_str(message)
        if self._logs:
            print(message, file=sys.stderr, flush=True)

    def show(self, record: Mapping[str, float | int | None]) -> None:
        """Show an epoch's record."""
        self._count += 1
        figures = "  ".join(
            f"{name} {value:.4g}"
            for name, value in record.items()
            if name not in ("epoch", "seconds")
        )
        self._bar.set_description_str("")
        self._bar.set_postfix_str(figures, refresh=False)
        self._bar.update()
        if self._logs:
            line = f"epoch {self._count}/{self._epochs}  {record['seconds']:.2f} s  {figures}"
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the live line as it stands last."""
        self._bar.close()
