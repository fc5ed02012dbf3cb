"""The exercise sheet: what each figure asks for, how it is trained, what others measured."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any

import common
import fewer_digits
import first_sheet
import hidden_layer
import lenet_theano
import linear_regression
import mnist
import mnist_cnn
import saving
import symbolic_function
from matplotlib.figure import Figure

import minitheanonet as mtn
from report.figures import Panel


@dataclass(frozen=True, eq=False)  # compared, and hashed, by identity
class Task:
    """What the figures of one exercise have in common."""

    data: str  # "vehicles" or "digits": figures with the same data share them, loaded once
    load: Callable[[argparse.Namespace], common.Pair]
    train: Callable[..., mtn.History]
    max_epochs: int
    panels: tuple[Panel, ...]
    numbers: Mapping[str, str]  # what the results call the last value of a column
    source: str  # whose numbers stand beside ours
    settings: Mapping[str, str]  # how it is trained, in words


@dataclass(frozen=True)
class SheetFigure:
    """One figure of the sheet."""

    task: Task
    question: str
    words: str  # the network
    network: Callable[[int, int], mtn.Sequential]  # (number of pixels, seed) → network
    code: tuple[Callable[..., Any], ...]  # what the page shows of the example
    reference: Mapping[str, str]  # by the same names as `Task.numbers`, and "epochs"
    fraction: float = 1.0
    pictures: Callable[..., dict[str, Figure]] = lambda net, test: {}  # by name, beside the curves


@dataclass(frozen=True)
class Printed:
    """An exercise that prints, and draws nothing."""

    name: str  # by which the results keep what it printed
    heading: str
    question: str
    module: ModuleType
    code: tuple[Callable[..., Any], ...] = ()  # what the page shows; by default the whole file
    needs: str = ""  # the data that it runs on


REGRESSION = Task(
    data="vehicles",
    load=common.vehicles,
    train=linear_regression.train,
    max_epochs=linear_regression.MAX_EPOCHS,
    panels=(
        Panel("loss", "mean squared error"),
        Panel("wrong", "share of wrong answers", percent=True),
    ),
    numbers={"train_error": "train_loss", "test_error": "test_loss", "test_wrong": "test_wrong"},
    source="Another library, Caltech 101",
    settings={
        "error": "mean squared error; an answer is wrong on the other side of 0.5",
        "optimizer": "stochastic gradient descent (SGD), "
        f"learning rate {linear_regression.LEARNING_RATE:g}",
        "batch size": f"{linear_regression.BATCH_SIZE}",
        "inputs": "gray values in [0, 1], less the mean training image",
        "stops": f"“plateau”: when the training error has varied by no more than "
        f"{linear_regression.THRESHOLD:g} (largest less smallest) over the last "
        f"{linear_regression.WINDOW} epochs; at the latest after "
        f"{linear_regression.MAX_EPOCHS:,} epochs",
    },
)

DIGITS = Task(
    data="digits",
    load=common.digits,
    train=mnist.train,
    max_epochs=mnist.EPOCHS,
    panels=(Panel("accuracy", "accuracy", percent=True), Panel("loss", "cross-entropy")),
    numbers={name: name for name in ("test_accuracy", "train_loss", "test_loss")},
    source="Keras 3.15, MNIST",
    settings={
        "loss": "categorical cross-entropy",
        "optimizer": f"RMSprop, learning rate {mnist.LEARNING_RATE:g}",
        "batch size": f"{mnist.BATCH_SIZE}",
        "initial weights": "Glorot uniform, biases zero",
        "inputs": "gray values in [0, 1]",
        "stops": f"after {mnist.EPOCHS} epochs",
    },
)

CONVOLUTIONAL = replace(
    DIGITS,
    train=mnist_cnn.train,
    max_epochs=mnist_cnn.EPOCHS,
    source="Keras’s example, MNIST",
    settings={
        **DIGITS.settings,
        "optimizer": f"Adam, learning rate {mnist_cnn.LEARNING_RATE:g}",
        "batch size": f"{mnist_cnn.BATCH_SIZE}",
        "stops": f"after {mnist_cnn.EPOCHS} epochs",
    },
)

LENET = replace(
    DIGITS,
    train=lenet_theano.train,
    max_epochs=lenet_theano.EPOCHS,
    source="Theano’s tutorial, MNIST",
    settings={
        **DIGITS.settings,
        "optimizer": "stochastic gradient descent (SGD), "
        f"learning rate {lenet_theano.LEARNING_RATE:g}",
        "batch size": f"{lenet_theano.BATCH_SIZE}",
        "initial weights": "Glorot uniform, the last layer’s zero; biases zero",
        "stops": f"after {lenet_theano.EPOCHS} epochs; the tutorial after up to 200",
    },
)

# Measured on Caltech 101 with `hidden_layer.py`, and with its two `W=` left out.
SEEDS = """\
<p>The initial weights decide this figure. What an untrained network answers by chance has to be
unlearned; gradient descent unlearns it for the training images, and the test images keep much of
it. With Glorot’s weights, the library’s default, that answer is about ±0.3; with weights within
±1/√(inputs), PyTorch’s default and the choice here, about ±0.05. In a NumPy twin of this training,
subtracting the untrained answer from Glorot’s network closes most of the gap, too (0.038, 0.027,
0.025, 0.027); no step size, batch size, number of epochs, way of centring or of resizing does. A
seed draws the weights and divides the images. The choice was made on these four; on eight others
the mean test error is 0.028 in the place of Glorot’s 0.040. So it is the weights, and the division
besides: that of seed 0 is a hard one, and both are worst there.</p>
"""
SEEDS_HEAD = ("Initial weights, Caltech 101", "Seed 0", "Seed 1", "Seed 2", "Seed 3")
SEEDS_ROWS = (
    ("±1/√(inputs): test error", "0.033", "0.025", "0.026", "0.027"),
    ("±1/√(inputs): wrong of 320", "11", "5", "6", "7"),
    ("±1/√(inputs): epochs", "459", "467", "490", "470"),
    ("Glorot: test error", "0.044", "0.032", "0.041", "0.039"),
    ("Glorot: wrong of 320", "12", "6", "8", "12"),
    ("Glorot: epochs", "311", "320", "337", "328"),
)


def _digits(question: str, accuracy: str, loss: str, design: fewer_digits.Design) -> SheetFigure:
    """Return one of figures 3 to 8, with the two accuracies and the loss measured with Keras."""
    one = design.hidden_layers == 1
    hidden = f"{'one hidden layer' if one else 'two hidden layers'} of 512 neurons"
    after = f"dropout {design.dropout:g} after {'it' if one else 'each'}"
    activation = {mtn.ReLU: "ReLU", mtn.Sigmoid: "sigmoid"}[design.activation]
    return SheetFigure(
        task=DIGITS,
        question=question,
        words=f"{hidden} with {activation}, {after if design.dropout else 'no dropout'}; "
        "softmax over 10 classes",
        network=partial(_design_network, design),
        code=(fewer_digits.Design, fewer_digits.network, mnist.train),
        reference={"test_accuracy": accuracy, "train_loss": loss, "epochs": "20"},
        fraction=fewer_digits.FRACTION,
    )


def _design_network(design: fewer_digits.Design, n_pixels: int, seed: int) -> mtn.Sequential:
    return fewer_digits.network(design, seed)


FIGURES = {
    1: SheetFigure(
        REGRESSION,
        "How do the training and the test error of a linear regression develop, epoch by epoch?",
        "one linear output; its weights start at zero",
        linear_regression.network,
        (linear_regression.network, linear_regression.wrong, linear_regression.train),
        {"test_error": "0.037", "test_wrong": "2.2%", "epochs": "about 430"},
    ),
    2: SheetFigure(
        REGRESSION,
        "What does a hidden layer change, if data and training stay the same?",
        "one hidden layer of 100 neurons with ReLU; one linear output; the weights start within "
        "±1/√(inputs)",
        hidden_layer.network,
        (hidden_layer.network, hidden_layer.small),
        {"test_error": "0.024", "test_wrong": "2.8%", "epochs": "about 460"},
    ),
    3: SheetFigure(
        DIGITS,
        "How well does a network with two hidden layers read digits, given all the examples?",
        "two hidden layers of 512 neurons with ReLU, dropout 0.2 after each; softmax over 10 "
        "classes",
        lambda n_pixels, seed: mnist.network(seed),
        (mnist.network, mnist.train),
        {"test_accuracy": "0.9838, 0.9836", "train_loss": "0.010", "epochs": "20"},
    ),
    **{
        number: _digits(*asked, fewer_digits.FIGURES[number])
        for number, asked in {
            4: ("How much is lost with a quarter of the examples?", "0.9698, 0.9712", "0.006"),
            5: ("Is one hidden layer enough?", "0.9719, 0.9698", "0.006"),
            6: ("What does a sigmoid do in the place of ReLU?", "0.9542, 0.9530", "0.103"),
            7: ("What if half of the neurons are dropped?", "0.9531, 0.9534", "0.140"),
            8: ("And what if none are?", "0.9512, 0.9508", "0.091"),
        }.items()
    },
    9: SheetFigure(
        CONVOLUTIONAL,
        "Beyond the sheet: what does a network gain that knows that digits are images?",
        "two convolutions of 3 × 3, with 32 and 64 filters, ReLU and pooling after each; dropout "
        "0.5; softmax over 10 classes",
        lambda n_pixels, seed: mnist_cnn.network(seed),
        (mnist_cnn.network, mnist_cnn.train),
        {"test_accuracy": "about 0.991", "epochs": "15"},
        pictures=mnist_cnn.pictures,
    ),
    10: SheetFigure(
        LENET,
        "Beyond the sheet: does Theano’s own tutorial come out as it was?",
        "two convolutions of 5 × 5, with 20 and 50 filters, pooling and tanh after each; 500 "
        "neurons with tanh; softmax over 10 classes",
        lambda n_pixels, seed: lenet_theano.network(seed),
        (lenet_theano.network, lenet_theano.train),
        {"test_accuracy": "0.9908", "epochs": "up to 200"},
        pictures=mnist_cnn.pictures,
    ),
}

FUNCTION = Printed(
    "symbolic_function",
    "1a. A symbolic function",
    "What is f(x, y) = x² + 2xy + y², written symbolically?",
    symbolic_function,
    (symbolic_function.f, symbolic_function.main),
)
FIRST_SHEET = Printed(
    "first_sheet",
    "The first sheet’s functions",
    "Do they come out the same, derived by hand and with the library?",
    first_sheet,
)
SAVING = Printed(
    "saving",
    "Saving",
    "How is a trained model handed on, and how are intermediate ones kept?",
    saving,
    (saving.new_trainer, saving.train, saving.main),
    needs="digits",
)
PRINTED = (FUNCTION, FIRST_SHEET, SAVING)


def title(number: int, data_name: str, examples: int) -> str:
    """Return the title of a figure, which says what the data were."""
    words = FIGURES[number].words
    return f"Figure {number}: {data_name}, {examples:,} training examples\n{words}"
