"""Heaps of texts of variable length, Keras's, damaged so that HDF5 never ends reading them."""

import struct

import h5py
import numpy as np
import pytest
from by_hand import KERNEL_PATH, write_keras2
from refusing import assert_refused

from minitheanonet.files import load_model

HEAP_BYTES = 4096


@pytest.fixture
def path(tmp_path):
    return write_keras2(tmp_path / "k.h5")


@pytest.fixture
def spoil(path):
    """Write bytes so many behind the beginning of the file's one heap."""
    content = bytearray(path.read_bytes())
    start = content.index(b"GCOL\x01")
    assert content.count(b"GCOL\x01") == 1
    assert content[start + 8 : start + 16] == struct.pack("<Q", HEAP_BYTES)

    def write(offset, replacement):
        content[start + offset : start + offset + len(replacement)] = replacement
        path.write_bytes(content)

    return write


def header(length, index=0):
    return struct.pack("<H6xQ", index, length)


def heap(length):
    return b"GCOL\x01\0\0\0" + struct.pack("<Q", length)


damages = {
    # These two keep HDF5 2.0 busy for ever: without the check the tests never end.
    "free space of no length": (16, header(0), "is damaged"),
    "an object that leads back": (16, header(2**64 - 16, index=1), "is damaged"),
    "free space shorter than its header": (16, header(8), "is damaged"),
    "an object beyond the end": (16, header(HEAP_BYTES, index=1), "is damaged"),
    "a heap that is too short": (0, heap(8), "is damaged"),
    "a heap in a heap": (1024, heap(HEAP_BYTES), "overlap"),
}


@pytest.mark.parametrize(("offset", "content", "reason"), damages.values(), ids=damages)
def test_heaps_that_do_not_fill_their_place(path, spoil, offset, content, reason):
    spoil(offset, content)
    assert_refused(path, reason)


def test_heaps_that_are_larger_than_any_configuration(path):
    with h5py.File(path, "r+") as file:
        file.attrs["more"] = "x" * 2**24
    assert_refused(path, "come to more than 16,777,216 bytes")


def test_a_heap_whose_signature_two_reads_share(path, spoil, monkeypatch):
    spoil(16, header(8))
    for chunk in range(5, 30):
        monkeypatch.setattr("minitheanonet.files.heaps._CHUNK", chunk)
        assert_refused(path, "is damaged")


def test_lengths_of_four_bytes(tmp_path):
    plan = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    plan.set_sizes(4, 4)
    path = tmp_path / "k.h5"
    h5py.h5f.create(bytes(path), h5py.h5f.ACC_TRUNC, fcpl=plan).close()
    write_keras2(path, mode="r+")
    assert_refused(path, "not of 8 bytes")


def test_a_weight_that_has_the_signature_in_it_by_chance(path):
    numbers = np.frombuffer(b"GCOL\x01".ljust(8, b"?") * 3, "<f4").reshape(3, 2)
    with h5py.File(path, "r+") as file:
        file[KERNEL_PATH][()] = numbers
    np.testing.assert_array_equal(load_model(path).layers[0].W.get_value(), numbers)
