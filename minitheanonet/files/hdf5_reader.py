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

import contextlib
import json
import sys
from typing import Any

if __name__ == "__main__":
    sys.path += sys.argv[1:]  # where the caller has h5py and NumPy

import h5py
import numpy as np

LIMITS = {"CPU": 3, "DATA": 2**27, "CORE": 0}  # seconds; bytes; no dump of the memory
MEND = "Save it without compression, chunks and links to other files"


class RefusedError(Exception):
    """Why the file is refused, and perhaps the mend."""


def main() -> None:
    """Answer for the file on standard input."""
    with contextlib.suppress(ImportError):  # on Windows: the caller's clock is the only limit
        import resource

        for name, limit in LIMITS.items():
            kind = getattr(resource, f"RLIMIT_{name}")
            limits = [limit, *(one for one in resource.getrlimit(kind) if one >= 0)]  # -1 is none
            resource.setrlimit(kind, (min(limits), min(limits)))
    try:
        with open(0, "rb", buffering=0, closefd=False) as raw, h5py.File(raw, "r") as file:
            answer = json.dumps(look_through(file))
            if len(answer) > 2**23:
                raise RefusedError("its descriptions are too long")
    except Exception as error:  # HDF5 raises nearly anything for a file that is damaged
        lines = str(error).splitlines() or [type(error).__name__]
        damage = [f"it can't be read ({lines[0][:200]})"]
        answer = json.dumps({"refused": error.args if type(error) is RefusedError else damage})
    print(answer)


def look_through(file: h5py.File) -> dict[str, Any]:
    """Return the answer: see the module's text."""
    answer: dict[str, Any] = {}
    if "model_config" in file.attrs:
        weights = at(file, "model_weights")
        layers = {layer: at(weights, layer) for layer in texts(weights, "layer_names")}
        (answer["config"],) = texts(file, "model_config")
        answer["weights"] = {
            layer: {name: extent(at(group, name)) for name in texts(group, "weight_names")}
            for layer, group in layers.items()
        }
    if "minitheanonet" in file:
        answer["record"] = extent(at(file, "minitheanonet/metadata"), "S")
        paths: list[str] = []
        if "state" in file["minitheanonet"]:
            at(file, "minitheanonet/state").visit(paths.append)
        found = {path: at(file, f"minitheanonet/state/{path}") for path in paths}
        answer["state"] = {p: extent(one) for p, one in found.items() if not hasattr(one, "visit")}
    return answer


def texts(owner: h5py.Group, key: str) -> list[str]:
    """Return the texts in an attribute, none of them twice."""
    if key not in owner.attrs:
        raise RefusedError(f"it has no attribute {key}")
    given = np.ravel(owner.attrs[key]).tolist()
    texts = [text.decode("utf-8") if isinstance(text, bytes) else text for text in given]
    if not all(isinstance(text, str) for text in texts) or len(set(texts)) < len(texts):
        raise RefusedError(f"{key} in {owner.name[:80]} holds something else than texts, each once")
    return texts


def at(root: h5py.Group, path: str) -> Any:
    """Return what is at `path`, reached step by step, through hard links alone."""
    for step in path.split("/"):
        link = root.get(step, getlink=True) if step and isinstance(root, h5py.Group) else None
        if link is None:
            raise RefusedError(f"it has no {path[:200]}")
        if not isinstance(link, h5py.HardLink):
            raise RefusedError(f"{path[:200]} is a link, and links are not followed", MEND)
        root = root[step]
    return root


def extent(array: Any, kinds: str = "fiu") -> list[Any]:
    """Return where the bytes of a dataset lie, if it is of plain numbers or one text."""
    is_array = isinstance(array, h5py.Dataset) and array.shape is not None
    is_plain = is_array and array.dtype.kind in kinds and array.dtype.str[0] in "<|"
    # HDF5 knows more types than NumPy, and h5py takes the nearest.
    if not is_plain or not h5py.h5t.py_create(array.dtype).equal(array.id.get_type()):
        raise RefusedError(f"{array.name[:200]} is no array of plain numbers, or no plain text")
    offset = array.id.get_offset() if array.nbytes else 0
    # Of what is virtual, external, compressed or in chunks HDF5 tells no offset.
    if offset is None or array.id.get_storage_size() != array.nbytes:
        raise RefusedError(f"{array.name[:200]} does not lie in one piece in the file", MEND)
    return [array.dtype.str, array.shape, offset]


if __name__ == "__main__":
    main()
