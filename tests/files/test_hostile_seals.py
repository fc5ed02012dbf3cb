"""Files with a seal that fits, and harm inside; and files that are no model files at all."""

import os

import h5py
import numpy as np
import pytest
from by_hand import RECORD as METADATA
from by_hand import edit_record, reseal
from refusing import assert_refused
from small_nets import every_layer

from minitheanonet.files import ModelFileError, model_info, save_model
from minitheanonet.files.whole import set_seal

OWN_KERNEL = "model_weights/dense_1/dense_1/kernel"


def set_metadata(content, **options):
    def edit(file):
        del file[METADATA]
        file.create_dataset(METADATA, data=content, **options)

    return edit


def link_our_kernel(file):
    file.move(OWN_KERNEL, "away")
    file[OWN_KERNEL] = h5py.SoftLink("/away")


sealed = {
    "no record": (lambda file: file.pop("minitheanonet"), "it has no record"),
    "no record in its group": (lambda file: file.pop(METADATA), "it has no minitheanonet/metadata"),
    "a record that is no JSON": (set_metadata(np.bytes_(b"{")), "no JSON"),
    "a record that is a list": (set_metadata(np.bytes_(b"[]")), "no table"),
    "a record of open length": (set_metadata("{}", dtype=h5py.string_dtype()), "no plain text"),
    "records": (set_metadata(np.array([b"{}", b"{}"])), "no JSON"),
    "a record of numbers": (set_metadata(1.0), "no plain text"),
    "an array that is a link": (link_our_kernel, "links are not followed"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "reason"), sealed.values(), ids=sealed)
def test_files_with_a_seal_that_fits_are_no_more_trusted(tmp_path, edit, reason):
    save_model(every_layer(), tmp_path / "m.h5")
    reseal(tmp_path / "m.h5", edit)
    assert_refused(tmp_path / "m.h5", reason)


def test_a_record_that_declares_gibibytes(tmp_path):
    def edit(file):
        del file[METADATA]
        kind = h5py.h5t.py_create(np.dtype("S2147483647"))
        space = h5py.h5s.create(h5py.h5s.SCALAR)
        h5py.h5d.create(file["minitheanonet"].id, b"metadata", kind, space)

    save_model(every_layer(), tmp_path / "m.h5")
    reseal(tmp_path / "m.h5", edit)
    assert_refused(tmp_path / "m.h5", "one piece")


@pytest.mark.parametrize("seed", ["7", -1, [1], False, 2**128])
def test_a_seed_that_is_none(tmp_path, seed):
    save_model(every_layer(), tmp_path / "m.h5")
    reseal(tmp_path / "m.h5", edit_record(lambda record: {**record, "seed": seed}))
    assert_refused(tmp_path / "m.h5", "its seed (is not a|must be a whole number from 0)")


@pytest.mark.parametrize("key", ["classes", "preprocessing", "training"])
def test_a_record_with_a_number_where_none_belongs(tmp_path, key):
    save_model(every_layer(), tmp_path / "m.h5")
    reseal(tmp_path / "m.h5", edit_record(lambda record: {**record, key: 3}))
    with pytest.raises(ModelFileError, match=f"its {key} is not a"):
        model_info(tmp_path / "m.h5")


def test_a_seal_around_what_is_no_hdf5(tmp_path):
    content = bytearray(5000)
    set_seal(content, 0)
    (tmp_path / "m.h5").write_bytes(content)
    assert_refused(tmp_path / "m.h5", "can't be read")


def test_files_that_are_no_model_files(tmp_path):
    for content, reason in [
        (b"", "empty"),
        (b"Dear diary", "no model file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "no model file"),
        (b"\x89HDF\r\n\x1a\n", "can't be read"),
        (b"PK\x03\x04" + bytes(1000), "as HDF5"),
    ]:
        (tmp_path / "m.h5").write_bytes(content)
        assert_refused(tmp_path / "m.h5", f"{reason}")


def test_places_that_are_no_files(tmp_path):
    assert_refused(tmp_path / "missing.h5", "No such file")
    assert_refused(tmp_path, "a folder, a pipe or a device")
    os.mkfifo(tmp_path / "pipe")
    assert_refused(tmp_path / "pipe", "a folder, a pipe or a device")
