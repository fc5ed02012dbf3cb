"""The IDX reader, held against a second one that reads everything first and asks then.

The first byte of an input says how the rest becomes a file: as it is, compressed, or compressed
and then damaged. The fuzzer alone would hardly meet gzip's checksum.
"""

import gzip
import math
import struct
import zlib

import numpy as np
from watch import folder_of_its_own, watched

from minitheanonet.datasets import DataFileError, read_idx

FOLDER = folder_of_its_own()
DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
INFLATED_BYTES = 2**24


def one_input(data):
    content = as_file(data)
    expected = read_all(content)
    with watched(FOLDER, content) as path:
        found = read_or_none(path)
    assert (found is None) == (expected is None), "one reader takes what the other refuses"
    if found is not None:
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tobytes() == expected.tobytes()
        assert found.flags.writeable


def read_or_none(path):
    try:
        return read_idx(path)
    except DataFileError as refusal:
        return check(refusal, path)


def check(refusal, path):
    assert refusal.path == path


def as_file(data):
    """Return the file that an input stands for."""
    kind, rest = data[:1], data[1:]
    if kind == b"g":
        return gzip.compress(rest, 1, mtime=0)
    if kind == b"p":  # a part of the file after the other, each compressed
        return gzip.compress(rest[:20], 1, mtime=0) + gzip.compress(rest[20:], 1, mtime=0)
    if kind == b"l":  # much of the same
        return gzip.compress(rest + rest[-1:] * 2**21, 1, mtime=0)
    if kind == b"d" and len(rest) > 3:
        content = bytearray(gzip.compress(rest[3:], 1, mtime=0))
        content[int.from_bytes(rest[:2]) % len(content)] ^= rest[2]
        return bytes(content)
    if kind == b"c" and len(rest) > 2:
        content = gzip.compress(rest[2:], 1, mtime=0)
        return content[: int.from_bytes(rest[:2]) % len(content)]
    return rest


def read_all(content):
    """Return the array of an IDX file, or None for every other file."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in DTYPES:
        return None
    dtype, axes = np.dtype(DTYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    if not 1 <= axes <= 32 or len(content) < start:
        return None
    shape = struct.unpack(f">{axes}I", content[4:start])
    if math.prod(max(length, 1) for length in shape) * dtype.itemsize > 2**31:
        return None
    if len(content) - start != math.prod(shape) * dtype.itemsize:
        return None
    return np.frombuffer(content[start:], dtype.newbyteorder(">")).reshape(shape).astype(dtype)


def seeds():
    arrays = [np.arange(24).reshape(2, 3, 4) - 3, np.zeros((2, 0, 3)), np.arange(7)]
    files = []
    for code, dtype in DTYPES.items():
        for array in arrays:
            header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
            files.append(header + array.astype(f">{dtype}").tobytes())
    files += [b"", b"<!DOCTYPE html><html>", b"version 1\n", gzip.compress(files[0], mtime=0)]
    ways = [b"=", b"g", b"p", b"l", b"d\0\x20\x01", b"c\0\x30"]
    return [way + file for file in files for way in ways]
