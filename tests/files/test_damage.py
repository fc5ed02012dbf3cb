"""Damaged files: a few of what ``torture.py`` does to thousands."""

import sys

import pytest
from damage import cut_everywhere, flip_bits
from small_nets import every_layer, weights_of

from minitheanonet.files import ModelFileError, load_model, save_model
from minitheanonet.files.whole import SEAL_BYTES


@pytest.fixture
def path(tmp_path):
    save_model(every_layer(), tmp_path / "m.h5")
    return tmp_path / "m.h5"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
def test_the_file_cut_at_every_kilobyte(path):
    kilobytes = -(-path.stat().st_size // 1024)
    outcome = cut_everywhere(path)
    assert outcome.sound
    assert (outcome.refused, outcome.equal) == (kilobytes, 0)


def test_the_message_says_how_much_is_missing(path):
    size = path.stat().st_size
    with open(path, "r+b") as file:
        file.truncate(1000)
    with pytest.raises(ModelFileError, match=f"cut off: 1,000 of {size:,} bytes"):
        load_model(path)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
def test_random_bits_flipped(path):
    outcome = flip_bits(path, count=300)
    assert outcome.sound
    assert outcome.refused + outcome.equal == 300


def test_every_bit_of_the_seal_counts(path):
    content = path.read_bytes()
    for position in range(SEAL_BYTES):
        for bit in range(8):
            spoilt = bytearray(content)
            spoilt[position] ^= 1 << bit
            path.write_bytes(spoilt)
            with pytest.raises(ModelFileError):
                load_model(path)
    path.write_bytes(content)
    assert weights_of(load_model(path)) == weights_of(every_layer())


def test_bytes_behind_the_end(path):
    with open(path, "ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelFileError, match="damaged or changed"):
        load_model(path)
