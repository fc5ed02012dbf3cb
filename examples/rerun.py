"""How `published` trains a row of its tables: the tutorials' stopping, and going on after a cut."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import common
import numpy as np

import minitheanonet as mtn
from minitheanonet import engine


@dataclass(frozen=True)
class TutorialPatience:
    """The tutorials' early stopping: an error below 0.995 of the best buys as many steps again.

    They count steps from 0 and stop within an epoch, whose digits held out are then not looked at:
    that epoch is not begun here.
    """

    patience: int
    steps: int  # in an epoch

    name, watch = "patience", "test_accuracy"

    def __call__(self, history: mtn.History) -> bool:
        """Say whether the steps that were bought end before the next epoch does."""
        best, patience = np.inf, self.patience
        for epoch, accuracy in enumerate(history[self.watch], 1):
            if 1 - accuracy < 0.995 * best:
                patience = max(patience, 2 * (epoch * self.steps - 1))
            best = min(best, 1 - accuracy)
        return patience <= (history.epochs + 1) * self.steps - 2


@dataclass(frozen=True)
class Minutes:
    """A rule that ends a training after so many minutes by the clock, all its goes together."""

    most: int

    name = "minutes"

    def __call__(self, history: mtn.History) -> bool:
        """Say whether they are over."""
        return sum(history["elapsed"]) > 60 * self.most


class Clocks:
    """A callback that adds what each epoch took, all included, to the history."""

    def __init__(self) -> None:
        self.last = self.now()

    def now(self) -> dict[str, float]:
        """Return what the clocks show."""
        return {"elapsed": time.perf_counter(), "processor": time.process_time()}

    def __call__(self, trainer: mtn.Trainer) -> None:
        """Fill in the newest row."""
        now, history = self.now(), trainer.history
        for name, value in now.items():
            column = history.setdefault(name, [None] * history.epochs)
            column[-1] = value - self.last[name]
        self.last = now


def repeat(
    row: Any, data: common.Pair, seed: int, options: argparse.Namespace, folder: Path
) -> dict:
    """Train once, or go on from what `folder` holds; return the test error and what it took."""
    clocks, (train, validation, test) = Clocks(), parts(row, data)
    epochs = min(row.epochs, options.epochs or row.epochs)
    steps = -(-len(train.inputs) // row.batch_size)
    net = row.network(seed)
    weights = [param for path, param in net.parameters.items() if path.endswith("/W")]
    trainer = mtn.Trainer(
        net,
        mtn.categorical_crossentropy,
        row.optimizer(steps * epochs),
        metrics=[mtn.accuracy],
        penalty=row.l2 * mtn.l2(weights) if row.l2 else None,
    )
    rules = [TutorialPatience(row.patience, steps)] if row.patience else []
    if options.minutes:
        rules.append(Minutes(options.minutes))
    best = mtn.Best(TutorialPatience.watch) if row.patience else None
    if mtn.resume(trainer, folder, missing_ok=True):
        print(f"going on after epoch {trainer.epoch} of {epochs}", flush=True)
    if trainer.epoch < epochs:
        trainer.fit(
            train, validation=validation, epochs=epochs - trainer.epoch, batch_size=row.batch_size,
            shuffle=not row.patience, stop=rules,
            callbacks=[clocks, mtn.Checkpoint(folder / "{epoch:04d}.h5", keep=2, best=best)],
        )  # fmt: skip
    history = trainer.history
    common.last_values(history)
    if history.stopped_by == "interrupted":
        raise KeyboardInterrupt
    if best:
        mtn.resume(trainer, folder / "best.h5")
    return {
        "seed": seed,
        "test_error": round(100 * (1 - trainer.evaluate(test)["accuracy"]), 2),
        "published_error": row.error,
        "epochs": history.epochs,
        "best_epoch": best.epoch(history) if best else None,
        "stopped_by": history.stopped_by or "epochs",
        "seconds": round(sum(history["elapsed"]), 1),
        "processor_seconds": round(sum(history["processor"]), 1),
        "data": f"{train.name}: {len(train.inputs)} to train on, {len(test.inputs)} to test",
        "engine": f"{engine.name} {engine.version}",
    }


def parts(row: Any, data: common.Pair) -> tuple[common.Dataset, ...]:
    """Return what to train on, what to look at after each epoch, and what to test on.

    The tutorials hold out the last sixth to stop by, leave out what fills no batch, and have gray
    values over 256.
    """
    train, test = data
    if not row.patience:
        return train, test, test
    n = len(train.inputs) * 5 // 6
    held_out = mtn.datasets.Dataset(train.inputs[n:], train.targets[n:], name=train.name)
    return tuple(as_tutorial(part, row.batch_size) for part in (train.first(n), held_out, test))


def as_tutorial(data: common.Dataset, size: int) -> common.Dataset:
    """Return as many of the first digits as fill batches, or all if they don't fill one."""
    n = len(data.inputs)
    some = data.first(n // size * size or n)
    inputs = some.inputs * np.float32(255 / 256)
    return mtn.datasets.Dataset(inputs, some.targets, name=data.name)
