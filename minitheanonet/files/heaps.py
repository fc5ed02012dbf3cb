"""A look at HDF5's global heaps before HDF5 reads them: on some damaged ones it never ends.

Texts of variable length lie in such heaps, as Keras's do. A heap is a signature, a version, its
length, and then objects, each with an index, a length and padding to 8 bytes, up to its end; the
one with index 0 is free space. HDF5 goes from object to object by these lengths, and a zero leads
nowhere. (HDF5 File Format Specification, III.E.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from minitheanonet.files.errors import RefusedError
from minitheanonet.files.limits import MAX_HEAP_BYTES

__all__ = ["check_heaps"]

_SIGNATURE = b"GCOL\x01"
_HEADER_BYTES = 16  # of a heap and of an object, where lengths take 8 bytes
_MIN_BYTES = 4096  # of a heap
_CHUNK = 2**18


def check_heaps(file: BinaryIO, file_bytes: int) -> None:
    """Refuse a file with a heap whose objects don't fill it from one end to the other."""
    total = end = 0
    for start in _places(file):
        file.seek(start)
        header = file.read(_HEADER_BYTES)
        length = int.from_bytes(header[8:], "little")
        if len(header) < _HEADER_BYTES or length > file_bytes - start:
            continue  # the signature by chance, or a heap that is cut off: HDF5 refuses those
        total += length
        if start < end or total > MAX_HEAP_BYTES:
            raise RefusedError(f"its heaps overlap, or come to more than {MAX_HEAP_BYTES:,} bytes")
        end = start + length
        if not _is_sound(header + file.read(max(length - _HEADER_BYTES, 0))):
            raise RefusedError("one of its heaps, where its texts lie, is damaged")


def _places(file: BinaryIO) -> Iterator[int]:
    """Yield where in the file the signature is; the caller may move in it meanwhile."""
    buffer = bytearray(_CHUNK)
    start, overlap = 0, len(_SIGNATURE) - 1
    while True:
        file.seek(start)
        count = file.readinto(buffer)
        found = buffer.find(_SIGNATURE, 0, count)
        while found >= 0:
            yield start + found
            found = buffer.find(_SIGNATURE, found + 1, count)
        if count <= overlap:
            return
        start += count - overlap


def _is_sound(heap: bytes) -> bool:
    position = _HEADER_BYTES
    while position + _HEADER_BYTES <= len(heap):
        index, length = struct.unpack_from("<H6xQ", heap, position)
        # The length of free space counts the header, those of the others don't.
        taken = _HEADER_BYTES + (length + 7) // 8 * 8 if index else length
        if taken < _HEADER_BYTES:
            return False
        position += taken
    return len(heap) >= max(position, _MIN_BYTES)
