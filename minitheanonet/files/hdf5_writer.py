"""The bytes of a model file: HDF5, built in memory, behind a seal."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import h5py
import numpy as np

from minitheanonet.files.errors import RefusedError
from minitheanonet.files.limits import MAX_CONFIG_BYTES, MAX_METADATA_BYTES
from minitheanonet.files.seal import SEAL_BYTES, set_seal
from minitheanonet.files.spec import ArraySpec, NetworkSpec, arrays_of
from minitheanonet.files.to_keras import to_keras

__all__ = ["METADATA", "STATE", "WEIGHTS", "file_content", "sha256"]

WEIGHTS = "model_weights"
METADATA = "minitheanonet/metadata"
STATE = "minitheanonet/optimizer"


def _weight_path(array: ArraySpec) -> str:
    """Return where in a file of ours the array lies."""
    return f"{WEIGHTS}/{array.layer}/{array.name}"


def file_content(
    network: NetworkSpec,
    weights: Sequence[np.ndarray],
    metadata: dict[str, Any],
    state: Mapping[str, np.ndarray],
    epoch: int,
) -> bytearray:
    """Return the whole file.

    Parameters
    ----------
    network : NetworkSpec
    weights : sequence of arrays
        In the order of `arrays_of`.
    metadata : dict
        What goes into our own record; the arrays' digests are added.
    state : mapping of str to array
        The optimizer's state, by name.
    epoch : int
        Of a checkpoint, else 0.
    """
    arrays = {
        _weight_path(array): value for array, value in zip(arrays_of(network), weights, strict=True)
    }
    arrays |= {f"{STATE}/{name}": value for name, value in state.items()}
    arrays = {path: _little_endian(value) for path, value in arrays.items()}
    digests = {path: sha256(value) for path, value in arrays.items()}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=SEAL_BYTES) as file:
        file.attrs["model_config"] = _json(to_keras(network), MAX_CONFIG_BYTES)
        _write_names(file.create_group(WEIGHTS), network)
        for path, value in arrays.items():
            file.create_dataset(path, data=value)
        record = _json({**metadata, "sha256": digests}, MAX_METADATA_BYTES)
        file.create_dataset(METADATA, data=np.bytes_(record.encode("ascii")))
    content = bytearray(buffer.getvalue())
    set_seal(content, epoch)
    return content


def sha256(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's bytes, in the order of its rows."""
    return hashlib.sha256(array.reshape(-1)).hexdigest()


def _write_names(group: h5py.Group, network: NetworkSpec) -> None:
    """Write which layers there are and which arrays each has: Keras goes by these, in order."""
    group.attrs["layer_names"] = _names([layer.name for layer in network.layers])
    for layer in network.layers:
        names = [array.name for array in arrays_of(network) if array.layer == layer.name]
        group.create_group(layer.name).attrs["weight_names"] = _names(names)


def _names(names: list[str]) -> np.ndarray:
    """Return names as an array of fixed-length strings: nothing in our files is open-ended."""
    return np.array([name.encode("utf-8") for name in names], dtype=None if names else "S1")


def _little_endian(value: np.ndarray) -> np.ndarray:
    return np.asarray(value, dtype=value.dtype.newbyteorder("<"), order="C")


def _json(content: Any, limit: int) -> str:
    text = json.dumps(content, allow_nan=False)
    if len(text) > limit:
        raise RefusedError(
            f"its description takes {len(text):,} bytes, and at most {limit:,} are allowed",
            "Use fewer layers, shorter names or a shorter history",
        )
    return text
