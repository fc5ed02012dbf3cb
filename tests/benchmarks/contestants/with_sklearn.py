"""scikit-learn's MLPClassifier, which has neither dropout nor RMSprop: without, and with Adam."""

from __future__ import annotations

import warnings

import common
from sklearn.neural_network import MLPClassifier

problem = common.read()
warnings.simplefilter("ignore")  # it warns that an epoch at a time doesn't converge
model = MLPClassifier(
    tuple(W.shape[1] for W in problem.weights[:-1]), batch_size=problem.batch, max_iter=1,
    warm_start=True, random_state=problem.seed,
)  # fmt: skip


def train_epoch(epoch: int) -> None:
    model.fit(problem.x_train, problem.y_train)


common.run(problem, train_epoch, lambda: float(model.score(problem.x_test, problem.y_test)))
