"""Keras 3, `model.fit`, on the backend that KERAS_BACKEND names (JAX if it names none)."""

from __future__ import annotations

import os
import time

os.environ.setdefault("KERAS_BACKEND", "jax")

import itertools

import common
import keras

problem = common.read()
keras.utils.set_random_seed(problem.seed)
model = keras.Sequential([keras.Input((problem.x_train.shape[1],))])
for W in problem.weights:
    last = W is problem.weights[-1]
    model.add(keras.layers.Dense(W.shape[1], activation="softmax" if last else "relu"))
    model.layers[-1].set_weights([W, model.layers[-1].get_weights()[1]])
    if not last:
        model.add(keras.layers.Dropout(problem.dropout))
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
marks = [time.perf_counter()]
ended: list[float] = []


def mark(epoch, logs) -> None:
    marks.append(time.perf_counter())
    ended.append(time.time())
    model.stop_training = is_there(logs)


def is_there(logs) -> bool:
    return bool(problem.target) and logs["val_accuracy"] >= problem.target


held_out = (problem.x_test, problem.y_test) if problem.target else None
history = model.fit(
    problem.x_train, problem.y_train, batch_size=problem.batch, epochs=problem.epochs, verbose=0,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=mark)], validation_data=held_out,
    validation_batch_size=1024,
)  # fmt: skip
guesses = model.predict(problem.x_test, verbose=0).argmax(axis=1)
seconds = [after - before for before, after in itertools.pairwise(marks)]
last = {name: values[-1] for name, values in history.history.items()}
accuracy = float((guesses == problem.y_test).mean())
common.report(seconds, ended[0], accuracy, ended[-1] if is_there(last) else None)
