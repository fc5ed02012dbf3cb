"""Exercise 1b, figure 1: linear regression that tells motorbikes from airplanes.

Each image is a vector of 64 × 64 gray values, each class a 0 or a 1, and the network one linear
output. Training ends when the training error has varied by no more than 0.001 over the last 50
epochs.

    python examples/linear_regression.py --data DIR      the real images, Caltech 101's
    python examples/linear_regression.py --generated     drawings in their place
"""

from __future__ import annotations

import argparse
import sys

import common

import minitheanonet as mtn
from minitheanonet.engine import Variable

LEARNING_RATE, BATCH_SIZE = 1e-3, 32
WINDOW, THRESHOLD, MAX_EPOCHS = 50, 1e-3, 2000


def network(n_pixels: int, seed: int) -> mtn.Sequential:
    """Return the linear regression: one output, no more.

    Its weights start at zero. The error is convex, so there is no symmetry to break; and a random
    part that the training images hardly show would stay, and disturb the test.
    """
    return mtn.Sequential(mtn.Dense(n_pixels, 1, W=mtn.Zeros()), seed=seed)


def wrong(prediction: Variable, target: Variable) -> Variable:
    """Return the share of outputs on the wrong side of 0.5."""
    return 1 - mtn.binary_accuracy(prediction, target, threshold=0.5)


def train(
    net: mtn.Sequential, train: common.Dataset, test: common.Dataset, epochs: int = MAX_EPOCHS
) -> mtn.History:
    """Train by mini-batches until the training error is flat."""
    mean_image = train.inputs.mean(axis=0)  # the test images are not to be looked at
    trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(LEARNING_RATE), metrics=[wrong])
    return trainer.fit(
        (train.inputs - mean_image, train.targets),
        validation=(test.inputs - mean_image, test.targets),
        batch_size=BATCH_SIZE,
        epochs=epochs,
        stop=mtn.PlateauWindow(WINDOW, THRESHOLD, watch="train_loss"),
    )


def main(options: argparse.Namespace) -> None:
    """Train the linear regression and draw its error by epoch."""
    images = common.vehicles(options)
    net = network(images[0].inputs.shape[1], options.seed)
    history = train(net, *images, options.epochs or MAX_EPOCHS)
    show(history)
    common.save(history.plot("loss", images[1].name), options.out / "linear_regression.png")


def show(history: mtn.History) -> None:
    """Print how a training ended."""
    last = common.last_values(history)
    print(f"{history.epochs} epochs, stopped by: {history.stopped_by}")
    print(f"test error {last['test_loss']:.4f}, wrong {last['test_wrong']:.1%}")


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
