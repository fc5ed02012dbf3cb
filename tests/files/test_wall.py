"""The wall: HDF5 looks through a file in a process of its own, which may take little."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from by_hand import KERNEL_PATH, reseal, write_keras2
from refusing import assert_refused
from small_nets import every_layer

from minitheanonet.files import ModelFileError, hdf5, load_model, save_model

SECONDS = 10


def assert_refused_in_time(path, reason):
    """Beside other load the clock on the wall runs faster than the processor's."""
    before = sum(os.times()[:4])
    assert_refused(path, reason)
    assert sum(os.times()[:4]) - before < SECONDS


def spoil(path, signature, offset, replacement):
    """Write bytes so many behind each place of a signature."""
    content = bytearray(path.read_bytes())
    start = content.index(signature)
    while start >= 0:
        content[start + offset : start + offset + len(replacement)] = replacement
        start = content.find(signature, start + 1)
    path.write_bytes(content)


def test_a_heap_of_texts_that_never_ends(tmp_path):
    """Such a heap is a row of objects, each with its length, and HDF5 goes on by these lengths."""
    path = write_keras2(tmp_path / "k.h5")
    spoil(path, b"GCOL\x01", 16, struct.pack("<H6xQ", 0, 0))
    assert_refused_in_time(path, "took too long")


def free_block_that_points_at_itself(path):
    """Spoil the heaps of names: the first free block of each is its own next one."""
    content = bytearray(path.read_bytes())
    base = 512 if content.startswith(b"minitheanonet") else 0
    start = content.find(b"HEAP\0")
    while start >= 0:
        size, free, data = struct.unpack_from("<QQQ", content, start + 8)
        if free >= size:  # none is free: the end of the names becomes one
            free = size - 16
            struct.pack_into("<Q", content, start + 16, free)
        struct.pack_into("<QQ", content, base + data + free, free, 0)
        start = content.find(b"HEAP\0", start + 1)
    path.write_bytes(content)


def test_a_heap_of_names_that_asks_for_memory_without_end(tmp_path):
    path = write_keras2(tmp_path / "k.h5")
    free_block_that_points_at_itself(path)
    assert_refused_in_time(path, "took too long|memory|can't be read")


def test_the_same_behind_a_seal_that_fits(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5")
    free_block_that_points_at_itself(tmp_path / "m.h5")
    reseal(tmp_path / "m.h5")
    assert_refused_in_time(tmp_path / "m.h5", "took too long|memory|can't be read")


def test_a_text_that_declares_gibibytes(tmp_path):
    path = write_keras2(tmp_path / "k.h5")
    with h5py.File(path) as file:
        length = len(file.attrs["model_config"])
    spoil(path, struct.pack("<I", length), 0, struct.pack("<I", 2**31))
    assert_refused_in_time(path, "memory|can't be read")


def test_a_reader_that_hangs(tmp_path, monkeypatch):
    path = write_keras2(tmp_path / "k.h5")
    monkeypatch.setattr(hdf5, "_SECONDS", 0.01)
    assert_refused_in_time(path, "does not end")


def test_a_python_that_is_not_there(tmp_path, monkeypatch):
    path = write_keras2(tmp_path / "k.h5")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(ModelFileError, match="can't begin"):
        load_model(path)


def test_nothing_of_the_folder_or_the_environment_is_imported(tmp_path, monkeypatch):
    path = write_keras2(tmp_path / "k.h5")
    for name in ("h5py", "numpy", "json", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert load_model(path).layers[0].n_out == 2


def test_a_system_that_sets_no_limits(tmp_path):
    """Windows has no module `resource`: what lies where is told all the same."""
    path = write_keras2(tmp_path / "k.h5")
    reader = str(Path(hdf5.__file__).with_name("hdf5_reader.py"))
    hidden = f"""
import runpy, sys
sys.modules["resource"] = None
runpy.run_path({reader!r}, run_name="__main__")
"""
    with open(path, "rb") as file:
        command = [sys.executable, "-c", hidden]
        told = subprocess.run(command, stdin=file, capture_output=True, check=True).stdout
        assert json.loads(told) == hdf5.look_through(file)


def test_numbers_do_not_pass_through_hdf5(tmp_path, monkeypatch):
    """In this process HDF5 opens nothing, whatever is read."""
    path = write_keras2(tmp_path / "k.h5")
    numbers = np.frombuffer(b"GCOL\x01HEAP".ljust(12, b"?") * 2, "<f4").reshape(3, 2)
    with h5py.File(path, "r+") as file:
        file[KERNEL_PATH][()] = numbers
    monkeypatch.setattr(h5py, "File", None)
    np.testing.assert_array_equal(load_model(path).layers[0].W.get_value(), numbers)
