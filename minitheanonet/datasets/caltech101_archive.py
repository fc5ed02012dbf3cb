"""Unpack Caltech 101 as it is published: a zip archive that holds a compressed tar archive."""

from __future__ import annotations

import os
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from minitheanonet.datasets.errors import DataFileError

__all__ = ["unpack"]

_TREE = "101_ObjectCategories"
_INNER_ARCHIVE = f"{_TREE}.tar.gz"


def unpack(archive: Path, target: Path) -> None:
    """Unpack the class folders with their images, all of them or none.

    Parameters
    ----------
    archive : pathlib.Path
        The zip file as published.
    target : pathlib.Path
        The folder that shall hold the class folders. It must not exist; its parent must.

    Raises
    ------
    DataFileError
        If the archive is damaged, is no zip file, or does not hold the images.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as temporary:
        try:
            with zipfile.ZipFile(archive) as outer, outer.open(_find_inner(outer)) as inner:
                _extract_images(inner, Path(temporary))
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, LookupError) as error:
            raise DataFileError(archive, f"it cannot be unpacked ({error})") from error
        unpacked = Path(temporary) / _TREE
        if not unpacked.is_dir():
            raise DataFileError(archive, f"it holds no images in {_TREE}/")
        os.rename(unpacked, target)


def _find_inner(outer: zipfile.ZipFile) -> str:
    for name in outer.namelist():
        path = PurePosixPath(name)
        if path.name == _INNER_ARCHIVE and "__MACOSX" not in path.parts:
            return name
    raise LookupError(f"it holds no {_INNER_ARCHIVE}")


def _extract_images(inner: zipfile.ZipExtFile, folder: Path) -> None:
    # "r|gz" reads the archive as a stream, so that it need not be stored a second time.
    with tarfile.open(fileobj=inner, mode="r|gz") as tar:
        for member in tar:
            if _is_image(member):
                tar.extract(member, folder, filter="data")


def _is_image(member: tarfile.TarInfo) -> bool:
    """Take 101_ObjectCategories/CLASS/NAME.jpg and nothing else: no links, no stray files."""
    parts = PurePosixPath(member.name).parts
    return (
        member.isreg()
        and len(parts) == 3
        and parts[0] == _TREE
        and ".." not in parts
        and parts[2].endswith(".jpg")
        and not parts[2].startswith(".")
    )
