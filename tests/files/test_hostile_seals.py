"""Files with a seal that fits, and harm inside; and files that are no model files at all."""

import json
import os

import h5py
import numpy as np
import pytest
from by_hand import reseal
from refusing import assert_refused
from small_nets import every_layer

from minitheanonet.files import ModelFileError, model_info, save_model
from minitheanonet.files.hdf5_writer import METADATA
from minitheanonet.files.seal import set_seal

OWN_KERNEL = "model_weights/dense_1/dense_1/kernel"


def set_metadata(content, **options):
    def edit(file):
        del file[METADATA]
        file.create_dataset(METADATA, data=content, **options)

    return edit


def change_a_weight(file):
    file[OWN_KERNEL][0, 0] += 1


def link_our_kernel(file):
    file.move(OWN_KERNEL, "away")
    file[OWN_KERNEL] = h5py.SoftLink("/away")


sealed = {
    "an array whose digest is another": (change_a_weight, "SHA-256"),
    "no record": (lambda file: file.pop("minitheanonet"), "it has no minitheanonet"),
    "a record without digests": (set_metadata(np.bytes_(b"{}")), "no digests"),
    "a record that is no JSON": (set_metadata(np.bytes_(b"{")), "no JSON"),
    "a record that is a list": (set_metadata(np.bytes_(b"[]")), "no digests"),
    "a record of open length": (set_metadata("{}", dtype=h5py.string_dtype()), "fixed length"),
    "records": (set_metadata(np.array([b"{}", b"{}"])), "fixed length"),
    "a record of numbers": (set_metadata(1.0), "fixed length"),
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
    assert_refused(tmp_path / "m.h5", "declares 2,147,483,647 bytes")


def set_seed(seed):
    def edit(file):
        record = json.loads(file[METADATA][()])
        set_metadata(np.bytes_(json.dumps({**record, "seed": seed}).encode()))(file)

    return edit


@pytest.mark.parametrize("seed", ["7", -1, [1], False, 2**128])
def test_a_seed_that_is_none(tmp_path, seed):
    save_model(every_layer(), tmp_path / "m.h5")
    reseal(tmp_path / "m.h5", set_seed(seed))
    assert_refused(tmp_path / "m.h5", "its seed (is not a|must be a whole number from 0)")


@pytest.mark.parametrize("key", ["classes", "preprocessing", "training"])
def test_a_record_with_a_number_where_none_belongs(tmp_path, key):
    def edit(file):
        record = json.loads(file[METADATA][()])
        set_metadata(np.bytes_(json.dumps({**record, key: 3}).encode()))(file)

    save_model(every_layer(), tmp_path / "m.h5")
    reseal(tmp_path / "m.h5", edit)
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
    assert_refused(tmp_path / "missing.h5", "no such file")
    assert_refused(tmp_path, "a folder, a pipe or a device")
    os.mkfifo(tmp_path / "pipe")
    assert_refused(tmp_path / "pipe", "a folder, a pipe or a device")
