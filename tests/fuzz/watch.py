"""The bounds that no input may break: CPU time, memory, and the files in its folder."""

import atexit
import contextlib
import resource
import shutil
import signal
import tempfile
from pathlib import Path

CPU_SECONDS = 10
MEMORY_BYTES = 64 * 2**20
SPACE_BYTES = 2**30
PROC = Path("/proc/self")


@contextlib.contextmanager
def watched(folder, content, memory_bytes=MEMORY_BYTES):
    """Write `content` to a file in `folder`, and look at everything after it was read.

    Clocks on the wall also run while a process is stopped, so CPU time is what counts. The
    signal ends the process wherever it is, inside HDF5 too, and the file stays.
    """
    path = Path(folder) / "input"
    path.write_bytes(content)
    PROC.joinpath("clear_refs").write_text("5")  # forgets the peak
    before = _peak_memory()
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield path
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    assert _peak_memory() - before < memory_bytes, "too much memory"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "a file was made"
    assert path.read_bytes() == content, "the file was changed"


def bound_memory():
    """Let the process have so much more address space, and not more."""
    pages = int(PROC.joinpath("statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + SPACE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def folder_of_its_own():
    """Return an empty folder for the process, and print it: see `run`."""
    folder = tempfile.mkdtemp(prefix="fuzz-")
    print(f"inputs are read from {folder}")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _peak_memory():
    lines = PROC.joinpath("status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
