"""The regression exercise in minitheanonet, with what the trainer adds to the bare call."""

from __future__ import annotations

import json
import statistics
import time

import common

import minitheanonet as mtn

problem = common.read()
net = mtn.Sequential(mtn.Dense(*problem.weights[0].shape, W=problem.weights[0]), seed=0)
trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(1e-3))
data = (problem.x_train, problem.y_train)
history = trainer.fit(data, epochs=problem.epochs, batch_size=problem.batch, progress=False)

# The same step without the trainer: the compiled function alone, on batches laid out before.
step = next(iter(trainer._functions._steps.values()))
batches = [
    (problem.x_train[i], problem.y_train[i][:, None].astype("float32")) for i in problem.shuffled(0)
]


def seconds(work) -> float:
    """Return the median over many epochs."""
    times = []
    for _ in range(problem.epochs):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


bare = seconds(lambda: [step(*batch) for batch in batches])
gathered = seconds(
    lambda: [step(problem.x_train.take(i, 0), batches[0][1][: len(i)]) for i in problem.shuffled(0)]
)
common_epoch = statistics.median(history["seconds"][1:])
print(
    json.dumps({"epoch": common_epoch, "bare": bare, "gathered": gathered, "steps": len(batches)})
)
