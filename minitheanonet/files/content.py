"""What a model file holds, checked piece by piece as it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5g

from minitheanonet.checks import checked_path, checked_seed
from minitheanonet.files import hdf5_reader
from minitheanonet.files.errors import RefusedError, reading
from minitheanonet.files.from_keras import from_keras
from minitheanonet.files.hdf5_writer import METADATA, STATE, WEIGHTS, sha256
from minitheanonet.files.heaps import check_heaps
from minitheanonet.files.limits import MAX_ARRAY_BYTES, MAX_CONFIG_BYTES, MAX_METADATA_BYTES
from minitheanonet.files.seal import Seal, open_file, verify
from minitheanonet.files.spec import NetworkSpec, arrays_of

__all__ = ["Content", "opened"]

_MAX_WEIGHT_NAME = 2048  # Keras's names are paths, and begin with those of the networks around


@dataclass(frozen=True)
class Content:
    """An open model file: its seal and our record (both None in Keras's), its architecture."""

    root: h5g.GroupID
    file_bytes: int
    seal: Seal | None
    metadata: dict[str, Any] | None
    network: NetworkSpec

    def option(self, key: str, kind: type) -> Any:
        """Return what our record says under `key`, of this type; None if it says nothing."""
        value = (self.metadata or {}).get(key)
        if value is not None and not isinstance(value, kind):
            raise RefusedError(f"its {key} is not a {kind.__name__}")
        return value

    def seed(self) -> int | None:
        """Return the network's seed; None if our record says nothing of it."""
        value = self.option("seed", int)
        try:
            return None if value is None else checked_seed(value, "its seed")
        except ValueError as error:
            raise RefusedError(str(error).removesuffix(".")) from error

    def weights(self) -> list[np.ndarray]:
        """Return the network's arrays, in the order of `arrays_of`."""
        weights = hdf5_reader.group(self.root, WEIGHTS)
        wanted: dict[str, list[tuple[int, ...]]] = {}
        for array in arrays_of(self.network):
            wanted.setdefault(array.layer, []).append(array.shape)
        sources = {}
        for layer, shapes in wanted.items():
            own = hdf5_reader.group(weights, layer)
            names = hdf5_reader.read_names(
                own, "weight_names", len(shapes), _MAX_WEIGHT_NAME, layer
            )
            for name, shape in zip(names, shapes, strict=True):
                path = f"{WEIGHTS}/{layer}/{name}"
                sources[path] = self._source(path, shape, self.network.dtype)
        if len(sources) < len(arrays_of(self.network)):
            raise RefusedError("two of its weights have the same name")
        return list(self._read(sources).values())

    def state(self, wanted: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the optimizer's state: the arrays of these names, shaped and typed like these."""
        sources = {
            f"{STATE}/{name}": self._source(f"{STATE}/{name}", like.shape, like.dtype.name)
            for name, like in wanted.items()
        }
        return dict(zip(wanted, self._read(sources).values(), strict=True))

    def _source(self, path: str, shape: tuple[int, ...], dtype: str) -> tuple[h5d.DatasetID, str]:
        return hdf5_reader.dataset(self.root, path, shape, dtype, self.file_bytes), dtype

    def _read(self, sources: Mapping[str, tuple[h5d.DatasetID, str]]) -> dict[str, np.ndarray]:
        """Read datasets, after looking at what they come to together."""
        total = sum(source.get_storage_size() for source, _ in sources.values())
        if total > min(self.file_bytes, MAX_ARRAY_BYTES):
            raise RefusedError(
                f"its arrays come to {total:,} bytes: more than the file has, or more than the "
                f"{MAX_ARRAY_BYTES:,} that are allowed"
            )
        return {path: self._array(path, *source) for path, source in sources.items()}

    def _array(self, path: str, source: h5d.DatasetID, dtype: str) -> np.ndarray:
        array = hdf5_reader.read_array(source, dtype)
        if self.metadata is not None and self.metadata["sha256"].get(path) != sha256(array):
            raise RefusedError(f"the numbers in {path} are not those that were saved (SHA-256)")
        return array


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Content]:
    """Open a model file for reading, ours or Keras's, after verifying the seal if it has one.

    Inside the context every failure becomes a `ModelFileError`. The file is opened once, so what
    is verified is what is read, even if another takes its place meanwhile.
    """
    path = checked_path(path, "path")
    with reading(path), open_file(path) as raw:
        seal = verify(raw, path)
        file_bytes = os.fstat(raw.fileno()).st_size
        check_heaps(raw, file_bytes)
        with h5py.File(raw, "r") as file:
            if file.id.get_create_plist().get_sizes() != (8, 8):
                raise RefusedError("its addresses and lengths are not of 8 bytes")
            root = h5py.h5g.open(file.id, b"/")
            config = hdf5_reader.read_json(root, "model_config", MAX_CONFIG_BYTES)
            metadata = _metadata(root, file_bytes) if seal else None
            yield Content(root, file_bytes, seal, metadata, from_keras(config))


def _metadata(root: h5g.GroupID, file_bytes: int) -> dict[str, Any]:
    text = hdf5_reader.read_text_dataset(root, METADATA, MAX_METADATA_BYTES, file_bytes)
    record = hdf5_reader.parsed(text, METADATA)
    if not isinstance(record, dict) or not isinstance(record.get("sha256"), dict):
        raise RefusedError(f"{METADATA} has no digests in it")
    return record
