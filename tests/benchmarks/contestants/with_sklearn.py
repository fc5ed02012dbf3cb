"""scikit-learn's MLPClassifier, which has neither dropout nor RMSprop: without, and with Adam."""

from __future__ import annotations

import common
import numpy as np
from sklearn.neural_network import MLPClassifier

problem = common.read()
# A generator, not its seed, goes on from epoch to epoch; and so does Adam's state in partial_fit.
model = MLPClassifier(
    tuple(W.shape[1] for W in problem.weights[:-1]), batch_size=problem.batch,
    random_state=np.random.RandomState(problem.seed),
)  # fmt: skip


def train_epoch(epoch: int) -> None:
    model.partial_fit(problem.x_train, problem.y_train, classes=np.arange(10))


common.run(problem, train_epoch, lambda: float(model.score(problem.x_test, problem.y_test)))
