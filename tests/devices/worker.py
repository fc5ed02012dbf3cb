"""One process of several that train a small network: ``worker.py PORT PROCESSES RANK SETTINGS``."""

from __future__ import annotations

import json
import os
import signal
import sys

import jax
import numpy as np

import minitheanonet as mtn


class Fail:
    """Has this process killed, stopped or interrupted by a signal, or raise, at some step."""

    def __init__(self, how: str, step: int) -> None:
        self.how, self.left = how, step

    def __call__(self, trainer: mtn.Trainer) -> None:
        pass

    def after_batch(self, trainer: mtn.Trainer, figures: list) -> None:
        self.left -= 1
        if not self.left and self.how == "raise":
            raise RuntimeError("a callback of one process failed")
        if not self.left:
            os.kill(os.getpid(), getattr(signal, self.how))


def main(port: str, processes: int, rank: int, settings: dict) -> None:
    if processes > 1:
        jax.distributed.initialize(
            f"127.0.0.1:{port}", processes, rank, heartbeat_timeout_seconds=10,
            initialization_timeout=60, shutdown_timeout_seconds=10,
        )  # fmt: skip
    mine = settings | settings.get(f"rank {rank}", {})
    rng = np.random.default_rng(0)
    x = rng.normal(size=(mine.get("examples", 202), 20))
    y = (x[:, :5].argmax(axis=1)).astype("int32")
    net = mtn.Sequential(
        mtn.Dense(20, mine.get("width", 16), dtype="float64"), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(mine.get("width", 16), 5, dtype="float64"), mtn.Softmax(), seed=mine.get("seed", 0),
    )  # fmt: skip
    trainer = mtn.Trainer(
        net, mtn.categorical_crossentropy, mtn.Adam(0.01), [mtn.accuracy],
        backend=mtn.Jax(resident=mine.get("resident")),
    )  # fmt: skip
    callbacks = []
    if "folder" in mine:
        mtn.resume(trainer, mine["folder"], missing_ok=True)
        callbacks.append(mtn.Checkpoint(mine["folder"] + "/{epoch}.h5"))
    if "fail" in mine:
        callbacks.append(Fail(*mine["fail"]))
    data = x, y
    if mine.get("streams"):
        parts = [np.array_split(np.arange(i, min(i + 32, len(x))), processes)[rank]
                 for i in range(0, len(x) // processes * processes, 32)]
        data = [(x[part], y[part]) for part in parts[: mine.get("batches")]]
    epochs = mine.get("epochs", 3) - trainer.epoch
    history = trainer.fit(
        data, validation=(x, y), epochs=epochs, batch_size=32, callbacks=callbacks, progress=False,
        shuffle=mine.get("shuffle", True),
    )  # fmt: skip
    np.savez(
        f"{settings['out']}-{rank}.npz", **{k: v.get_value() for k, v in trainer.state.items()}
    )
    print(json.dumps({"epoch": trainer.epoch, "loss": history["train_loss"], "writes": trainer.writes}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]))
