"""The convolutional network in minitheanonet; with ``jax`` as the third argument, on JAX."""

from __future__ import annotations

import sys
import time

import common

import minitheanonet as mtn

problem = common.read()
x_train, x_test = (x.reshape(-1, 28, 28, 1) for x in (problem.x_train, problem.x_test))
net = mtn.Sequential(
    mtn.Conv2D(1, 32, 3), mtn.ReLU(), mtn.MaxPool2D(),
    mtn.Conv2D(32, 64, 3), mtn.ReLU(), mtn.MaxPool2D(),
    mtn.Flatten(), mtn.Dropout(problem.dropout), mtn.Dense(1600, 10), mtn.Softmax(),
    input_shape=(28, 28, 1), seed=problem.seed,
)  # fmt: skip
backend = mtn.Jax() if sys.argv[3:] == ["jax"] else None
trainer = mtn.Trainer(
    net, mtn.categorical_crossentropy, mtn.Adam(1e-3), [mtn.accuracy], backend=backend
)
ended = []
history = trainer.fit(
    (x_train, problem.y_train),
    epochs=problem.epochs,
    batch_size=problem.batch,
    callbacks=[lambda trainer: ended.append(time.time())],
    progress=False,
)
hits = net.predict(x_test, batch_size=problem.batch).argmax(axis=1) == problem.y_test
common.report(history["seconds"], ended[0], float(hits.mean()))
