"""minitheanonet, as its README uses it; with ``jax`` as the third argument, on JAX."""

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
backend = mtn.Jax() if sys.argv[3:] == ["jax"] else None
trainer = mtn.Trainer(
    net, mtn.categorical_crossentropy, mtn.RMSprop(1e-3), [mtn.accuracy], backend=backend
)
ended = []
history = trainer.fit(
    (problem.x_train, problem.y_train),
    epochs=problem.epochs,
    batch_size=problem.batch,
    callbacks=[lambda trainer: ended.append(time.time())],
    progress=False,
)
hits = net.predict(problem.x_test).argmax(axis=1) == problem.y_test
common.report(history["seconds"], ended[0], float(hits.mean()))
