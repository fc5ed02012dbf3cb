"""The bounds that no input may break: CPU time, memory, and the files in its folder."""

import contextlib
import resource
import signal
import tempfile
from pathlib import Path

CPU_SECONDS = 10
MEMORY_BYTES = 64 * 2**20


@contextlib.contextmanager
def watched(folder, content):
    """Write `content` to a file in `folder`, and look at everything after it was read.

    Clocks on the wall also run while a process is stopped, so CPU time is what counts. The
    signal ends the process wherever it is, inside HDF5 too, and the file stays.
    """
    path = Path(folder) / "input"
    path.write_bytes(content)
    memory = _peak_memory()
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield path
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    assert _peak_memory() - memory < MEMORY_BYTES, "too much memory"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "a file was made"
    assert path.read_bytes() == content, "the file was changed"


def folder_of_its_own():
    """Return an empty folder for the process, and print it: see `run`."""
    folder = tempfile.mkdtemp(prefix="fuzz-")
    print(f"inputs are read from {folder}")
    return folder


def _peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
