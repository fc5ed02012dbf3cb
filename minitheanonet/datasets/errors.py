"""The errors of this room: a file that is bad, data that are missing, a download that failed."""

from __future__ import annotations

import os

from minitheanonet.errors import FileError


class DataFileError(FileError):
    """A file was found, and what it holds cannot be used.

    Parameters
    ----------
    path : str or os.PathLike
        The file.
    reason : str
        What is wrong with it, as a phrase without a full stop.
    mend : str, default "Delete the file and get it again"
        What to do about it, as a sentence without its full stop.

    Examples
    --------
    >>> print(DataFileError("digits.gz", "the file is empty"))
    digits.gz: the file is empty. Delete the file and get it again.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        reason: str,
        mend: str = "Delete the file and get it again",
    ) -> None:
        super().__init__(path, reason, mend)


class DataNotFoundError(FileNotFoundError):
    """The data are in none of the places where they were looked for."""


class DownloadError(OSError):
    """A file could not be had from any of its addresses."""
