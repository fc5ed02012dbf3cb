"""Where data are looked for, and what to say when they are not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from minitheanonet.checks import checked_path
from minitheanonet.datasets.errors import DataFileError, DataNotFoundError

__all__ = ["data_root", "locate", "regular_file"]

_VARIABLE = "MINITHEANONET_DATA"


def data_root(data_dir: str | os.PathLike[str] | None = None) -> Path:
    """Choose the one directory in which data are looked for and downloaded to.

    Parameters
    ----------
    data_dir : str or os.PathLike, optional
        If given, this one. Otherwise the environment variable ``MINITHEANONET_DATA`` if it is
        set and not empty, otherwise the user's cache folder.

    Returns
    -------
    pathlib.Path
        Not necessarily an existing one.

    Examples
    --------
    >>> data_root("some/place").parts
    ('some', 'place')
    """
    if data_dir is None and not (data_dir := os.environ.get(_VARIABLE)):
        import pooch  # here, since it is slow to import

        data_dir = pooch.os_cache("minitheanonet")
    return checked_path(data_dir, "data_dir").expanduser()


def locate(
    dataset: str,
    root: Path,
    subfolders: Sequence[str],
    names: Sequence[str],
    find: Callable[[Path, str], Path | None],
) -> dict[str, Path]:
    """Find the folder that has all parts of a data set: halves of two must not be mixed.

    Parameters
    ----------
    dataset : str
        The name by which ``python -m minitheanonet.datasets download`` knows the data.
    root : pathlib.Path
        The directory in which to look.
    subfolders : sequence of str
        The folders of it that may have the data, ``""`` for itself.
    names : sequence of str
        The parts.
    find : callable
        Called with a folder and a name; gives the path of that part there, or None.

    Returns
    -------
    dict of str to pathlib.Path
        Where each part is.

    Raises
    ------
    DataNotFoundError
        If no folder has all of them: what is missing, where it was looked for, how to get it.
    """
    folders = [root / subfolder for subfolder in subfolders]
    found = [{name: path for name in names if (path := find(folder, name))} for folder in folders]
    best = max(found, key=len)
    if len(best) == len(names):
        return best
    missing = ", ".join(name for name in names if name not in best)
    places = "".join(f"\n  {f}{'' if f.is_dir() else ' (no such folder)'}" for f in folders)
    raise DataNotFoundError(
        f"{dataset}: not found: {missing}. Looked in:{places}\n"
        f"Get the data with `python -m minitheanonet.datasets download {dataset} --to {root}` "
        "or download=True, or name the directory that has them, as an argument or in the "
        f"environment variable {_VARIABLE}."
    )


def regular_file(path: Any, what: str) -> Path:
    """Return `path`, if a file lies there that has an end: a pipe would be waited on for ever."""
    path = checked_path(path, what)
    if not path.exists():
        raise DataNotFoundError(f"{path}: there is no such file. Look at the path.")
    if not path.is_file():
        raise DataFileError(path, "it is a folder, a pipe or a device", "Give the path of a file")
    return path
