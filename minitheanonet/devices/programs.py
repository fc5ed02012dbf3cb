"""Graphs as programs on devices, and the shared variables' values while they are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from minitheanonet.devices.mesh import Devices, fetched
from minitheanonet.devices.processes import check_same, together
from minitheanonet.engine import SharedVariable, Variable
from minitheanonet.engine.jax import pure


class Residence:
    """The values of shared variables on the devices, within `opened`; outside, they have them."""

    def __init__(self, devices: Devices) -> None:
        self.devices = devices
        self._values: dict[SharedVariable, jax.Array] = {}
        self._changed: set[SharedVariable] = set()
        self.is_open = False

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Keep values on the devices from their first use on; give them back in the end."""
        if self.is_open:
            yield
            return
        self.is_open = True
        try:
            yield
        finally:
            self.is_open = False
            for variable in self._changed & self._values.keys():
                variable.set_value(fetched(self._values[variable]), borrow=True)
            self._values, self._changed = {}, set()

    def values(self, variables: Sequence[SharedVariable]) -> list[jax.Array]:
        """Return values to read."""
        for variable in variables:
            if variable not in self._values:
                value = variable.get_value(borrow=True)
                self._values[variable] = self.devices.put(np.asarray(value), self.devices.whole)
        return [self._values[variable] for variable in variables]

    def taken(self, variables: Sequence[SharedVariable]) -> list[jax.Array]:
        """Return values whose memory may be used again: should the program fail, they are gone."""
        values = self.values(variables)
        for variable in variables:
            del self._values[variable]
        return values

    def change(self, variables: Sequence[SharedVariable], values: Sequence[jax.Array]) -> None:
        """Set new values."""
        self._values.update(zip(variables, values, strict=True))
        self._changed.update(variables)


class Program:
    """A graph on the devices.

    Parameters
    ----------
    residence : Residence
    inputs, outputs : sequence of symbolic variables
    updates : mapping, shared variable → expression
    """

    def __init__(
        self,
        residence: Residence,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        updates: Mapping[SharedVariable, Variable],
    ) -> None:
        self._residence, self._inputs, self._outputs = residence, inputs, outputs
        run, held = pure(inputs, [*updates.values(), *outputs])
        self._moving = list(updates)
        self._fixed = [variable for variable in held if variable not in updates]
        names, n = [*self._moving, *self._fixed], len(updates)

        def step(moving: list, fixed: list, batch: Sequence) -> tuple[list, list]:
            values = dict(zip(names, [*moving, *fixed], strict=True))
            results = run(*(values[variable] for variable in held), *batch)
            return list(results[:n]), list(results[n:])

        self._step = step
        whole = residence.devices.whole
        self._one = jax.jit(step, donate_argnums=0, out_shardings=whole)
        self._many = jax.jit(self._loop, donate_argnums=0, out_shardings=whole)
        self._compared: set[Any] = set()

    def __call__(self, *batch: np.ndarray) -> list[np.ndarray]:
        """Run the program once and return the outputs."""
        return self.run(batch)

    def run(self, batch: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Run it once with a batch, or with this process's `Part` of one."""
        return self._run(self._one, self._residence.devices.put_batch(batch))

    def loop(self, data: list, rows: np.ndarray, count: int) -> list[np.ndarray]:
        """Run it with batches of data that lie on the devices, until the loss is not finite.

        Parameters
        ----------
        data : list of arrays
        rows : array of int, shape (any, examples)
            The examples of each batch.
        count : int
            How many batches.

        Returns
        -------
        list of arrays, shape (any,)
            Each output's values; zero where nothing was run.
        """
        rows = self._residence.devices.put_rows(rows)
        return self._run(self._many, data, rows, np.int32(count))

    def _run(self, program: Any, *arguments: Any) -> list[np.ndarray]:
        with self._residence.opened(), together():
            moving, fixed = self._residence.taken(self._moving), self._residence.values(self._fixed)
            self._compare(program, (moving, fixed, *arguments))
            moved, outputs = program(moving, fixed, *arguments)
            self._residence.change(self._moving, moved)
            return [fetched(output) for output in outputs]

    def _compare(self, program: Any, arguments: tuple) -> None:
        """Refuse, once for each, a program that another process compiles otherwise."""
        kind = program, *((array.shape, array.dtype) for array in jax.tree.leaves(arguments))
        if jax.process_count() > 1 and kind not in self._compared:
            check_same({"program": program.lower(*arguments).as_text().encode()})
            self._compared.add(kind)

    def _loop(
        self, moving: list, fixed: list, data: list, rows: Any, count: Any
    ) -> tuple[list, list]:
        def goes_on(carried: tuple) -> Any:
            number, is_finite, _, _ = carried
            return is_finite & (number < count)

        def body(carried: tuple) -> tuple:
            number, _, moving, columns = carried
            batch = [
                jnp.take(array, rows[number], axis=0, mode="clip").astype(variable.dtype)
                for array, variable in zip(data, self._inputs, strict=True)
            ]
            moving, figures = self._step(moving, fixed, batch)
            columns = [
                column.at[number].set(figure)
                for column, figure in zip(columns, figures, strict=True)
            ]
            return number + 1, jnp.isfinite(figures[0]), moving, columns

        columns = [jnp.zeros(len(rows), output.dtype) for output in self._outputs]
        start = jnp.int32(0), jnp.bool_(True), moving, columns
        _, _, moving, columns = jax.lax.while_loop(goes_on, body, start)
        return moving, columns
