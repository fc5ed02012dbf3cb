"""The seal: 512 bytes before the HDF5 part of our files that say whether the rest is whole.

HDF5 lets a file begin with such a block and passes over it, and so does Keras. It is text:

    minitheanonet model file
    format 1
    epoch 12
    bytes 123456
    sha256 0123456789abcdef...

and then NUL bytes. `epoch` is 0 in a file without a training; the digest is that of the whole
file with zeros in the digest's place. HDF5's own code may crash on a damaged file, so the digest
is compared before HDF5 sees a byte. Every later format keeps these five lines.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import BinaryIO

from minitheanonet.files.errors import NewerFormatError, RefusedError

__all__ = [
    "FORMAT_VERSION",
    "HDF5_SIGNATURE",
    "SEAL_BYTES",
    "Seal",
    "open_file",
    "read_seal",
    "set_seal",
    "verify",
]

FORMAT_VERSION = 1
SEAL_BYTES = 512
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

_PATTERN = re.compile(
    rb"minitheanonet model file\nformat ([0-9]{1,9})\nepoch ([0-9]{1,9})\n"
    rb"bytes ([0-9]{1,18})\nsha256 ([0-9a-f]{64})\n\0*"
)
_NO_DIGEST = "0" * 64
_CHUNK = 2**20


@dataclass(frozen=True)
class Seal:
    """What the seal says: format version, epoch (0 for none), length of the file, SHA-256."""

    format: int
    epoch: int
    length: int
    digest: str

    def text(self) -> bytes:
        """Return the 512 bytes."""
        lines = (
            f"minitheanonet model file\nformat {self.format}\nepoch {self.epoch}\n"
            f"bytes {self.length}\nsha256 {self.digest}\n"
        )
        return lines.encode("ascii").ljust(SEAL_BYTES, b"\0")


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading; a pipe or a device might never end."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise RefusedError("it is no file but a folder, a pipe or a device", "Give a file")
    return open(path, "rb", buffering=0)


def set_seal(content: bytearray, epoch: int) -> None:
    """Write the seal into the first 512 bytes of a whole file's `content`."""
    blank = Seal(FORMAT_VERSION, epoch, len(content), _NO_DIGEST)
    content[:SEAL_BYTES] = blank.text()
    digest = hashlib.sha256(content).hexdigest()
    content[:SEAL_BYTES] = Seal(FORMAT_VERSION, epoch, len(content), digest).text()


def read_seal(file: BinaryIO) -> Seal | None:
    """Return the seal at the file's beginning, unverified; None if it is a plain HDF5 file.

    Raises
    ------
    RefusedError
        If the file begins with neither.
    """
    file.seek(0)
    start = file.read(SEAL_BYTES)
    if start.startswith(HDF5_SIGNATURE):
        return None
    if not start:
        raise RefusedError("the file is empty")
    match = _PATTERN.fullmatch(start) if len(start) == SEAL_BYTES else None
    if match is None:
        raise RefusedError(
            "it is no model file, or its first bytes are damaged",
            "Give a file that save_model or Keras (as HDF5) wrote",
        )
    version, epoch, length = map(int, match.groups()[:3])
    return Seal(version, epoch, length, match.group(4).decode("ascii"))


def verify(file: BinaryIO, path: str | os.PathLike[str]) -> Seal | None:
    """Return the seal, after comparing it with every byte of the file; None if it has none.

    Raises
    ------
    RefusedError
        If the file is not what was sealed.
    NewerFormatError
        If it is, but of a format that this version doesn't know.
    """
    seal = read_seal(file)
    if seal is None:
        return None
    length = file.seek(0, os.SEEK_END)
    if length < seal.length:
        raise RefusedError(f"it is cut off: {length:,} of {seal.length:,} bytes are there")
    if length > seal.length or _digest(file, seal) != seal.digest:
        raise RefusedError("it was damaged or changed after it was saved (its SHA-256 is another)")
    if seal.format != FORMAT_VERSION:
        raise NewerFormatError(
            path,
            f"it is of format {seal.format}, and this version of minitheanonet reads format "
            f"{FORMAT_VERSION}",
            "Update minitheanonet",
        )
    return seal


def _digest(file: BinaryIO, seal: Seal) -> str:
    digest = hashlib.sha256(Seal(seal.format, seal.epoch, seal.length, _NO_DIGEST).text())
    file.seek(SEAL_BYTES)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
