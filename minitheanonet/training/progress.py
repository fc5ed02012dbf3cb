"""Progress: one live line on a terminal, some twenty plain lines in a log."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

_LINES = 20  # of a log, about
_SILENCE = 60  # seconds of training, at the most


class Progress:
    """A callback that shows the records of a training as they come, on standard error.

    In a log the first epoch and the last one have a line, and of those between every so many that
    there are some twenty, and one a minute at least.

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
        self._epochs, self._every = epochs, -(-epochs // _LINES)
        self._count, self._line, self._silence = 0, "", 0.0
        self._bar = tqdm(total=epochs, unit="epoch", disable=not self._live, dynamic_ncols=True)

    def before_fit(self, trainer: Any) -> None:
        """Say what is going on before the first record."""
        if not trainer.is_compiled:
            self._bar.set_description_str("compiling, once")
            self._line = "compiling, once"
            self._log()

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
        self._line = f"epoch {self._count}/{self._epochs}  {record['seconds']:.2f} s  {figures}"
        self._silence += record["seconds"]
        if self._count == 1 or self._count % self._every == 0 or self._silence >= _SILENCE:
            self._log()

    def after_fit(self, trainer: Any) -> None:
        """Leave the live line as it stands last; log the last epoch, if it was left out."""
        self._bar.close()
        self._log()

    def _log(self) -> None:
        if self._logs and self._line:
            print(self._line, file=sys.stderr, flush=True)
        self._line, self._silence = "", 0.0
