"""What a training compiles, on devices."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from minitheanonet.devices import processes
from minitheanonet.devices.backend import Jax
from minitheanonet.devices.mesh import Devices
from minitheanonet.devices.programs import Program, Residence
from minitheanonet.training.batches import Batch, Batches
from minitheanonet.training.functions import Functions
from minitheanonet.training.state import TrainingState
from minitheanonet.training.step import Objective

CHUNK = 64  # steps of a loop on the devices, after which Ctrl-C is heard


class JaxFunctions(Functions):
    """The functions of a training as programs on devices.

    Parameters
    ----------
    objective : Objective
    state : TrainingState
    backend : Jax
    """

    def __init__(self, objective: Objective, state: TrainingState, backend: Jax) -> None:
        super().__init__(objective, state)
        self._devices, self._asked = Devices(backend.devices), backend.resident
        self._residence = Residence(self._devices)
        self._data: tuple[Any, list] = None, []

    @property
    def writes(self) -> bool:
        return processes.is_first()

    def resident(self) -> AbstractContextManager[None]:
        return self._residence.opened()

    def highest(self, value: float) -> float:
        return processes.highest(value)

    def begin(self, told: Mapping[str, Any], *sources: Batches | None) -> None:
        if processes.are_several():
            things = {name: repr(value).encode() for name, value in told.items()}
            state = self._state.variables().items()
            things |= {name: variable.get_value().tobytes() for name, variable in state}
            things["memory"] = repr(self._keeps(sources[0].arrays)).encode()
            for name, source in zip(("training data", "validation data"), sources, strict=True):
                things[name] = _described(source)
            processes.check_same(things)

    def steps(
        self, batches: Batches, order: np.ndarray | None, halt: Callable[[], bool]
    ) -> Iterator[tuple[list, int]]:
        # Outside a residence somebody looks at the shared variables between two steps.
        if not (self._residence.is_open and self._keeps(batches.arrays)):
            yield from super().steps(batches, order, halt)
            return
        order = np.arange(len(batches.arrays[0])) if order is None else order
        size = batches.batch_size
        whole = len(order) // size  # the batches of full length
        for start in range(0, whole, CHUNK):
            stop = min(start + CHUNK, whole)
            for number, figures in enumerate(self._loop(batches, order, start, stop), start):
                if not math.isfinite(figures[0]):
                    self._last = batches.rows(order[number * size :][:size]), batches.inputs
                yield figures, size
            if halt():
                return
        if len(order) % size:
            rest = batches.rows(order[whole * size :])
            yield self.step(rest, batches.inputs), len(rest[0])

    def culprit(self) -> str:
        batch, inputs = self._last
        if isinstance(batch, processes.Part):
            self._last = processes.joined(batch), inputs
        return super().culprit()

    def _keeps(self, arrays: Batch | None) -> bool:
        """Say whether a source's arrays are to lie on the devices."""
        if arrays is None or self._asked is False:
            return False
        return self._asked or self._devices.have_room(arrays)

    def _loop(self, batches: Batches, order: np.ndarray, start: int, stop: int) -> Iterator[tuple]:
        """Take steps in a loop on the devices, and give each one's figures."""
        size, devices = batches.batch_size, self._devices
        first = batches.rows(order[:size])
        program = self._step_for(first, batches.inputs)
        if self._data[0] is not batches:
            self._data = (
                batches,
                [
                    devices.put(_smaller(array, part.dtype), devices.whole)
                    for array, part in zip(batches.arrays, first, strict=True)
                ],
            )
        rows = np.zeros((CHUNK, size), "int32")
        rows[: stop - start] = order[start * size : stop * size].reshape(-1, size)
        columns = program.loop(self._data[1], rows, stop - start)
        return zip(*(column[: stop - start] for column in columns), strict=True)

    def _taken(self, batches: Batches, order: np.ndarray | None) -> Iterable[Batch]:
        taken = super()._taken(batches, order)
        are_parts = batches.arrays is None and processes.are_several()
        return processes.parts(taken) if are_parts else taken

    def _call(self, function: Program, batch: Batch) -> list[np.ndarray]:
        return function.run(batch)

    def _compiled(self, inputs: list, outputs: list, updates: Any = None) -> Program:
        return Program(self._residence, inputs, outputs, dict(updates or {}))


def _described(source: Batches | None) -> bytes:
    """Return what tells a source's arrays from others: their shapes, and the targets."""
    if source is None or source.arrays is None:
        return repr(source is None).encode()
    shapes = [(array.shape, array.dtype.str) for array in source.arrays]
    return repr(shapes).encode() + source.arrays[source.inputs].tobytes()


def _smaller(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return an array as it is or as `dtype`, whichever takes less memory."""
    return array if array.itemsize < dtype.itemsize else array.astype(dtype, copy=False)
