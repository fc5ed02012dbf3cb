"""HDF5 objects made to do harm: each is refused, before anything of its size is allocated."""

import struct

import h5py
import numpy as np
import pytest
from by_hand import KERNEL, KERNEL_PATH, dense_config, model_config, replace_kernel, write_keras2
from refusing import assert_refused

from minitheanonet.files import load_model

GROUP = "model_weights/dense"


def test_the_file_that_the_others_spoil_is_sound(tmp_path):
    net = load_model(write_keras2(tmp_path / "k.h5"))
    np.testing.assert_array_equal(net.layers[0].W.get_value(), KERNEL)


def link(target):
    def edit(file):
        del file[KERNEL_PATH]
        file["elsewhere"] = KERNEL
        file[KERNEL_PATH] = target

    return edit


def virtual(file):
    del file[KERNEL_PATH]
    layout = h5py.VirtualLayout(shape=(3, 2), dtype="float32")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "data", shape=(3, 2))
    file.create_virtual_dataset(KERNEL_PATH, layout)


def link_the_group(file):
    file.move(GROUP, "hidden")
    file[GROUP] = h5py.SoftLink("/hidden")


def swap_kernel_for_group(file):
    del file[KERNEL_PATH]
    file.create_group(KERNEL_PATH)


def name_the_type(file):
    del file[KERNEL_PATH]
    file[KERNEL_PATH] = np.dtype("float32")


def link_behind_many_steps(file):
    """To a group that has the kernel; the weights' own names lead through it."""
    steps = "a/" * 40
    file.move("model_weights/dense/dense", "hidden/dense")
    file[f"{GROUP}/{steps}link"] = h5py.SoftLink("/hidden")
    there = f"{steps}link/dense".encode()
    names(there + b"/kernel:0", there + b"/bias:0")(file)


def names(*given):
    def edit(file):
        file[GROUP].attrs["weight_names"] = np.array(given)

    return edit


def extra_array(file):
    file[GROUP].create_dataset("dense/extra:0", data=KERNEL)
    names(b"dense/kernel:0", b"dense/bias:0", b"dense/extra:0")(file)


def extra_layer(file):
    file["model_weights"].attrs["layer_names"] = ["dense", "other"]
    file.create_group("model_weights/other").attrs["weight_names"] = np.empty(0, "S1")


text = h5py.string_dtype()
reference = h5py.ref_dtype
odd_float = np.dtype("float32").newbyteorder(">")
objects = {
    "soft link": (link(h5py.SoftLink("/elsewhere")), "links are not followed"),
    "external link": (link(h5py.ExternalLink("/etc/x.h5", "/data")), "links are not followed"),
    "dangling link": (link(h5py.SoftLink("/nowhere")), "links are not followed"),
    "link to a group": (link_the_group, "links are not followed"),
    "link behind many steps": (link_behind_many_steps, "links are not followed"),
    "virtual dataset": (virtual, "one piece"),
    "external dataset": (
        replace_kernel(shape=(3, 2), dtype="f4", external=[("/etc/passwd", 0, 24)]),
        "one piece",
    ),
    "compressed": (replace_kernel(data=KERNEL, compression="gzip"), "one piece"),
    "shuffled": (replace_kernel(data=KERNEL, shuffle=True, chunks=(3, 2)), "one piece"),
    "chunked": (replace_kernel(data=KERNEL, chunks=(1, 2)), "one piece"),
    "variable-length texts": (replace_kernel(shape=(3, 2), dtype=text), "plain numbers"),
    "variable-length numbers": (
        replace_kernel(shape=(3, 2), dtype=h5py.vlen_dtype("f4")),
        "plain numbers",
    ),
    "references": (replace_kernel(shape=(3, 2), dtype=reference), "plain numbers"),
    "integers": (replace_kernel(data=KERNEL.astype("i4")), "its kernel is int32, not float32"),
    "doubles": (replace_kernel(data=KERNEL.astype("f8")), "its kernel is float64, not float32"),
    "other byte order": (replace_kernel(data=KERNEL.astype(odd_float)), "plain numbers"),
    "other shape": (replace_kernel(data=KERNEL.T), r"shape \(2, 3\), expected \(3, 2\)"),
    "no axes at all": (replace_kernel(data=h5py.Empty("f4")), "plain numbers"),
    "more axes": (replace_kernel(data=KERNEL[None]), "shape"),
    "nothing stored": (replace_kernel(shape=(3, 2), dtype="f4"), "one piece"),
    "a group": (swap_kernel_for_group, "plain numbers"),
    "a type": (name_the_type, "plain numbers"),
    "missing": (lambda file: file.pop(KERNEL_PATH), "it has no"),
    "no group": (lambda file: file.pop("model_weights"), "it has no model_weights"),
    "a name too few": (names(b"dense/kernel:0"), "dense: it has no array bias"),
    "a name twice": (names(b"dense/kernel:0", b"dense/kernel:0"), "weight_names in .* each once"),
    "numbers for names": (names(1, 2), "something else than texts"),
    "a name upwards": (names(b"../dense/kernel:0", b"dense/bias:0"), "it has no"),
    "a name that is absolute": (names(b"/etc/passwd", b"dense/bias:0"), "it has no"),
    "a name with many steps": (names(b"a/" * 50, b"dense/bias:0"), "it has no"),
    "a long name": (names(b"k" * 5000, b"dense/bias:0"), "it has no"),
    "a name that is no text": (names(b"\xff\xfe", b"dense/bias:0"), "can't be read"),
    "an array of no layer": (extra_array, "the arrays it has, differ in dense/dense/extra:0"),
    "a layer of no configuration": (extra_layer, "the arrays it has, differ in other"),
    "no names": (lambda file: file[GROUP].attrs.pop("weight_names"), "weight_names"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "reason"), objects.values(), ids=objects)
def test_objects_that_are_not_plain_arrays(tmp_path, edit, reason):
    assert_refused(write_keras2(tmp_path / "k.h5", edit=edit), reason)


def test_a_long_variable_length_name(tmp_path):
    def edit(file):
        file[GROUP].attrs["weight_names"] = ["k" * 5000, "dense/bias:0"]

    assert_refused(write_keras2(tmp_path / "k.h5", edit=edit), "it has no")


def test_terabytes_that_are_declared_and_not_there(tmp_path):
    side = 2**20
    config = model_config(dense_config(units=side), shape=(side,))
    edit = replace_kernel(shape=(side, side), dtype="f4")
    assert_refused(write_keras2(tmp_path / "k.h5", config, edit), "one piece")


def test_a_file_that_is_larger_than_any_is_allowed_to_be(tmp_path):
    path = write_keras2(tmp_path / "k.h5")
    with open(path, "r+b") as file:
        file.truncate(2**32 + 1)  # a hole
    assert_refused(path, "larger than the 4,294,967,296 bytes")


def test_an_array_that_ends_behind_the_file(tmp_path):
    def edit(file):
        del file[KERNEL_PATH]
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((2**10, 2**10))
        parent = file["model_weights/dense/dense"].id
        h5py.h5d.create(parent, b"kernel:0", h5py.h5t.IEEE_F32LE, space, plan)

    config = model_config(dense_config(units=2**10, use_bias=False), shape=(2**10,))
    path = write_keras2(tmp_path / "k.h5", config, edit)
    content = path.read_bytes()
    assert len(content) > 2**22
    # What HDF5 writes down as the file's end is made to fit, and the kernel's bytes are gone.
    path.write_bytes(
        content.replace(struct.pack("<Q", len(content)), struct.pack("<Q", 9000))[:9000]
    )
    assert_refused(path, "can't be read|not all there")


def test_one_array_that_many_layers_read(tmp_path):
    """A bomb of hard links: each layer's kernel is the same bytes of the file."""
    kernel = np.zeros((512, 512), dtype="float32")  # a mebibyte
    count = 100
    layers = [dense_config(f"d{i}", units=512, use_bias=False) for i in range(count)]

    def edit(file):
        file["one"] = kernel
        del file["model_weights/dense"]
        file["model_weights"].attrs["layer_names"] = [f"d{i}" for i in range(count)]
        for i in range(count):
            group = file.require_group(f"model_weights/d{i}")
            group[f"d{i}/kernel"] = file["one"]
            group.attrs["weight_names"] = np.array([f"d{i}/kernel".encode()])

    path = write_keras2(tmp_path / "k.h5", model_config(*layers, shape=(512,)), edit)
    assert_refused(path, "the same bytes")


def test_one_array_that_two_layers_of_a_network_read(tmp_path):
    config = model_config(model_config(dense_config(units=3, use_bias=False),
                                       dense_config("other", units=3, use_bias=False)))  # fmt: skip
    config["config"]["layers"][-1]["config"]["name"] = "dense"

    def edit(file):
        del file[KERNEL_PATH]
        file[KERNEL_PATH] = np.ones((3, 3), dtype="float32")
        names(b"dense/kernel:0", b"dense/kernel:0")(file)

    assert_refused(write_keras2(tmp_path / "k.h5", config, edit), "each once")
