"""Whole files: written entirely or not at all, and behind a seal that tells a whole one.

The seal is 512 bytes before the HDF5 part of our files. HDF5 lets a file begin with such a block
and passes over it, and so does Keras. It is text:

    minitheanonet model file
    format 2
    epoch 12
    bytes 123456
    sha256 0123456789abcdef...

and then NUL bytes. `epoch` is 0 in a file without a training; the digest is that of the whole
file with zeros in the digest's place. It tells damage and not forgery: anybody can set a seal.
Every later format keeps these five lines.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import BinaryIO, NamedTuple

from minitheanonet.files.errors import ModelFileError, RefusedError, about

FORMAT_VERSION = 2
SEAL_BYTES = 512
MAX_FILE_BYTES = 2**32

_TEXT = "minitheanonet model file\nformat {}\nepoch {}\nbytes {}\nsha256 {}\n"
_NUMBERS = "([0-9]{1,9})", "([0-9]{1,9})", "([0-9]{1,18})", "([0-9a-f]{64})"
_PATTERN = re.compile(_TEXT.format(*_NUMBERS).encode("ascii") + rb"\0*")


class Seal(NamedTuple):
    """What the seal says: format version, epoch (0 for none), length of the file, SHA-256."""

    format: int
    epoch: int
    length: int
    digest: str = "0" * 64

    def text(self) -> bytes:
        """Return the 512 bytes."""
        return _TEXT.format(*self).encode("ascii").ljust(SEAL_BYTES, b"\0")


def set_seal(content: bytearray, epoch: int, version: int = FORMAT_VERSION) -> None:
    """Write the seal into the first 512 bytes of a whole file's `content`."""
    seal = Seal(version, epoch, len(content))
    content[:SEAL_BYTES] = seal.text()
    content[:SEAL_BYTES] = seal._replace(digest=hashlib.sha256(content).hexdigest()).text()


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading; a pipe or a device might never end."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise RefusedError("it is no file but a folder, a pipe or a device", "Give a file")
    file = open(path, "rb", buffering=0)  # noqa: SIM115
    if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
        file.close()
        raise RefusedError(f"it is larger than the {MAX_FILE_BYTES:,} bytes that are allowed")
    return file


def read_seal(file: BinaryIO) -> Seal | None:
    """Return the seal at the file's beginning, unverified; None if it is a plain HDF5 file.

    Raises
    ------
    RefusedError
        If the file begins with neither.
    """
    file.seek(0)
    start = file.read(SEAL_BYTES)
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return None
    if not start:
        raise RefusedError("the file is empty")
    match = _PATTERN.fullmatch(start)
    if match is None:
        mend = "Give a file that save_model or Keras (as HDF5) wrote"
        raise RefusedError("it is no model file, or its first bytes are damaged", mend)
    return Seal(*map(int, match.groups()[:3]), match.group(4).decode("ascii"))


def verify(file: BinaryIO) -> Seal | None:
    """Return the seal, after comparing it with every byte of the file; None if it has none.

    The format may be a later one than this version reads.

    Raises
    ------
    RefusedError
        If the file is not what was sealed.
    """
    seal = read_seal(file)
    if seal is None:
        return None
    length = file.seek(0, os.SEEK_END)
    if length < seal.length:
        raise RefusedError(f"it is cut off: {length:,} of {seal.length:,} bytes are there")
    file.seek(SEAL_BYTES)
    digest = hashlib.file_digest(file, lambda: hashlib.sha256(Seal(*seal[:3]).text()))
    if length > seal.length or digest.hexdigest() != seal.digest:
        raise RefusedError("it was damaged or changed after it was saved (its SHA-256 is another)")
    return seal


def write_whole(path: str | os.PathLike[str], content: bytes | bytearray) -> None:
    """Write `content` to `path`, whatever happens on the way, entirely or not at all.

    It goes into a temporary file in the same folder, is forced onto the disk, and takes the
    file's place in one step. A link is followed, and stays one.

    Raises
    ------
    ModelFileError
        If it can't be written; then what was at `path` is untouched.
    """
    with about(path):
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
        # Not every system and disk can force a folder.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            descriptor = os.open(target.parent, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            os.fsync(descriptor)


def write_model(path: str | os.PathLike[str], content: bytearray) -> None:
    """Write a model file, as `write_whole` does, but not over what is none."""
    with about(path):
        try:
            with contextlib.suppress(FileNotFoundError), open_file(path) as there:
                if there.seek(0, os.SEEK_END):
                    read_seal(there)
        except RefusedError as refusal:
            reason = "the file that is there is no model file, and was left alone"
            raise RefusedError(reason, "Choose another name, or remove it") from refusal
    write_whole(path, content)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of writers that were killed; no writer may be at work there."""
    for leftover in folder.glob(".*.h5.????????????????.tmp"):
        leftover.unlink(missing_ok=True)


def checkpoints_in(folder: Path) -> list[tuple[int, Path]]:
    """Return (epoch, path) of the checkpoints in a folder, the newest first, unverified."""
    found = []
    for path in folder.glob("*.h5"):
        epoch = 10**9  # if the seal can't be read, it may be the newest
        with contextlib.suppress(RefusedError, OSError), open_file(path) as file:
            seal = read_seal(file)
            epoch = seal.epoch if seal else 0
        if epoch:
            found.append((epoch, path))
    return sorted(found, reverse=True)


def damage(path: Path) -> ModelFileError | None:
    """Return what is wrong with a file that isn't what was sealed; a later format is no damage."""
    try:
        with about(path), open_file(path) as file:
            verify(file)
    except ModelFileError as error:
        return error
    return None
