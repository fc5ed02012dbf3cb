"""The harnesses run without the fuzzer too: on their seeds, and on what Hypothesis makes of these.

Damage to the HDF5 part of a file costs a process each: torture.py has thousands.
"""

import mmap
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if sys.platform != "linux":
    pytest.skip("memory is measured as Linux tells it", allow_module_level=True)

import fuzz_idx
import fuzz_model
import watch

IDX_SEEDS = fuzz_idx.seeds()


@pytest.mark.parametrize("harness", [fuzz_idx, fuzz_model])
def test_the_seeds(harness):
    for seed in harness.seeds():
        harness.one_input(seed)


def damaged(content, edits, length):
    """Return the content with some bytes replaced, and cut off."""
    content = bytearray(content)
    for place, byte in edits.items():
        content[place % max(len(content), 1) : place % max(len(content), 1) + 1] = bytes([byte])
    return bytes(content[:length])


edits = st.dictionaries(st.integers(0, 99), st.integers(0, 255), max_size=3)
lengths = st.none() | st.integers(-9, -1)


@settings(deadline=None)  # a busy machine is no fault
@given(st.builds(damaged, st.sampled_from(IDX_SEEDS), edits, lengths))
def test_sound_idx_files_that_were_damaged(data):
    fuzz_idx.one_input(data)


@settings(deadline=None, max_examples=30)  # each costs three processes
@given(st.binary(min_size=30, max_size=300))
def test_inventions(data):
    fuzz_model.one_input(b"i" + data)


def test_an_invention_may_be_sound():
    """With no decision left everything is as in the checkpoint, which all readers take."""
    with watch.watched(fuzz_model.FOLDER, fuzz_model.as_file(b"i")) as path:
        fuzz_model.look(path)
        fuzz_model.load(path)
        fuzz_model.go_on(path)


def test_a_changed_file_is_seen():
    with (
        pytest.raises(AssertionError, match="changed"),
        watch.watched(fuzz_idx.FOLDER, b"x") as path,
    ):
        path.write_bytes(b"y")


def test_a_second_file_is_seen(tmp_path):
    with pytest.raises(AssertionError, match="a file was made"), watch.watched(tmp_path, b"x"):
        (tmp_path / "more").touch()


def test_memory_is_seen(tmp_path):
    with (
        pytest.raises(AssertionError, match="memory"),
        watch.watched(tmp_path, b"x", 2**20),
        mmap.mmap(-1, 2**25) as pages,  # new ones, where bytes may be given old ones again
    ):
        pages.write(b"x" * 2**25)


def test_a_refusal_by_accident_is_seen(monkeypatch):
    monkeypatch.setattr("minitheanonet.files.hdf5._likeness", lambda *_: None)
    with pytest.raises(AssertionError, match="by accident"):
        fuzz_model.one_input(b"i")
