"""The memory that a step gives back stays with the process, for the next step to take."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

# What glibc's malloc.h calls M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, and the bytes for each. The
# second can't be higher.
_SETTINGS = {-1: 2**28, -3: 2**25}


def keep_memory() -> None:
    """Have glibc keep up to 256 MiB that were freed, and pieces of up to 32 MiB among them.

    By itself it hands what is free at a step's end back to the system, a few times the largest
    piece aside, and the next step gets it page by page, zeroed: a third of the time of a
    convolutional network's step. Settings of the user's, in ``MALLOC_TRIM_THRESHOLD_``,
    ``MALLOC_MMAP_THRESHOLD_`` or ``GLIBC_TUNABLES``, stay as they are; other systems than Linux
    and other C libraries too.
    """
    tuned = "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "")
    if sys.platform != "linux" or tuned or any(name.startswith("MALLOC_") for name in os.environ):
        return
    with contextlib.suppress(AttributeError):  # another C library has no such function
        for setting, size in _SETTINGS.items():
            ctypes.CDLL(None).mallopt(setting, size)
