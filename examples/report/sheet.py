"""The exercise sheet's eight figures: what each asks for, and what others measured for it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import figures
import hidden_layer
import linear_regression
import mnist
from common import Data

import minitheanonet as mtn


@dataclass(frozen=True, eq=False)  # compared, and hashed, by identity
class Task:
    """What the figures of one exercise have in common."""

    data: str  # "vehicles" or "digits": figures with the same data share them, loaded once
    load: Callable[[argparse.Namespace], Data]
    train: Callable[..., mtn.History]
    max_epochs: int
    panels: tuple[figures.Panel, ...]
    numbers: Mapping[str, str]  # what the results call the last value of a column
    source: str  # whose numbers stand beside ours


@dataclass(frozen=True)
class SheetFigure:
    """One figure of the sheet."""

    task: Task
    question: str
    words: str  # the network
    network: Callable[[int, int], mtn.Sequential]  # (number of pixels, seed) → network
    reference: Mapping[str, str]  # by the same names as `Task.numbers`, and "epochs"
    fraction: float = 1.0


REGRESSION = Task(
    data="vehicles",
    load=linear_regression.load,
    train=linear_regression.train,
    max_epochs=linear_regression.MAX_EPOCHS,
    panels=linear_regression.PANELS,
    numbers={"train_error": "train_loss", "test_error": "test_loss", "test_wrong": "test_wrong"},
    source="Another library, Caltech 101",
)

DIGITS = Task(
    data="digits",
    load=mnist.load,
    train=mnist.train,
    max_epochs=20,
    panels=mnist.PANELS,
    numbers={name: name for name in ("test_accuracy", "train_loss", "test_loss")},
    source="Keras 3.15, MNIST",
)


def _digits(
    question: str, layers: int, activation: str, dropout: float, accuracy: str, loss: str,
    fraction: float = 0.25,
) -> SheetFigure:  # fmt: skip
    """Return one of figures 3 to 8, with the two accuracies and the loss measured with Keras."""
    hidden = f"{'one hidden layer' if layers == 1 else 'two hidden layers'} of 512 neurons"
    dropped = f"dropout {dropout:g} after {'it' if layers == 1 else 'each'}" if dropout else ""
    shown = {"relu": "ReLU"}.get(activation, activation)
    return SheetFigure(
        task=DIGITS,
        question=question,
        words=f"{hidden} with {shown}, {dropped or 'no dropout'}; softmax over 10 classes",
        network=lambda n_pixels, seed: mnist.network(layers, 512, activation, dropout, seed),
        reference={"test_accuracy": accuracy, "train_loss": loss, "epochs": "20"},
        fraction=fraction,
    )


FIGURES = {
    1: SheetFigure(
        REGRESSION,
        "How do the training and the test error of a linear regression develop, epoch by epoch?",
        "one linear output",
        linear_regression.network,
        {"test_error": "0.037", "test_wrong": "2.2%", "epochs": "about 430"},
    ),
    2: SheetFigure(
        REGRESSION,
        "What does a hidden layer change, if data and training stay the same?",
        "one hidden layer of 100 neurons with ReLU; one linear output",
        hidden_layer.network,
        {"test_error": "0.024", "test_wrong": "2.8%", "epochs": "about 460"},
    ),
    3: _digits(
        "How well does a network with two hidden layers read digits, given all the examples?",
        2, "relu", 0.2, "0.9838, 0.9836", "0.010", fraction=1.0,
    ),
    4: _digits(
        "How much is lost with a quarter of the examples?",
        2, "relu", 0.2, "0.9698, 0.9712", "0.006",
    ),
    5: _digits(
        "Is one hidden layer enough?",
        1, "relu", 0.2, "0.9719, 0.9698", "0.006",
    ),
    6: _digits(
        "What does a sigmoid do in the place of ReLU?",
        1, "sigmoid", 0.2, "0.9542, 0.9530", "0.103",
    ),
    7: _digits(
        "What if half of the neurons are dropped at each step?",
        1, "sigmoid", 0.5, "0.9531, 0.9534", "0.140",
    ),
    8: _digits(
        "And what if none are?",
        1, "sigmoid", 0.0, "0.9512, 0.9508", "0.091",
    ),
}  # fmt: skip


def title(number: int, data_name: str, examples: int) -> str:
    """Return the title of a figure, which says what the data were."""
    words = FIGURES[number].words
    return f"Figure {number}: {data_name}, {examples:,} training examples\n{words}"
