"""skorch over PyTorch: seconds of a second fit on load_digits, the network of estimators.py."""

from __future__ import annotations

import json
import sys
import time

import torch
from sklearn.datasets import load_digits
from skorch import NeuralNetClassifier

epochs, rounds = map(int, sys.argv[1:])
torch.set_num_threads(1)  # the faster for a network so small
X, y = load_digits(return_X_y=True)
X = X.astype("float32")


def fit(seed: int) -> float:
    torch.manual_seed(seed)
    network = torch.nn.Sequential(
        torch.nn.Linear(64, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10)
    )
    model = NeuralNetClassifier(
        network, criterion=torch.nn.CrossEntropyLoss, optimizer=torch.optim.Adam, lr=1e-3,
        optimizer__weight_decay=1e-4 / 200, batch_size=200, max_epochs=epochs, train_split=None,
        iterator_train__shuffle=True, verbose=0,
    )  # fmt: skip
    started = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - started


fit(0)
print(json.dumps([fit(seed) for seed in range(rounds)]))
