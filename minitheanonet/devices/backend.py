"""Where a training runs, if not on the engine's own."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

from minitheanonet import engine
from minitheanonet.checks import positive_int


@dataclass(frozen=True)
class Jax:
    """Runs a training on JAX: ``Trainer(..., backend=mtn.Jax())``.

    Everything else stays as it is: `fit`, `evaluate`, checkpoints, which either way of running
    resumes. Between epochs the shared variables have the values; within one, the devices.

    With several devices each computes its part of every batch, and the gradients are averaged; a
    batch that can't be divided is computed by all of them. In several processes, for which
    ``jax.distributed.initialize`` is called first, all run the same program. Arrays are given to
    all of them as a whole; of a stream each gives its own part of every batch.

    Parameters
    ----------
    devices : "all" or int, default "all"
        How many of the devices that JAX has in a process.
    resident : bool, optional
        Whether the training arrays lie on every device, and an epoch is one loop there. By default
        they do if they take at most a quarter of its memory (of 4 GiB, where JAX doesn't know).
        Both ways give the same bits.

    Raises
    ------
    ImportError
        If JAX is not installed, or the engine is Theano.
    ValueError
        If `devices` is neither, or more than there are.

    Examples
    --------
    >>> Jax(devices=1)  # doctest: +SKIP
    Jax(devices=1, resident=None)
    """

    devices: str | int = "all"
    resident: bool | None = None

    def __post_init__(self) -> None:
        if engine.name != "pytensor":
            raise ImportError(
                "Jax: graphs of Theano don't run on JAX, those of PyTensor do: "
                "MINITHEANONET_ENGINE=pytensor."
            )
        if importlib.util.find_spec("jax") is None:
            raise ImportError("Jax: JAX is not installed: pip install 'minitheanonet[jax]'.")
        if self.devices != "all":
            positive_int(self.devices, 'Jax: devices, if not "all",')
        if self.resident not in (None, True, False):
            raise ValueError(f"Jax: resident must be True, False or None, got {self.resident!r}.")

    def functions(self, objective: Any, state: Any) -> Any:
        """Return what runs a training's graphs."""
        from minitheanonet.devices.functions import JaxFunctions

        return JaxFunctions(objective, state, self)
