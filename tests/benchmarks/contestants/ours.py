"""minitheanonet, as its README uses it; with ``jax`` or ``jax_by_step`` behind the seed, on JAX."""

from __future__ import annotations

import sys
import time

import common

import minitheanonet as mtn

problem = common.read()
layers: list[mtn.Layer] = []
for W in problem.weights:
    layers.append(mtn.Dense(*W.shape, W=W))
    if W is not problem.weights[-1]:
        layers += [mtn.ReLU(), mtn.Dropout(problem.dropout)]
net = mtn.Sequential(*layers, mtn.Softmax(), seed=problem.seed)
BACKENDS = {
    "numba": lambda: None,
    "jax": mtn.Jax,
    "jax_by_step": lambda: mtn.Jax(resident=False),
}
backend = BACKENDS[(sys.argv[3:] or ["numba"])[0]]()
trainer = mtn.Trainer(
    net, mtn.categorical_crossentropy, mtn.RMSprop(1e-3), [mtn.accuracy], backend=backend
)
ended = []
habits = {}
if problem.target:
    habits["validation"] = problem.x_test, problem.y_test
    habits["stop"] = lambda history: history["test_accuracy"][-1] >= problem.target
history = trainer.fit(
    (problem.x_train, problem.y_train),
    epochs=problem.epochs,
    batch_size=problem.batch,
    callbacks=[lambda trainer: ended.append(time.time())],
    progress=False,
    **habits,
)
hits = net.predict(problem.x_test).argmax(axis=1) == problem.y_test
is_there = problem.target and history["test_accuracy"][-1] >= problem.target
common.report(history["seconds"], ended[0], float(hits.mean()), ended[-1] if is_there else None)
