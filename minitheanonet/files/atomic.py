"""Writing a file so that there is always a whole one: the one before, or the new one."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

__all__ = ["remove_leftovers", "write_atomically"]

_CAN_OPEN_FOLDERS = os.name == "posix"


def write_atomically(path: str | os.PathLike[str], content: bytes | bytearray) -> None:
    """Write `content` to `path`, whatever happens on the way, entirely or not at all.

    It goes into a temporary file in the same folder, is forced onto the disk, and takes the
    file's place in one step. A link is followed, and stays one.

    Raises
    ------
    OSError
        If it can't be written; then what was at `path` is untouched.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of writers that were killed; no writer may be at work there."""
    for leftover in folder.glob(".*.h5.????????????????.tmp"):
        leftover.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Force the folder's new entry onto the disk, where the system can do that for a folder."""
    if not _CAN_OPEN_FOLDERS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # what file systems say that can't
            raise
    finally:
        os.close(descriptor)
