"""Progress: one live line on a terminal, one plain line per epoch in a log."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm


class Progress:
    """A callback that shows the records of a training as they come, on standard error.

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

    def before_fit(self, trainer: Any) -> None:
        """Say what is going on before the first record."""
        if not trainer.is_compiled:
            self._bar.set_description_str("compiling, once")
            self._log("compiling, once")

    def __call__(self, trainer: Any) -> None:
        """Show an epoch's record."""
        record = trainer.history.rows()[-1]
        self._count += 1
        figures = "  ".join(
            f"{name} {value:.4g}"
            for name, value in record.items()
            if value is not None and name not in ("epoch", "seconds")
        )
        self._bar.set_description_str("")
        self._bar.set_postfix_str(figures, refresh=False)
        self._bar.update()
        self._log(f"epoch {self._count}/{self._epochs}  {record['seconds']:.2f} s  {figures}")

    def after_fit(self, trainer: Any) -> None:
        """Leave the live line as it stands last."""
        self._bar.close()

    def _log(self, line: str) -> None:
        if self._logs:
            print(line, file=sys.stderr, flush=True)
