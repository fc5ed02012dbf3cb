"""pytensor-ml, float32, one-hot labels and a loss of the logits, as its quickstart has it."""

from __future__ import annotations

import common
import numpy as np
import pytensor
from pytensor_ml.activations import ReLU
from pytensor_ml.layers import Dropout, Input, Linear, Sequential
from pytensor_ml.loss import CrossEntropy
from pytensor_ml.model import Model
from pytensor_ml.optim import rmsprop

pytensor.config.floatX = "float32"
problem = common.read()
layers = []
for i, W in enumerate(problem.weights):
    n_in, n_out = W.shape
    linear = Linear(f"linear_{i}", n_in=n_in, n_out=n_out)
    linear.W.set_value(W)
    layers.append(linear)
    if W is not problem.weights[-1]:
        layers += [ReLU(), Dropout(p=problem.dropout, random_state=problem.seed + i)]
x = Input("x", shape=(None, problem.x_train.shape[1]))
model = Model(Sequential(*layers)(x))
step = model.compile_train(
    rmsprop(1e-3, rho=0.9, epsilon=1e-7),
    CrossEntropy(expect_onehot_labels=True, expect_logits=True),
)
targets = np.eye(problem.weights[-1].shape[1], dtype="float32")[problem.y_train]


def train_epoch(epoch: int) -> None:
    for batch in problem.shuffled(epoch):
        step(problem.x_train[batch], targets[batch])


def accuracy() -> float:
    return float((model.predict(problem.x_test).argmax(axis=1) == problem.y_test).mean())


common.run(problem, train_epoch, accuracy)
