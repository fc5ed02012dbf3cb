"""The convolutional network in PyTorch, eager, channels first, as its tutorials have it."""

from __future__ import annotations

import common
import torch
from torch import nn

problem = common.read()
torch.manual_seed(problem.seed)
model = nn.Sequential(
    nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Dropout(problem.dropout), nn.Linear(1600, 10),
)  # fmt: skip
for layer in model:
    if hasattr(layer, "weight"):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
x_train, x_test = (
    torch.from_numpy(x).reshape(-1, 1, 28, 28) for x in (problem.x_train, problem.x_test)
)
y_train = torch.from_numpy(problem.y_train).long()


def train_epoch(epoch: int) -> None:
    model.train()
    for batch in problem.shuffled(epoch):
        chosen = torch.from_numpy(batch)
        optimizer.zero_grad()
        loss = criterion(model(x_train[chosen]), y_train[chosen])
        loss.backward()
        optimizer.step()
        loss.item()


def accuracy() -> float:
    model.eval()
    with torch.no_grad():
        guesses = torch.cat([model(part) for part in x_test.split(problem.batch)]).argmax(dim=1)
    return float((guesses.numpy() == problem.y_test).mean())


common.run(problem, train_epoch, accuracy)
