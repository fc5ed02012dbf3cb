"""The convolutional network in Keras 3, on the backend that KERAS_BACKEND names, or on JAX."""

from __future__ import annotations

import os
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import itertools

import common
import keras

problem = common.read()
keras.utils.set_random_seed(problem.seed)
layers = keras.layers
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(problem.dropout), layers.Dense(10, activation="softmax"),
    ]
)  # fmt: skip
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
x_train, x_test = (x.reshape(-1, 28, 28, 1) for x in (problem.x_train, problem.x_test))
marks = [time.perf_counter()]
ended: list[float] = []


def mark(epoch, logs) -> None:
    marks.append(time.perf_counter())
    ended.append(time.time())


model.fit(
    x_train, problem.y_train, batch_size=problem.batch, epochs=problem.epochs, verbose=0,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=mark)],
)  # fmt: skip
guesses = model.predict(x_test, batch_size=problem.batch, verbose=0).argmax(axis=1)
seconds = [after - before for before, after in itertools.pairwise(marks)]
common.report(seconds, ended[0], float((guesses == problem.y_test).mean()))
