"""Looks through an HDF5 file that anybody may have written, and says what lies where in it.

This is run by its path, in a process of its own with little memory and time, by `hdf5`: HDF5's
own code is not proof against a file that is made to do harm. So nothing of this package is
imported here. The file is standard input; the answer is one JSON object on standard output:

    config    text of the attribute model_config
    weights   for each layer in layer_names, for each name in its weight_names, an extent
    record    an extent: our own record, in bytes
    state     for each array in our group of state, by its path there, an extent

An extent is [dtype, shape, offset]: where in the file the numbers lie as they are, so that no
number has to pass through HDF5. What the file doesn't have is left out. A file that is refused
has the answer {"refused": [reason, mend]}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

if __name__ == "__main__":
    sys.path += sys.argv[1:]  # where the caller has h5py and NumPy

import h5py

try:
    import resource
except ImportError:  # on Windows: the caller's clock is the only limit
    resource = None

CPU_SECONDS = 5
DATA_BYTES = 2**27  # of which Python, NumPy and HDF5 need less than half
MAX_OBJECTS = 10_000
MAX_STEPS = 32  # of a path
MEND = "Save it without compression, chunks and links to other files"
Extent = list[Any]


class Refused(Exception):
    """Why the file is refused, and perhaps the mend."""


def main() -> None:
    """Answer for the file on standard input."""
    set_limits()
    try:
        with open(0, "rb", buffering=0, closefd=False) as raw, h5py.File(raw, "r") as file:
            answer = look_through(file)
    except Refused as refusal:
        answer = {"refused": refusal.args}
    except MemoryError:
        answer = {"refused": ["HDF5 asks for too much memory to look through it"]}
    except Exception as error:  # HDF5 raises nearly anything for a file that is damaged
        lines = str(error).splitlines() or [type(error).__name__]
        answer = {"refused": [f"it can't be read ({lines[0][:200]})"]}
    json.dump(answer, sys.stdout)


def set_limits() -> None:
    """Bound what this process may take, and let no dump of its memory be left behind."""
    for name, limit in {"CPU": CPU_SECONDS, "DATA": DATA_BYTES, "CORE": 0}.items():
        if resource is not None:
            kind = getattr(resource, f"RLIMIT_{name}")
            most = resource.getrlimit(kind)[1]
            limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
            resource.setrlimit(kind, (limit, limit))


def look_through(file: h5py.File) -> dict[str, Any]:
    """Return the answer: see the module's text."""
    answer: dict[str, Any] = {}
    if "model_config" in file.attrs:
        config = file.attrs["model_config"]
        if isinstance(config, bytes):
            config = config.decode("utf-8")
        if not isinstance(config, str):
            raise Refused("the attribute model_config is not one text")
        answer |= {"config": config, "weights": weights_of(file)}
    if "minitheanonet" in file:
        answer["record"] = extent_of_text(at(file, "minitheanonet/metadata"))
        own = at(file, "minitheanonet")
        state = arrays_below(at(own, "state")) if "state" in own else ()
        answer["state"] = {name: extent(array) for name, array in state}
    return answer


def weights_of(file: h5py.File) -> dict[str, dict[str, Extent]]:
    """Return the extents of the layers' arrays."""
    weights = at(file, "model_weights")
    found = {}
    for layer in names(weights, "layer_names"):
        own = at(weights, layer)
        found[layer] = {name: extent(at(own, name)) for name in names(own, "weight_names")}
    return found


def names(owner: h5py.Group, key: str) -> list[str]:
    """Return the names in an attribute that is a list of different texts."""
    if key not in owner.attrs:
        raise Refused(f"it has no attribute {key}")
    given = owner.attrs[key].tolist()
    texts = [name.decode("utf-8") if isinstance(name, bytes) else name for name in given]
    if not all(isinstance(name, str) for name in texts) or len(set(texts)) < len(texts):
        raise Refused(f"{key} in {owner.name[:80]} is no list of names, each of them once")
    return texts


def at(root: h5py.Group, path: str) -> Any:
    """Return what is at `path`, reached step by step, through hard links alone."""
    for step in path.split("/", MAX_STEPS):
        link = root.get(step, getlink=True) if step and isinstance(root, h5py.Group) else None
        if link is None:
            raise Refused(f"it has no {path[:200]}")
        if not isinstance(link, h5py.HardLink):
            raise Refused(f"{path[:200]} is a link, and links are not followed", MEND)
        root = root[step]
    return root


def arrays_below(root: h5py.Group) -> Iterator[tuple[str, Any]]:
    """Yield (path, array) of all that lies below `root`."""
    ahead, seen = [("", root)], 0
    while ahead:
        place, group = ahead.pop()
        for name in group:
            seen += 1
            if seen > MAX_OBJECTS or place.count("/") > MAX_STEPS:
                raise Refused("its state has too many arrays, or a path of too many steps")
            found = at(group, name)
            if isinstance(found, h5py.Group):
                ahead.append((f"{place}{name}/", found))
            else:
                yield place + name, found


def extent(array: Any) -> Extent:
    """Return where the numbers of a plain dataset lie."""
    is_array = isinstance(array, h5py.Dataset) and array.shape is not None
    plain = is_array and array.dtype.kind in "fiu" and array.dtype.str[0] in "<|"
    # HDF5 knows more types than NumPy, and h5py takes the nearest.
    if not plain or not h5py.h5t.py_create(array.dtype).equal(array.id.get_type()):
        raise Refused(f"{array.name[:200]} is no array of plain numbers")
    return [array.dtype.name, array.shape, offset(array, array.nbytes)]


def extent_of_text(array: Any) -> Extent:
    """Return where the bytes of one text of fixed length lie."""
    if not isinstance(array, h5py.Dataset) or array.shape != () or array.dtype.kind != "S":
        raise Refused("minitheanonet/metadata is not one text of fixed length")
    return ["uint8", [array.dtype.itemsize], offset(array, array.dtype.itemsize)]


def offset(array: h5py.Dataset, size: int) -> int:
    """Return where in the file a dataset's bytes begin, if they lie there in one piece."""
    begin = array.id.get_offset() if size else 0
    # Of what is virtual, external, compressed or in chunks HDF5 tells no offset.
    if begin is None or array.id.get_storage_size() != size:
        raise Refused(f"{array.name[:200]} does not lie in one piece in the file", MEND)
    return begin


if __name__ == "__main__":
    main()
