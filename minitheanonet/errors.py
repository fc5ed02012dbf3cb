"""What the errors about a file have in common, whichever room meets it."""

from __future__ import annotations

import os


class FileError(ValueError):
    """A file can't be used: which one, why, and what to do about it.

    Its two kinds are `datasets.DataFileError` and `files.ModelFileError`.

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
    >>> print(FileError("notes.txt", "it is empty", "Write something"))
    notes.txt: it is empty. Write something.
    """

    def __init__(self, path: str | os.PathLike[str], reason: str, mend: str) -> None:
        super().__init__(path, reason, mend)
        self.path = path
        self.reason = reason
        self.mend = mend

    def __str__(self) -> str:
        return f"{os.fspath(self.path)}: {self.reason}. {self.mend}."
