"""Exercise 2, figures 4 to 8: a quarter of the digits, and what each part of a network brings.

python examples/fewer_digits.py --data DIR      the real digits
python examples/fewer_digits.py --generated     drawn ones in their place
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from typing import NamedTuple

import common
import mnist

import minitheanonet as mtn

FRACTION = 0.25  # of the training digits: the first 15,000 of MNIST's 60,000


class Design(NamedTuple):
    """What the networks of the figures differ in."""

    hidden_layers: int
    activation: type[mtn.Layer]
    dropout: float  # the rate after each hidden layer; 0 for none


FIGURES = {
    4: Design(2, mtn.ReLU, 0.2),
    5: Design(1, mtn.ReLU, 0.2),
    6: Design(1, mtn.Sigmoid, 0.2),
    7: Design(1, mtn.Sigmoid, 0.5),
    8: Design(1, mtn.Sigmoid, 0.0),
}


def network(design: Design, seed: int) -> mtn.Sequential:
    """Return the network: hidden layers of 512 neurons, and a probability for each digit."""
    widths = [784, *[512] * design.hidden_layers]
    layers: list[mtn.Layer] = []
    for n_in, n_out in pairwise(widths):
        layers += [mtn.Dense(n_in, n_out), design.activation()]
        if design.dropout > 0:
            layers.append(mtn.Dropout(design.dropout))
    return mtn.Sequential(*layers, mtn.Dense(512, 10), mtn.Softmax(), seed=seed)


def main(options: argparse.Namespace) -> None:
    """Train each figure's network as figure 3's was, and draw its accuracy by epoch."""
    digits, test = common.digits(options)
    quarter = digits.fraction(FRACTION)
    for number, design in FIGURES.items():
        net = network(design, options.seed)
        history = mnist.train(net, quarter, test, options.epochs or mnist.EPOCHS)
        accuracy = common.last_values(history)["test_accuracy"]
        print(f"figure {number}: test accuracy {accuracy:.4f}, {net}")
        title = f"Figure {number}: {test.name}"
        common.save(history.plot("accuracy", title), options.out / f"fewer_digits_{number}.png")


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
