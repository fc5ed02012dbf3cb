"""Where data are looked for, and what to say when they are not there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pooch

from minitheanonet.checks import checked_path
from minitheanonet.datasets.errors import DataNotFoundError

__all__ = ["ENVIRONMENT_VARIABLE", "candidate_folders", "data_root", "not_found"]

ENVIRONMENT_VARIABLE = "MINITHEANONET_DATA"


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
    if data_dir is not None:
        return checked_path(data_dir, "data_dir").expanduser()
    if from_environment := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(from_environment).expanduser()
    return Path(pooch.os_cache("minitheanonet"))


def candidate_folders(root: Path, subfolders: Iterable[str]) -> list[Path]:
    """List the folders below `root` in which a data set may lie; ``""`` is `root` itself."""
    return [root / subfolder for subfolder in subfolders]


def not_found(
    dataset: str, missing: Sequence[str], folders: Sequence[Path], root: Path
) -> DataNotFoundError:
    """Build the error that says what is missing, where it was looked for, and how to get it.

    Parameters
    ----------
    dataset : str
        The name by which ``python -m minitheanonet.datasets download`` knows the data.
    missing : sequence of str
        The files or folders that were not found.
    folders : sequence of pathlib.Path
        Every place that was looked at.
    root : pathlib.Path
        The directory which the download should go to.

    Returns
    -------
    DataNotFoundError
        To be raised by the caller.
    """
    places = "".join(f"\n  {folder}{_remark(folder)}" for folder in folders)
    return DataNotFoundError(
        f"{dataset}: not found: {', '.join(missing)}. Looked in:{places}\n"
        f"Get the data with `python -m minitheanonet.datasets download {dataset} --to {root}` "
        f"or download=True, or name the directory that has them, as an argument or in the "
        f"environment variable {ENVIRONMENT_VARIABLE}."
    )


def _remark(folder: Path) -> str:
    return "" if folder.is_dir() else " (no such folder)"
