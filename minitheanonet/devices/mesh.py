"""The devices of a training, and what lies on them."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from minitheanonet.devices.processes import Part, joined

_ASSUMED = 4 * 2**30  # bytes of memory, of a device that doesn't say: the host itself


class Devices:
    """Devices in a row, over which the examples of a batch are spread.

    Parameters
    ----------
    count : "all" or int
        How many of each process's.

    Attributes
    ----------
    whole, spread : sharding
        A copy on each device; a part of the examples on each.
    """

    def __init__(self, count: str | int) -> None:
        own = jax.local_device_count()
        if count != "all" and count > own:
            raise ValueError(f"Jax: devices={count}, and JAX has {own} in this process.")
        each = None if count == "all" else count
        row = [d for rank in range(jax.process_count()) for d in jax.local_devices(rank)[:each]]
        self.mesh = Mesh(np.array(row), ("examples",))
        self.whole = NamedSharding(self.mesh, PartitionSpec())
        self.spread = NamedSharding(self.mesh, PartitionSpec("examples"))
        self._of_rows = NamedSharding(self.mesh, PartitionSpec(None, "examples"))

    def __len__(self) -> int:
        return self.mesh.size

    def have_room(self, arrays: Sequence[np.ndarray]) -> bool:
        """Say whether arrays take at most a quarter of a device's memory."""
        told = self.mesh.local_devices[0].memory_stats() or {}
        size = sum(array.nbytes for array in arrays)
        return size <= told.get("bytes_limit", _ASSUMED) / 4

    def put(self, array: np.ndarray, sharding: NamedSharding) -> jax.Array:
        """Return an array, of which each device gets a copy of what it is to have."""
        # Copies indeed: JAX may read what it is given later on, or write into it.
        with jax.enable_x64(True):
            return jax.make_array_from_callback(
                array.shape, sharding, lambda part: np.array(array[part], order="C")
            )

    def put_batch(self, batch: Sequence[np.ndarray]) -> list[jax.Array]:
        """Spread a batch if it can be divided, else give it to each device."""
        is_part = isinstance(batch, Part)
        if is_part and len(batch[0]) * jax.process_count() % len(self) == 0:
            with jax.enable_x64(True):
                return [
                    jax.make_array_from_process_local_data(self.spread, np.array(array))
                    for array in batch
                ]
        batch = joined(batch) if is_part else batch
        sharding = self.whole if len(batch[0]) % len(self) else self.spread
        return [self.put(array, sharding) for array in batch]

    def put_rows(self, rows: np.ndarray) -> jax.Array:
        """Spread the numbers of examples, shape (batches, examples)."""
        return self.put(rows, self.whole if rows.shape[1] % len(self) else self._of_rows)


def fetched(array: jax.Array) -> np.ndarray:
    """Return what every device has a copy of, as an array of NumPy's own."""
    return np.array(array.addressable_data(0))
