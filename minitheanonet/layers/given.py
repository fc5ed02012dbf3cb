"""What a parameter may be given as, what it becomes, and what is wrong with anything else."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minitheanonet.checks import as_real_array, cast
from minitheanonet.engine import SharedVariable, Variable, floats, static_shape


@dataclass(frozen=True)
class Leaf:
    """A variable that a layer has: whether training changes it, its shape, how it was drawn."""

    variable: Variable
    is_parameter: bool
    shape: tuple[int, ...]
    initializer: Callable[..., Any] | None = None
    checksum: int = 0  # of what was drawn before a seed decided it

    @property
    def is_open(self) -> bool:
        """Whether no seed has decided the values yet, nor a training or a user."""
        return self.initializer is not None and self.checksum == _checksum(self.variable)

    def draw(self, label: str, path: str, seed: int | None, decided: bool = True) -> Leaf:
        """Set the variable to what the initialiser draws by (seed, path)."""
        if isinstance(self.initializer, type):
            name = self.initializer.__name__
            raise TypeError(f"{label} is the class {name}. Did you leave out the ()?")
        if seed is None:
            seed, decided = np.random.SeedSequence().entropy, False
        word = int.from_bytes(hashlib.blake2b(path.encode(), digest_size=8).digest(), "little")
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0, word)))
        value = checked_array(label, self.initializer(self.shape, rng), self.shape)
        self.variable.set_value(cast(value, self.variable.dtype, label))
        if decided:
            return replace(self, initializer=None)
        return replace(self, checksum=_checksum(self.variable))


def checked_array(label: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return `value` as a real array, if its shape is `shape`."""
    try:
        array = as_real_array(value, label)
    except TypeError as error:
        raise TypeError(
            f"{label} must be an initialiser, an array of real numbers, a shared or a symbolic "
            f"variable, got {type(value).__name__} {value!r:.60}."
        ) from error
    if array.shape != shape:
        raise ValueError(f"{label} has shape {array.shape}, expected {shape}.")
    return array


def check_symbolic(label: str, given: Variable, shape: tuple[int, ...], dtype: str) -> None:
    """Refuse a symbolic parameter that is known to have another shape or dtype."""
    known = static_shape(floats(given, label))
    if isinstance(given, SharedVariable):
        known = given.get_value(borrow=True).shape
    fits = len(known) == len(shape) and all(
        length in (None, wanted) for length, wanted in zip(known, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{label} has shape {shown(known)}, expected {shape}.")
    if given.dtype != dtype:
        raise TypeError(
            f"{label} is {given.dtype}, but the layer computes in {dtype}: cast it, or build the "
            f'layer with dtype="{given.dtype}".'
        )


def shown(shape: tuple[int | None, ...]) -> str:
    """Return a shape as text, with ? where a length is not known."""
    lengths = ", ".join("?" if length is None else str(length) for length in shape)
    return f"({lengths},)" if len(shape) == 1 else f"({lengths})"


def _checksum(variable: SharedVariable) -> int:
    return zlib.crc32(np.ascontiguousarray(variable.get_value(borrow=True)))
