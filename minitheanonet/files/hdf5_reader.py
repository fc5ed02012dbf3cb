"""Reading HDF5 that anybody may have written: only what was asked for, and only if it is plain.

Every object is looked up step by step through hard links, and its type, layout, shape and stored
size are compared with what they must be before a byte is allocated for it.
"""

from __future__ import annotations

import json
import math
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5o, h5s, h5t

from minitheanonet.files.errors import RefusedError

__all__ = ["dataset", "group", "read_array", "read_json", "read_names", "read_text_dataset"]

_MAX_STEPS = 32  # of a path
_TYPES = {
    "float32": h5t.IEEE_F32LE,
    "float64": h5t.IEEE_F64LE,
    "int64": h5t.STD_I64LE,
}
_KINDS = {"group": (h5o.TYPE_GROUP, h5g.open), "dataset": (h5o.TYPE_DATASET, h5d.open)}


def group(root: h5g.GroupID, path: str) -> h5g.GroupID:
    """Return the group at `path` below `root`, reached through hard links alone."""
    steps = path.split("/")
    if len(steps) > _MAX_STEPS:
        raise RefusedError(f"the path {path[:60]}... has more than {_MAX_STEPS} steps")
    for number, step in enumerate(steps, 1):
        root = _open(root, step, "group", "/".join(steps[:number]))
    return root


def dataset(
    root: h5g.GroupID, path: str, shape: tuple[int, ...], dtype: str, file_bytes: int
) -> h5d.DatasetID:
    """Return the dataset at `path`, if it is a plain one of this shape and dtype, stored whole."""
    found = _dataset(root, path)
    if found.shape != shape:
        raise RefusedError(f"{path} has shape {_shown(found.shape)}, expected {shape}")
    if not found.get_type().equal(_TYPES[dtype]):
        raise RefusedError(f"{path} is not {dtype}")
    _check_storage(found, path, math.prod(shape) * np.dtype(dtype).itemsize, file_bytes)
    return found


def read_array(source: h5d.DatasetID, dtype: str) -> np.ndarray:
    """Return the contents of a dataset that `dataset` has let pass."""
    array = np.empty(source.shape, dtype=dtype)
    source.read(h5s.ALL, h5s.ALL, array)
    return array


def read_text_dataset(root: h5g.GroupID, path: str, limit: int, file_bytes: int) -> str:
    """Return the text of a dataset that is one string of fixed length, at most `limit`."""
    found = _dataset(root, path)
    kind = found.get_type()
    if found.shape != () or not _is_fixed_text(kind):
        raise RefusedError(f"{path} is not one text of fixed length")
    size = kind.get_size()
    if size > limit:
        raise RefusedError(f"{path} declares {size:,} bytes, and at most {limit:,} are allowed")
    _check_storage(found, path, size, file_bytes)
    text = np.empty((), dtype=f"S{size}")
    found.read(h5s.ALL, h5s.ALL, text)
    return text.item().decode("utf-8")


def read_json(owner: h5g.GroupID, name: str, limit: int) -> Any:
    """Return the JSON in an attribute that is one text; Keras writes it without a fixed length."""
    attribute = _attribute(owner, name)
    kind = attribute.get_type()
    if attribute.shape != () or not isinstance(kind, h5t.TypeStringID):
        raise RefusedError(f"the attribute {name} is not one text")
    if _is_fixed_text(kind) and kind.get_size() > limit:
        raise RefusedError(f"the attribute {name} is longer than {limit:,} bytes")
    text = _attribute_values(attribute)[()]
    if len(text) > limit:
        raise RefusedError(f"the attribute {name} is longer than {limit:,} bytes")
    return parsed(text.decode("utf-8"), name)


def parsed(text: str, name: str) -> Any:
    """Return the content of a JSON text, which has no NaN or infinities in it."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise RefusedError(f"{name} is no JSON ({error})") from error


def read_names(owner: h5g.GroupID, name: str, count: int, limit: int, where: str) -> list[str]:
    """Return the names in an attribute that is a list of `count` texts."""
    attribute = _attribute(owner, name)
    kind = attribute.get_type()
    if attribute.shape != (count,) or not isinstance(kind, h5t.TypeStringID):
        shape = _shown(attribute.shape)
        raise RefusedError(f"{where}: {name} has shape {shape}, and {count} names are expected")
    if _is_fixed_text(kind) and kind.get_size() > limit:
        raise RefusedError(f"{where}: a name in {name} is longer than {limit} bytes")
    names = _attribute_values(attribute).tolist()
    if any(len(text) > limit for text in names):
        raise RefusedError(f"{where}: a name in {name} is longer than {limit} bytes")
    return [text.decode("utf-8") for text in names]


def _dataset(root: h5g.GroupID, path: str) -> h5d.DatasetID:
    parent, _, name = path.rpartition("/")
    return _open(group(root, parent) if parent else root, name, "dataset", path)


def _open(parent: h5g.GroupID, name: str, kind: str, path: str) -> Any:
    """Open a child that is there through a hard link, and is what it should be."""
    encoded = name.encode("utf-8")
    if name in ("", ".", "..") or not parent.links.exists(encoded):
        raise RefusedError(f"it has no {path[:200]}")
    if parent.links.get_info(encoded).type != h5py.h5l.TYPE_HARD:
        raise RefusedError(f"{path} is a link to somewhere else, and links are not followed")
    wanted, opener = _KINDS[kind]
    if h5o.get_info(parent, encoded).type != wanted:
        raise RefusedError(f"{path} is not a {kind}")
    return opener(parent, encoded)


def _check_storage(source: h5d.DatasetID, path: str, expected: int, file_bytes: int) -> None:
    """Refuse whatever is not stored as it is, in one piece, inside this file."""
    plan = source.get_create_plist()
    if plan.get_layout() == h5d.VIRTUAL:
        raise RefusedError(f"{path} is virtual: its numbers lie in other files")
    if plan.get_external_count():
        raise RefusedError(f"{path} is external: its numbers lie in another file")
    if plan.get_nfilters():
        raise RefusedError(f"{path} is compressed or filtered", "Save it without compression")
    if plan.get_layout() != h5d.CONTIGUOUS:
        raise RefusedError(f"{path} is not stored in one piece", "Save it without chunks")
    stored, offset = source.get_storage_size(), source.get_offset()
    if stored != expected or offset is None or offset + expected > file_bytes:
        raise RefusedError(f"{path} declares {expected:,} bytes, which are not all there")


def _attribute(owner: h5g.GroupID, name: str) -> h5a.AttrID:
    if not h5a.exists(owner, name.encode("ascii")):
        raise RefusedError(f"it has no attribute {name}")
    return h5a.open(owner, name.encode("ascii"))


def _attribute_values(attribute: h5a.AttrID) -> np.ndarray:
    values = np.empty(attribute.shape, dtype=attribute.dtype)
    attribute.read(values)
    return values


def _is_fixed_text(kind: h5t.TypeID) -> bool:
    return isinstance(kind, h5t.TypeStringID) and not kind.is_variable_str()


def _refuse_constant(constant: str) -> None:
    raise RefusedError(f"its JSON has the constant {constant}")


def _shown(shape: tuple[int, ...] | None) -> str:
    if shape is None:  # of HDF5's null dataspace
        return "none at all"
    return str(shape) if len(shape) <= 8 else f"of {len(shape)} axes"
