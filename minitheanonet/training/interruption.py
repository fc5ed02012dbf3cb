"""Ctrl-C during training: heard between two steps, never inside one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interruption:
    """A context in which the first Ctrl-C is noted and the second acts as everywhere else.

    A step in the middle would leave some parameters updated and others not, so the loop asks
    `requested` between steps. Only the main thread hears Ctrl-C; in another this does nothing, nor
    in a process that ignores Ctrl-C, as a shell's background jobs do.

    Examples
    --------
    >>> with Interruption() as interruption:
    ...     interruption.requested
    False
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Interruption:
        is_main = threading.current_thread() is threading.main_thread()
        self._hears = is_main and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        if self._hears:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._hears:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
