"""The HDF5 part of a model file: its bytes, and what lies where in one that anybody may have made.

HDF5's own code is not proof against damage: some files keep it busy for ever, some make it ask for
any memory. So it never sees a file in this process. `hdf5_reader` looks through it in a process of
its own, behind a wall of memory and time, and says where the arrays lie; their bytes are read here.
"""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from minitheanonet.files.errors import RefusedError
from minitheanonet.files.whole import SEAL_BYTES, set_seal

# The reader's own limit of processor time is shorter. This one is for systems that have none, and
# wide enough for a machine that is busy.
_SECONDS = 60
MAX_CONFIG_BYTES = 2**20
MAX_RECORD_BYTES = 2**26  # it holds the history of a training

Table = dict[str, Any]


def look_through(file: BinaryIO) -> Table:
    """Return what lies where in an HDF5 file, as `hdf5_reader` tells it."""
    libraries = [str(Path(module.__file__).parents[1]) for module in (h5py, np)]
    command = [sys.executable, "-I", str(Path(__file__).with_name("hdf5_reader.py")), *libraries]
    lean = {"OPENBLAS_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}
    options = {"stdin": file, "capture_output": True, "env": {**os.environ, **lean}}
    try:
        reader = subprocess.run(command, timeout=_SECONDS, check=False, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = f"the process that is to look through it can't begin, or does not end ({error})"
        raise RefusedError(reason, "Try again on a machine that is less busy") from error
    if reader.returncode:
        reason = "HDF5 took too long to look through it, asked for too much memory, or crashed"
        raise RefusedError(f"{reason} (its process ended with {reader.returncode})")
    found = json.loads(reader.stdout)
    if "refused" in found:
        raise RefusedError(*found["refused"])
    size = os.fstat(file.fileno()).st_size
    _check_extents([e for one in found.get("weights", {}).values() for e in one.values()], size)
    _check_extents(found.get("state", {}).values(), size)
    return found


def array_at(file: BinaryIO, extent: list) -> np.ndarray:
    """Return the array that an extent tells of, in this machine's byte order.

    An extent is dtype, shape and offset in the file.
    """
    dtype, shape, offset = extent
    file.seek(offset)
    array = np.fromfile(file, dtype, math.prod(shape)).reshape(shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def parsed(text: str | bytes, what: str, limit: int = MAX_RECORD_BYTES) -> Table:
    """Return a table in JSON that has no key twice."""
    text = _within(limit, text)
    try:
        table = json.loads(text, object_pairs_hook=_unique)
    except ValueError as error:
        raise RefusedError(f"{what} is no JSON ({error})") from error
    if not isinstance(table, dict):
        raise RefusedError(f"{what} is no table")
    return table


def file_content(
    record: Table, config: Table | None, weights: Mapping[str, Table], state: Mapping[str, Any]
) -> bytearray:
    """Return the whole file.

    Parameters
    ----------
    record : dict
        Our own, plain JSON; ``training`` is that of a checkpoint, else None.
    config : dict or None
        The network as Keras's JSON.
    weights : mapping of layer to mapping of name to variable
        In the order in which Keras lists them.
    state : mapping of name to variable
        Of a checkpoint. A variable that is among the weights too is stored once, with two names.
    """
    buffer, places = io.BytesIO(), {}
    with h5py.File(buffer, "w", userblock_size=SEAL_BYTES) as file:
        if config is not None:
            text = json.dumps(config, allow_nan=False)
            file.attrs["model_config"] = _within(MAX_CONFIG_BYTES, text)
            group = file.create_group("model_weights")
            group.attrs["layer_names"] = _names(weights)
            for layer, variables in weights.items():
                own = group.create_group(layer)
                own.attrs["weight_names"] = _names(variables)
                for name, variable in variables.items():
                    places[variable] = own.create_dataset(name, data=_plain(variable, name))
        for name, variable in state.items():
            place = places[variable] if variable in places else _plain(variable, name)
            file[f"minitheanonet/state/{name}"] = place
        text = _within(MAX_RECORD_BYTES, json.dumps(record, allow_nan=False))
        file["minitheanonet/metadata"] = np.bytes_(text, "ascii")
    content = bytearray(buffer.getbuffer())
    set_seal(content, record["training"]["epoch"] if record["training"] else 0)
    return content


class Weights:
    """The arrays of a file's network, each to be taken once, by layer and name."""

    def __init__(self, file: BinaryIO, found: Table) -> None:
        self._file, self._left = file, found["weights"]

    def take(self, path: tuple[str, ...], key: str, dtype: str) -> np.ndarray:
        """Return the array `key` of the layer at `path`, the outermost network's name first.

        Keras lists arrays by the outermost layer that they belong to, under names that end in
        layer and key, and that begin with some of the networks around them.
        """
        left, wanted = self._left.get(path[1], {}), (*path, key)
        name = max(left, key=lambda name: _likeness(name, wanted), default="")
        if _likeness(name, wanted)[0] < 2:
            raise RefusedError(f"it has no array {key}, or not one of its own")
        array = array_at(self._file, left.pop(name))
        if array.dtype != dtype:
            raise RefusedError(f"its {key} is {array.dtype}, not {dtype}")
        return array

    def check_taken(self, layers: Iterable[str]) -> None:
        """Refuse a list of layers that is another, and arrays that no layer has taken."""
        others = set(layers).symmetric_difference(self._left) - {"top_level_model_weights"}
        for odd in [*others, *(f"{a}/{name}" for a, left in self._left.items() for name in left)]:
            raise RefusedError(f"what it describes, and the arrays it has, differ in {odd:.200}")


def _likeness(name: str, wanted: tuple[str, ...]) -> tuple[int, int]:
    """Say how many steps at its end a name has in common with a path; then, how few others."""
    path = "/" + name.removesuffix(":0")
    common = sum(path.endswith("/".join(["", *wanted[i:]])) for i in range(len(wanted)))
    return common, -path.count("/")


def _check_extents(extents: Iterable[list], file_bytes: int) -> None:
    """Refuse arrays that share bytes or leave the file: together they can't be more than it is."""
    end = 0
    for dtype, shape, offset in sorted(extents, key=lambda extent: extent[2]):
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if size and not end <= offset <= file_bytes - size:
            raise RefusedError("two of its arrays are the same bytes, or one is not all there")
        end = max(end, offset + size)


def _names(names: Iterable[str]) -> np.ndarray:
    """Return names as an array of texts of fixed length."""
    listed = np.array([name.encode("utf-8") for name in names] or np.empty(0, "S1"))
    if listed.nbytes > 64_000:  # of an attribute HDF5 keeps at most 64 KiB
        raise RefusedError("the names of its layers take more than 64 KiB", "Use shorter names")
    return listed


def _plain(variable: Any, name: str) -> np.ndarray:
    """Return a variable's value as it is stored."""
    value = np.asarray(variable.get_value(borrow=True))
    if value.dtype.kind not in "fiu":
        raise RefusedError(f"{name} is {value.dtype}, no array of numbers", "Keep it as one")
    if "\0" in name or {"", ".", ".."}.intersection(name.split("/")):
        raise RefusedError(f"the name {name!r:.80} can't stand in a file", "Choose another")
    return np.asarray(value, dtype=value.dtype.newbyteorder("<"), order="C")


def _within(limit: int, text: Any) -> Any:
    """Return a text that is no longer than is allowed."""
    if len(text) > limit:
        reason = f"its description takes {len(text):,} bytes, and at most {limit:,} are allowed"
        raise RefusedError(reason, "Use fewer layers, shorter names or a shorter history")
    return text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise RefusedError(f"its JSON has a key twice: {[key for key, _ in pairs]!r:.100}")
    return dict(pairs)
