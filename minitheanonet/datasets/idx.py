"""Read IDX, the file format of MNIST: a typed header, then one array in big-endian order."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from minitheanonet.datasets.errors import DataFileError
from minitheanonet.datasets.locate import regular_file

MAX_BYTES = 2 * 2**30
_MAX_DIMENSIONS = 32  # NumPy 1's own limit; a real file has one to four
_CHUNK_BYTES = 2**20
_GZIP_MAGIC = b"\x1f\x8b"
_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Read one array from an IDX file, plain or compressed with gzip.

    Whether it is compressed is told by the first bytes, not by the name.

    Parameters
    ----------
    path : str or os.PathLike
        The file.

    Returns
    -------
    numpy.ndarray
        The array, of the file's shape and type in the machine's byte order: uint8, int8, int16,
        int32, float32 or float64. It owns its memory and can be written to.

    Raises
    ------
    DataFileError
        If it is no regular file, is empty, a web page, other text, no IDX file, a damaged or
        cut-off gzip file, holds fewer or more bytes than its header declares, or declares more
        than 2 GiB. Memory grows with what is really read, and never above what is declared.
    DataNotFoundError
        If there is no such file.
    OSError
        If it is there and cannot be opened.

    Notes
    -----
    The format, from Y. LeCun, C. Cortes and C. Burges's MNIST page: two zero bytes, a byte for
    the type, a byte for the number of dimensions, a big-endian uint32 for each dimension, then
    the values with the last axis running fastest.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "labels-idx1-ubyte")
    >>> with open(path, "wb") as file:
    ...     _ = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    >>> read_idx(path)
    array([7, 2, 1], dtype=uint8)
    >>> folder.cleanup()
    """
    path = regular_file(path, "read_idx: path")
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        if not compressed:
            return _read_stream(raw, path)
        try:
            with gzip.GzipFile(fileobj=raw) as stream:
                return _read_stream(stream, path)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataFileError(path, f"the gzip file is cut off or damaged ({error})") from error


def _read_stream(stream: BinaryIO, path: Path) -> np.ndarray:
    dtype, shape = _read_header(stream, path)
    # A zero among the dimensions must not hide that the others are absurd.
    size_bound = math.prod(max(length, 1) for length in shape) * dtype.itemsize
    if size_bound > MAX_BYTES:
        raise DataFileError(
            path, f"its header declares shape {shape}, more than the {MAX_BYTES:,} bytes allowed"
        )
    declared = math.prod(shape) * dtype.itemsize
    # One byte more than declared: enough to see that something follows, and to have gzip
    # compare its checksum, while a file made to inflate without end stops here.
    body = _read_at_most(stream, declared + 1)
    if len(body) != declared:
        follow = f"only {len(body):,}" if len(body) < declared else "more"
        raise DataFileError(
            path, f"its header declares shape {shape}, {declared:,} bytes, and {follow} follow"
        )
    values = np.frombuffer(body, dtype=dtype).reshape(shape)
    return values.astype(dtype.newbyteorder("="), copy=False)


def _read_header(stream: BinaryIO, path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    magic = stream.read(4)
    if not magic:
        raise DataFileError(path, "the file is empty")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise DataFileError(path, _describe_stranger(magic + stream.read(508)))
    n_dimensions = magic[3]
    lengths = stream.read(4 * n_dimensions)
    if not 1 <= n_dimensions <= _MAX_DIMENSIONS or len(lengths) < 4 * n_dimensions:
        raise DataFileError(
            path, f"its header declares {n_dimensions} dimensions in {len(lengths)} bytes"
        )
    return np.dtype(_DTYPES[magic[2]]), struct.unpack(f">{n_dimensions}I", lengths)


def _read_at_most(stream: BinaryIO, n_bytes: int) -> bytearray:
    # In chunks, since read(n) sets n bytes aside at once, whatever the file really holds.
    body = bytearray()
    while len(body) < n_bytes:
        chunk = stream.read(min(_CHUNK_BYTES, n_bytes - len(body)))
        if not chunk:
            break
        body += chunk
    return body


def _describe_stranger(head: bytes) -> str:
    """Say what a file seems to be that does not start as an IDX file does."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        return "it looks like a web page, not an IDX file"
    if all(byte >= 0x20 or byte in b"\t\r\n" for byte in head):
        return "it looks like text, not an IDX file"
    return f"it is not an IDX file (it starts with the bytes {head[:4].hex(' ')})"
