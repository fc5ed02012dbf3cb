"""One process of a training of `devices.py`: ``on_devices.py SETTINGS RANK``."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time

import drawn
import jax
import numpy as np

import minitheanonet as mtn


def work(settings: dict, rank: int) -> None:
    """Take part in the training, and print its figures."""
    if settings["processes"] > 1:
        jax.distributed.initialize(settings["address"], settings["processes"], rank)
    train, _ = drawn.digits(640, 10) if settings["generated"] else mtn.datasets.mnist()
    result = compared(settings, train) if "file" in settings else timed(settings, train)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result | {"peak_mb": peak}))


def timed(settings: dict, train: mtn.datasets.Dataset) -> dict:
    """Return the seconds of figure 3's network."""
    net = mtn.Sequential(
        mtn.Dense(784, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 10), mtn.Softmax(), seed=0,
    )  # fmt: skip
    backend = None if settings["engine"] else mtn.Jax(resident=settings["resident"])
    loss, metrics = mtn.categorical_crossentropy, [mtn.accuracy]
    trainer = mtn.Trainer(net, loss, mtn.RMSprop(1e-3), metrics, backend=backend)
    started = time.perf_counter()
    trainer.fit((train.inputs[:128], train.targets[:128]), batch_size=128, progress=False)
    first = time.perf_counter() - started
    history = trainer.fit(train, epochs=settings["epochs"], batch_size=128, progress=False)
    epoch = statistics.median(history["seconds"][2:] or history["seconds"])
    return {"first": first, "epoch": epoch}


def compared(settings: dict, train: mtn.datasets.Dataset) -> dict:
    """Train one of two networks in float64, and write its state into a file."""
    double = {"dtype": "float64"}
    networks = {
        "mlp": lambda: [
            mtn.Dense(784, 128, **double), mtn.ReLU(), mtn.Dropout(0.2),
            mtn.Dense(128, 128, **double), mtn.ReLU(), mtn.Dropout(0.2),
            mtn.Dense(128, 10, **double), mtn.Softmax(),
        ],
        "cnn": lambda: [
            mtn.Reshape((28, 28, 1)),
            mtn.Conv2D(1, 8, 3, strides=2, b=None, **double), mtn.BatchNorm(8, **double),
            mtn.ReLU(), mtn.MaxPool2D(2),
            mtn.Conv2D(8, 16, 3, b=None, **double), mtn.BatchNorm(16, **double), mtn.ReLU(),
            mtn.Flatten(), mtn.Dense(256, 10, **double), mtn.Softmax(),
        ],
    }  # fmt: skip
    net = mtn.Sequential(*networks[settings["network"]](), seed=0)
    backend = None if settings["engine"] else mtn.Jax()
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(1e-3), backend=backend)
    x, y = train.inputs.reshape(len(train.inputs), -1).astype("float64"), train.targets
    batches = min(settings["steps"], len(x) // 64)
    trainer.fit(
        (x[: 64 * batches], y[: 64 * batches]), epochs=settings["steps"] // batches, batch_size=64,
        progress=False,
    )  # fmt: skip
    if trainer.writes:
        values = {name: variable.get_value() for name, variable in trainer.state.items()}
        np.savez(settings["file"], **{name.replace("/", " "): v for name, v in values.items()})
    return {"loss": trainer.history["train_loss"][-1]}


if __name__ == "__main__":
    work(json.loads(sys.argv[1]), int(sys.argv[2]))
