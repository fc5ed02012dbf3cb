from __future__ import annotations

import contextlib
import gzip
import os
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minitheanonet.datasets import DataFileError, read_idx

DTYPES = ["uint8", "int8", "int16", "int32", "float32", "float64"]
LABELS = np.arange(100, dtype=np.uint8)


def header(code: int, *lengths: int) -> bytes:
    return struct.pack(f">HBB{len(lengths)}I", 0, code, len(lengths), *lengths)


@pytest.fixture
def refuse(tmp_path):
    """Write the bytes, and give what read_idx says against them."""

    def write_and_read(content: bytes) -> str:
        path = tmp_path / "some-idx-ubyte"
        path.write_bytes(content)
        with pytest.raises(DataFileError) as caught:
            read_idx(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert caught.value.path == path
        return caught.value.reason

    return write_and_read


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_reads_every_type(tmp_path, to_idx, dtype, pack):
    array = np.array([[-3, 2, 1], [100, 5, 6]]).astype(dtype)
    path = tmp_path / "misleading.txt"
    path.write_bytes(pack(to_idx(array)))
    read = read_idx(path)
    np.testing.assert_array_equal(read, array)
    assert read.dtype == np.dtype(dtype)
    assert read.dtype.isnative
    assert read.flags.writeable


@settings(deadline=None)  # a busy machine is no fault
@given(array=hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(max_dims=4, min_side=0)))
def test_round_trip(tmp_path_factory, to_idx, array):
    path = tmp_path_factory.getbasetemp() / "round-trip"
    path.write_bytes(to_idx(array))
    read = read_idx(str(path))
    assert read.shape == array.shape
    assert read.tobytes() == array.tobytes()


@settings(deadline=None)  # a busy machine is no fault
@given(content=st.binary(max_size=60) | st.binary(max_size=60).map(lambda b: b"\0\0\x08\x01" + b))
def test_any_bytes_are_either_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(content)
    with contextlib.suppress(DataFileError):
        assert isinstance(read_idx(path), np.ndarray)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["plain", "gzip"])
def test_empty_file(refuse, content):
    assert "empty" in refuse(content)


@pytest.mark.parametrize("kept", [5, 20, -1, -9])
def test_truncated_gzip(refuse, to_idx, kept):
    assert "cut off" in refuse(gzip.compress(to_idx(LABELS))[:kept])


def test_gzip_with_a_flipped_byte(refuse, to_idx):
    content = bytearray(gzip.compress(to_idx(LABELS)))
    content[-6] ^= 1  # in the checksum
    assert "damaged" in refuse(bytes(content))


def test_gzip_with_a_damaged_body(refuse, to_idx):
    noise = np.random.default_rng(0).integers(0, 256, 5000).astype(np.uint8)
    content = bytearray(gzip.compress(to_idx(noise)))
    content[10:14] = b"\xff\xff\xff\xff"
    assert "damaged" in refuse(bytes(content))


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><html>", b"\n <html lang='es'>", b"\xef\xbb\xbf<?xml version='1.0'?>"]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_web_page(refuse, page, pack):
    assert "looks like a web page" in refuse(pack(page + b"<body>Error 404</body></html>"))


def test_text(refuse):
    assert "looks like text" in refuse(b"version 1 of a pointer to a file elsewhere\n")


@pytest.mark.parametrize(
    "magic", [b"\x89PNG\r\n\x1a\n", b"\0\0\x07\x01\0\0\0\x01x", b"\1\0\x08\x01\0\0\0\x01x", b"\0\0"]
)
def test_bad_magic(refuse, magic):
    reason = refuse(magic)
    assert "not an IDX file" in reason
    assert magic[:4].hex(" ") in reason


@pytest.mark.parametrize("n_dimensions", [0, 33, 255])
def test_absurd_number_of_dimensions(refuse, n_dimensions):
    content = b"\0\0\x08" + bytes([n_dimensions]) + b"\0\0\0\1" * n_dimensions
    assert f"{n_dimensions} dimensions" in refuse(content)


def test_ends_within_its_header(refuse):
    assert "3 dimensions in 10 bytes" in refuse(header(0x08, 60_000, 28, 28)[:-2])


@pytest.mark.parametrize("code", [0x08, 0x0E])
def test_fewer_bytes_than_declared(refuse, code):
    assert "only 7 follow" in refuse(header(code, 8) + bytes(7))


def test_trailing_bytes(refuse, to_idx):
    for pack in (bytes, gzip.compress):
        assert "100 bytes, and more follow" in refuse(pack(to_idx(LABELS) + b"\0"))


@pytest.mark.parametrize(
    "lengths", [(2**32 - 1,) * 3, (2**31 + 1,), (0, 2**32 - 1, 2**32 - 1), (2**32 - 1,) * 32]
)
def test_header_that_declares_terabytes(refuse, lengths):
    assert "more than the 2,147,483,648 bytes allowed" in refuse(header(0x08, *lengths) + bytes(9))


def peak_memory(action) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_memory_grows_with_what_is_there_and_not_with_the_header(refuse, pack):
    content = pack(header(0x08, 2**31 - 1) + bytes(1000))
    assert peak_memory(lambda: refuse(content)) < 8 * 2**20


def test_gzip_bomb_is_not_inflated(refuse):
    bomb = gzip.compress(header(0x08, 10) + bytes(64 * 2**20), compresslevel=1)
    reasons = []
    assert peak_memory(lambda: reasons.append(refuse(bomb))) < 8 * 2**20
    assert "10 bytes, and more follow" in reasons[0]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere")


def test_a_pipe_is_not_waited_on(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataFileError, match="pipe: it is a folder, a pipe or a device"):
        read_idx(tmp_path / "pipe")
