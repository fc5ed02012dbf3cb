"""PyTorch, eager, as its tutorials have it."""

from __future__ import annotations

import common
import torch
from torch import nn

problem = common.read()
torch.manual_seed(problem.seed)
layers: list[nn.Module] = []
for W in problem.weights:
    linear = nn.Linear(*W.shape)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(W.T.copy()))
        linear.bias.zero_()
    layers.append(linear)
    if W is not problem.weights[-1]:
        layers += [nn.ReLU(), nn.Dropout(problem.dropout)]
model = nn.Sequential(*layers)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
criterion = nn.CrossEntropyLoss()
x, y = torch.from_numpy(problem.x_train), torch.from_numpy(problem.y_train).long()


def train_epoch(epoch: int) -> None:
    model.train()
    for batch in problem.shuffled(epoch):
        chosen = torch.from_numpy(batch)
        optimizer.zero_grad()
        loss = criterion(model(x[chosen]), y[chosen])
        loss.backward()
        optimizer.step()
        loss.item()


def accuracy() -> float:
    model.eval()
    with torch.no_grad():
        guesses = model(torch.from_numpy(problem.x_test)).argmax(dim=1).numpy()
    return float((guesses == problem.y_test).mean())


common.run(problem, train_epoch, accuracy)
