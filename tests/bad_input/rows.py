"""What a row of the table of bad inputs is, and the small things that the rows are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import minitheanonet as mtn


@dataclass(frozen=True)
class Bad:
    """A call that is refused: with which error, naming which thing, and how to mend it."""

    name: str  # the public name that is called
    what: str  # what is bad about the input
    call: Callable[..., Any]
    error: type[Exception]
    thing: str  # regular expressions that the message holds
    mend: str
    by: str = "minitheanonet"  # who raises it

    def __str__(self) -> str:
        return f"{self.name}-{self.what}"


@dataclass(frozen=True)
class Fine:
    """A call that is unusual and all the same gives what the plain one gives."""

    name: str
    what: str
    call: Callable[[], Any]
    plain: Callable[[], Any]

    def __str__(self) -> str:
        return f"{self.name}-{self.what}"


rng = np.random.default_rng(0)
x = rng.normal(size=(12, 2)).astype("float32")
y = np.arange(12, dtype="int32") % 3
one_hot = np.eye(3, dtype="float32")[y]


def make_net(**options: Any) -> mtn.Sequential:
    return mtn.Sequential(mtn.Dense(2, 3), mtn.Softmax(), seed=0, **options)


def make_trainer(
    loss: Any = mtn.categorical_crossentropy, network: Any = None, **options: Any
) -> mtn.Trainer:
    network = make_net() if network is None else network
    return mtn.Trainer(network, loss, options.pop("optimizer", mtn.SGD(0.1)), **options)


def fit(*data: Any, trainer: mtn.Trainer | None = None, **options: Any) -> list[np.ndarray]:
    """Train and return the parameters."""
    trainer = trainer or make_trainer()
    trainer.fit(*data, progress=False, **options)
    return [param.get_value() for param in trainer.network.params]


NO_NUMBERS = {"text": "0.1", "None": None, "a list": [0.1], "True": True, "NaN": float("nan")}
NO_WHOLES = {"zero": 0, "negative": -1, "a fraction": 2.5, "text": "3", "None": None, "True": True}
NO_SEEDS = {"negative": -1, "a fraction": 1.5, "text": "a", "True": True, "above 2**128": 2**128}
NO_PATHS = {"None": None, "a number": 3, "bytes": b"a.h5", "a list": ["a.h5"]}
SEED = "whole number from 0"
WHOLE = "positive whole number"
PATH = "must be a path, a str or an os.PathLike"

# The same numbers as another make of array.
PREPARED = {
    "Fortran order": np.asfortranarray,
    "not contiguous": lambda a: np.repeat(a, 2, axis=0)[::2],
    "reversed twice": lambda a: a[::-1].copy()[::-1],
    "read-only": lambda a: np.lib.stride_tricks.as_strided(a, writeable=False),
    "float64": lambda a: a.astype("float64"),
    "big-endian": lambda a: a.astype(">f4"),
    "a list": lambda a: a.tolist(),
}
