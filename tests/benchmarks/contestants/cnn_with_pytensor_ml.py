"""The convolutional network in pytensor-ml, float32, one-hot labels and a loss of the logits."""

from __future__ import annotations

import common
import numpy as np
import pytensor
from pytensor_ml.activations import ReLU
from pytensor_ml.layers import Conv2D, Dropout, Flatten, Input, Linear, MaxPool2D, Sequential
from pytensor_ml.loss import CrossEntropy
from pytensor_ml.model import Model
from pytensor_ml.optim import adam

pytensor.config.floatX = "float32"
problem = common.read()
network = Sequential(
    Conv2D("conv_1", in_channels=1, out_channels=32, kernel_size=3), ReLU(), MaxPool2D(),
    Conv2D("conv_2", in_channels=32, out_channels=64, kernel_size=3), ReLU(), MaxPool2D(),
    Flatten, Dropout(p=problem.dropout, random_state=problem.seed),
    Linear("linear", n_in=1600, n_out=10),
)  # fmt: skip
model = Model(network(Input("x", shape=(None, 28, 28, 1))))
step = model.compile_train(
    adam(1e-3, epsilon=1e-7), CrossEntropy(expect_onehot_labels=True, expect_logits=True)
)
x_train, x_test = (x.reshape(-1, 28, 28, 1) for x in (problem.x_train, problem.x_test))
targets = np.eye(10, dtype="float32")[problem.y_train]


def train_epoch(epoch: int) -> None:
    for batch in problem.shuffled(epoch):
        step(x_train[batch], targets[batch])


def accuracy() -> float:
    guesses = [
        model.predict(x_test[start : start + 1000]).argmax(axis=1)
        for start in range(0, len(x_test), 1000)
    ]
    return float((np.concatenate(guesses) == problem.y_test).mean())


common.run(problem, train_epoch, accuracy)
