"""Beyond the sheet, figure 10: LeNet, as Theano's tutorial trained it.

python examples/lenet_theano.py --data DIR      the real digits
python examples/lenet_theano.py --generated     drawn ones in their place

The tutorial ("Convolutional Neural Networks (LeNet)", deeplearning.net) trains for up to 200 epochs
and reports 0.92 % of wrong test digits; --epochs 200 does the same.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import common
import mnist_cnn

import minitheanonet as mtn

LEARNING_RATE, BATCH_SIZE, EPOCHS = 0.1, 500, mnist_cnn.EPOCHS


def network(
    seed: int, first: Any = mtn.GlorotUniform(), second: Any = mtn.GlorotUniform()
) -> mtn.Sequential:
    """Return the tutorial's network: 20 and 50 filters of 5 × 5, each halved, and 500 neurons.

    `first` and `second` are what the filters start as.
    """
    return mtn.Sequential(
        mtn.Reshape((28, 28, 1)),
        mtn.Conv2D(1, 20, 5, W=first), mtn.MaxPool2D(), mtn.Tanh(),
        mtn.Conv2D(20, 50, 5, W=second), mtn.MaxPool2D(), mtn.Tanh(),
        mtn.Flatten(), mtn.Dense(800, 500), mtn.Tanh(),
        mtn.Dense(500, 10, W=mtn.Zeros()), mtn.Softmax(),
        seed=seed, input_shape=(784,),
    )  # fmt: skip


def train(
    net: mtn.Sequential, train: common.Dataset, test: common.Dataset, epochs: int = EPOCHS
) -> mtn.History:
    """Train with plain stochastic gradient descent, with the test digits beside."""
    trainer = mtn.Trainer(
        net, mtn.categorical_crossentropy, mtn.SGD(LEARNING_RATE), metrics=[mtn.accuracy]
    )
    return trainer.fit(train, validation=test, epochs=epochs, batch_size=BATCH_SIZE)


def main(options: argparse.Namespace) -> None:
    """Train the network; draw its accuracy, its filters, and what it gets wrong."""
    mnist_cnn.show(options, "lenet_theano", network(options.seed), train)


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
