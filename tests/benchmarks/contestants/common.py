"""What every contestant does alike: read the problem, time its epochs, and report."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Problem:
    """Data, initial weights and settings."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    weights: list[np.ndarray]
    batch: int
    epochs: int
    dropout: float
    seed: int
    target: float | None  # the accuracy at which to end, if one is asked for

    def shuffled(self, epoch: int) -> list[np.ndarray]:
        """Return an epoch's batches as arrays of indices."""
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.x_train))
        return [order[i : i + self.batch] for i in range(0, len(order), self.batch)]


def read() -> Problem:
    """Read the problem from the folder that the command line names."""
    folder = Path(sys.argv[1])
    settings = json.loads((folder / "settings.json").read_text())
    arrays = {
        name: np.load(folder / f"{name}.npy") for name in Problem.__annotations__ if "_" in name
    }
    weights = [np.load(folder / f"W{i}.npy") for i in range(len(settings["widths"]) - 1)]
    return Problem(
        **arrays,
        weights=weights,
        batch=settings["batch"],
        epochs=settings["epochs"],
        dropout=settings["dropout"],
        seed=int(sys.argv[2]),
        target=settings.get("target"),
    )


def run(
    problem: Problem, train_epoch: Callable[[int], None], accuracy: Callable[[], float]
) -> None:
    """Train the epochs, timing each, and report; where there is a target, look after each epoch."""
    seconds = []
    first, reached = 0.0, None
    for epoch in range(problem.epochs):
        started = time.perf_counter()
        train_epoch(epoch)
        seconds.append(time.perf_counter() - started)
        first = first or time.time()
        if problem.target and accuracy() >= problem.target:
            reached = time.time()
            break
    report(seconds, first, accuracy(), reached)


def report(
    seconds: list[float],
    first_epoch_ended: float,
    accuracy: float | None,
    reached: float | None = None,
) -> None:
    """Print the results as one line of JSON."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = {
        "seconds": seconds,
        "first_epoch_ended": first_epoch_ended,
        "accuracy": accuracy,
        "reached": reached,
        "peak_mb": kilobytes / 1024,
    }
    print(json.dumps(result), flush=True)
