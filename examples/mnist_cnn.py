"""Beyond the sheet, figure 9: a convolutional network, that of Keras's mnist_convnet.

python examples/mnist_cnn.py --data DIR      the real digits
python examples/mnist_cnn.py --generated     drawn ones in their place
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import common
from matplotlib.figure import Figure
from report.pictures import filters, misread

import minitheanonet as mtn

LEARNING_RATE, BATCH_SIZE, EPOCHS = 1e-3, 128, 12
Train = Callable[..., mtn.History]


def network(seed: int) -> mtn.Sequential:
    """Return the network: two convolutions, each halved by pooling, and a probability a digit."""
    return mtn.Sequential(
        mtn.Reshape((28, 28, 1)),
        mtn.Conv2D(1, 32, 3), mtn.ReLU(), mtn.MaxPool2D(),
        mtn.Conv2D(32, 64, 3), mtn.ReLU(), mtn.MaxPool2D(),
        mtn.Flatten(), mtn.Dropout(0.5), mtn.Dense(1600, 10), mtn.Softmax(),
        seed=seed, input_shape=(784,),
    )  # fmt: skip


def train(
    net: mtn.Sequential, train: common.Dataset, test: common.Dataset, epochs: int = EPOCHS
) -> mtn.History:
    """Train with Adam, with the test digits beside."""
    trainer = mtn.Trainer(
        net, mtn.categorical_crossentropy, mtn.Adam(LEARNING_RATE), metrics=[mtn.accuracy]
    )
    return trainer.fit(train, validation=test, epochs=epochs, batch_size=BATCH_SIZE)


def pictures(net: mtn.Sequential, test: common.Dataset) -> dict[str, Figure]:
    """Draw what the first layer has learned, and the digits that are still read wrongly."""
    return {
        "filters": filters(net.values()["conv2d_1/W"]),
        "misread": misread(net.predict(test.inputs), test),
    }


def show(options: argparse.Namespace, name: str, net: mtn.Sequential, train: Train) -> None:
    """Train a network; draw its accuracy, its filters, and what it gets wrong."""
    digits, test = common.digits(options, fewer_generated=True)
    print(net.summary())
    history = train(net, digits, test, options.epochs or EPOCHS)
    accuracy = common.last_values(history)["test_accuracy"]
    print(f"test accuracy {accuracy:.4f} after {history.epochs} epochs")
    common.save(history.plot("accuracy", test.name), options.out / f"{name}.png")
    for part, figure in pictures(net, test).items():
        common.save(figure, options.out / f"{name}_{part}.png")


def main(options: argparse.Namespace) -> None:
    """Do so with the network above."""
    show(options, "mnist_cnn", network(options.seed), train)


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
