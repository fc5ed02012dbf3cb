"""Exercise 2, figure 3: a network with two hidden layers that reads handwritten digits.

python examples/mnist.py --data DIR      the real digits
python examples/mnist.py --generated     drawn ones in their place
"""

from __future__ import annotations

import argparse
import sys

import common

import minitheanonet as mtn

LEARNING_RATE, BATCH_SIZE, EPOCHS = 1e-3, 128, 20


def network(seed: int) -> mtn.Sequential:
    """Return the network: two hidden layers with dropout, and a probability for each digit."""
    return mtn.Sequential(
        mtn.Dense(784, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 512), mtn.ReLU(), mtn.Dropout(0.2),
        mtn.Dense(512, 10), mtn.Softmax(), seed=seed,
    )  # fmt: skip


def train(
    net: mtn.Sequential, train: common.Dataset, test: common.Dataset, epochs: int = EPOCHS
) -> mtn.History:
    """Train for a number of epochs, with the test digits beside."""
    trainer = mtn.Trainer(
        net,
        loss=mtn.categorical_crossentropy,
        optimizer=mtn.RMSprop(LEARNING_RATE),
        metrics=[mtn.accuracy],
    )
    return trainer.fit(train, validation=test, epochs=epochs, batch_size=BATCH_SIZE)


def main(options: argparse.Namespace) -> None:
    """Train the network, and draw its accuracy by epoch."""
    digits = common.digits(options)
    net = network(options.seed)
    print(net.summary())
    history = train(net, *digits, options.epochs or EPOCHS)
    accuracy = common.last_values(history)["test_accuracy"]
    print(f"test accuracy {accuracy:.4f} after {history.epochs} epochs")
    common.save(history.plot("accuracy", digits[1].name), options.out / "mnist.png")


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
