"""One small training, and a digest of all that it leaves behind; run by itself, it prints that."""

from __future__ import annotations

import hashlib
import json
import sys

import numpy as np

import minitheanonet as mtn
from minitheanonet import engine

BATCH = 32
_rng = np.random.default_rng(3)
INPUTS = _rng.integers(0, 256, (80, 6)).astype("float32") / np.float32(256)  # exact in any float
LABELS = _rng.integers(0, 3, 80).astype("int32")
DATA = INPUTS, LABELS


def make() -> mtn.Trainer:
    """Return a trainer with all that could go astray: dropout, Adam, a schedule, averages."""
    net = mtn.Sequential(
        mtn.Dense(6, 128), mtn.ReLU(), mtn.Dropout(0.3),
        mtn.Dense(128, 128), mtn.Tanh(),  # large enough for a BLAS to share among its threads
        mtn.Dense(128, 3), mtn.Softmax(), seed=5,
    )  # fmt: skip
    optimizer = mtn.Adam(mtn.Cosine(0.02, steps=15, warm_up=3), clip_global_norm=1, average=0.9)
    return mtn.Trainer(
        net, mtn.categorical_crossentropy, optimizer, metrics=[mtn.accuracy],
        penalty=1e-3 * mtn.l2([net.layers[0].W]),
    )  # fmt: skip


def fit(trainer: mtn.Trainer, data=DATA, epochs: int = 5, **options) -> mtn.History:
    options.setdefault("batch_size", BATCH)
    options.setdefault("progress", False)
    return trainer.fit(data, epochs=epochs, **options)


def digest(trainer: mtn.Trainer) -> str:
    """Return a digest of the state's bits and of the history, but for seconds and validation."""
    told = hashlib.sha256()
    for name, variable in trainer.state.items():
        told.update(name.encode() + variable.get_value().tobytes())
    for name, column in trainer.history.items():
        if name != "seconds" and not name.startswith("test_"):
            told.update(json.dumps([name, column]).encode())
    return told.hexdigest()


if __name__ == "__main__":
    trainer = make()
    with engine.flags(mode=sys.argv[1]):
        fit(trainer)
    print(digest(trainer))
