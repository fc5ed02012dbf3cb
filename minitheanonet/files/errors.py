"""The one error of this room: a model file that can't be read, or can't be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from minitheanonet.errors import FileError

_ANOTHER_COPY = "Take another copy of the file, or save the model anew"
_MENDS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Free some space, or save elsewhere"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Go where you may read and write"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), "Look at the path, or make the folder first"),
}


class ModelFileError(FileError):
    """A model file can't be read, or can't be written.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    reason : str
        What is wrong, as a phrase without a full stop.
    mend : str
        What to do about it, as a sentence without its full stop.

    Examples
    --------
    >>> print(ModelFileError("m.h5", "the file is empty", "Take another copy"))
    m.h5: the file is empty. Take another copy.
    """


class RefusedError(ValueError):
    """Why a file is refused, from where its path isn't known; `about` adds it."""

    def __init__(self, reason: str, mend: str = _ANOTHER_COPY) -> None:
        super().__init__(reason)
        self.reason, self.mend = reason, mend


@contextmanager
def about(path: str | os.PathLike[str], *, reading: bool = False) -> Iterator[None]:
    """Make a `ModelFileError` of a refusal, and of what the system says of the file.

    With `reading`, of whatever goes wrong: a stranger's file may be anything.
    """
    try:
        yield
    except RefusedError as refusal:
        raise ModelFileError(path, refusal.reason, refusal.mend) from refusal
    except OSError as error:
        reason = f"it can't be opened or written ({error.strerror or error})"
        raise ModelFileError(path, reason, _MENDS.get(error.errno, "Try elsewhere")) from error
    except Exception as error:
        if not reading:
            raise
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelFileError(path, f"it can't be read ({line[:200]})", _ANOTHER_COPY) from error
