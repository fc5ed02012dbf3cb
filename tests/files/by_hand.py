"""HDF5 files written by hand, as Keras 2 wrote them and as an attacker may."""

import json

import h5py
import numpy as np

from minitheanonet.files.whole import FORMAT_VERSION, SEAL_BYTES, set_seal

KERNEL = np.arange(6, dtype="float32").reshape(3, 2) / 10
BIAS = np.array([0.5, -0.5], dtype="float32")
RECORD = "minitheanonet/metadata"
KERNEL_PATH = "model_weights/dense/dense/kernel:0"


def dense_config(name="dense", **options):
    config = {
        "name": name,
        "trainable": True,
        "dtype": "float32",
        "units": 2,
        "activation": "linear",
        "use_bias": True,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
        "kernel_regularizer": None,
        **options,
    }
    return {"class_name": "Dense", "config": config}


def model_config(*layers, shape=(3,)):
    entry = {"batch_input_shape": [None, *shape], "dtype": "float32", "name": "dense_input"}
    inputs = {"class_name": "InputLayer", "config": entry}
    inner = {"name": "sequential", "layers": [inputs, *(layers or (dense_config(),))]}
    return {"class_name": "Sequential", "config": inner}


def write_keras2(path, config=None, edit=None, text=None, mode="w"):
    """Write a Sequential of one Dense(3, 2), as tf.keras 2 does; `edit` may then spoil it."""
    # Only in its latest format does HDF5 keep an attribute of more than 64 KiB in one piece.
    with h5py.File(path, mode, libver="latest" if isinstance(text, np.ndarray) else None) as file:
        text = json.dumps(config or model_config()) if text is None else text
        file.attrs["model_config"] = text if isinstance(text, np.ndarray) else text.encode()
        file.attrs["keras_version"] = b"2.15.0"
        weights = file.create_group("model_weights")
        others = _names(config) - {"dense", "top_level_model_weights"}
        weights.attrs["layer_names"] = ["dense", *sorted(others)]
        for name in others:
            weights.create_group(name).attrs["weight_names"] = np.empty(0, "S1")
        group = weights.create_group("dense")
        group.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
        group.create_dataset("dense/kernel:0", data=KERNEL)
        group.create_dataset("dense/bias:0", data=BIAS)
        if edit is not None:
            edit(file)
    return path


def _names(config):
    """Return the names of a configuration's layers, as far as they can stand in a file."""
    config = config if isinstance(config, dict) else model_config()
    entries = config["config"].get("layers", [])[1:]
    names = {entry["config"].get("name") for entry in entries if isinstance(entry, dict)
             and isinstance(entry.get("config"), dict)
             and isinstance(entry["config"].get("name"), str)}  # fmt: skip
    return {name for name in names if name and "/" not in name}


def replace_kernel(**options):
    """Return an edit that puts another dataset into the kernel's place."""

    def edit(file):
        del file[KERNEL_PATH]
        file.create_dataset(KERNEL_PATH, **options)

    return edit


def reseal(path, edit=None, epoch=0):
    """Spoil a file of ours, and set a seal that fits what it has become."""
    if edit is not None:
        with h5py.File(path, "r+") as file:
            edit(file)
    content = bytearray(path.read_bytes())
    content[:SEAL_BYTES] = bytes(SEAL_BYTES)
    set_seal(content, epoch)
    path.write_bytes(content)


def as_format(path, version, epoch=0):
    """Make a whole file of another format out of a file of ours."""
    content = bytearray(path.read_bytes())
    set_seal(content, epoch, version)
    path.write_bytes(content)


def as_a_later_format(path, epoch=0):
    """Make a whole file of the format after ours out of a file of ours."""
    as_format(path, FORMAT_VERSION + 1, epoch)


def edit_record(change):
    """Return an edit that lets `change` work on our record, or replace it."""

    def edit(file):
        record = json.loads(file[RECORD][()])
        record = change(record) or record
        del file[RECORD]
        file[RECORD] = np.bytes_(json.dumps(record).encode())

    return edit
