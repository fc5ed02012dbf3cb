"""One process of several that train: ``worker.py PORT PROCESSES RANK SETTINGS``.

The settings are a list of trainings, each a dict, done one after the other; what stands under
``"rank 1"`` is for that process alone. Each prints a line of JSON: its history and a digest of its
state, or its error.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys

import jax
import numpy as np

import minitheanonet as mtn


class Fail:
    """Has this process killed, stopped or interrupted by a signal after some step."""

    def __init__(self, signal_name: str, step: int) -> None:
        self.signal, self.left = getattr(signal, signal_name), step

    def __call__(self, trainer: mtn.Trainer) -> None:
        pass

    def after_batch(self, trainer: mtn.Trainer, figures: list) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), self.signal)


def data_for(mine: dict, processes: int, rank: int) -> tuple:
    """Return what to train on and what to validate with."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(mine.get("examples", 202), 20))
    y = x[:, :5].argmax(axis=1).astype("int32")
    if "spoilt" in mine:
        x[mine["spoilt"]] = np.nan
    if "batches" not in mine:
        return (x, y), (x, y)
    batches = np.split(np.arange(mine["batches"] * 30), mine["batches"])
    parts = [np.array_split(batch, processes)[rank][: mine.get("cut")] for batch in batches]
    return [(x[part], y[part]) for part in parts], (x, y)


def layers_of(mine: dict) -> list[mtn.Layer]:
    """Return the layers of an MLP with dropout, or of a convolutional network."""
    dtype = mine.get("dtype", "float64")
    if "convolves" not in mine:
        hidden = mtn.Dense(20, 16, dtype=dtype), mtn.ReLU(), mtn.Dropout(0.2)
        return [*hidden, mtn.Dense(16, 5, dtype=dtype)]
    return [
        mtn.Reshape((5, 4, 1)), mtn.Conv2D(1, 4, 3, b=None, dtype=dtype),
        mtn.BatchNorm(4, dtype=dtype), mtn.ReLU(), mtn.Flatten(), mtn.Dense(24, 5, dtype=dtype),
    ]  # fmt: skip


def train(mine: dict, processes: int, rank: int) -> dict:
    """Train, and return what came of it."""
    net = mtn.Sequential(*layers_of(mine), mtn.Softmax(), seed=mine.get("seed", 0))
    on_jax = mtn.Jax(mine.get("devices", "all"), resident=mine.get("resident"))
    trainer = mtn.Trainer(
        net, mtn.categorical_crossentropy, mtn.Adam(0.01), [mtn.accuracy],
        backend=None if "engine" in mine else on_jax,
    )  # fmt: skip
    callbacks = [Fail(*mine["fail"])] if "fail" in mine else []
    if "folder" in mine:
        mtn.resume(trainer, mine["folder"], missing_ok=True)
        callbacks.append(mtn.Checkpoint(mine["folder"] + "/{epoch}.h5"))
    if "stop" in mine:
        callbacks.append(lambda trainer: trainer.stop("enough"))
    source, held_out = data_for(mine, processes, rank)
    held_out = held_out if mine.get("validates") else None
    history = trainer.fit(
        source, validation=held_out, epochs=mine.get("epochs", 2) - trainer.epoch,
        batch_size=mine.get("batch_size", 32), callbacks=callbacks, progress=False,
    )  # fmt: skip
    state = {name: variable.get_value() for name, variable in trainer.state.items()}
    return {
        "loss": history["train_loss"],
        "test_loss": history.get("test_loss"),
        "stopped_by": history.stopped_by,
        "state": {name: value.ravel().tolist() for name, value in state.items()},
        "digest": hashlib.sha256(b"".join(map(np.ndarray.tobytes, state.values()))).hexdigest(),
    }


def main(port: str, processes: int, rank: int, trainings: list[dict]) -> None:
    if processes > 1:
        jax.distributed.initialize(
            f"127.0.0.1:{port}", processes, rank, heartbeat_timeout_seconds=20,
            initialization_timeout=60, shutdown_timeout_seconds=10,
        )  # fmt: skip
    for training in trainings:
        try:
            outcome = train(training | training.get(f"rank {rank}", {}), processes, rank)
        except (RuntimeError, ValueError, FloatingPointError) as error:
            outcome = {"error": str(error)}
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]))
