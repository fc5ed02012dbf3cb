"""Exercise 1b, figure 1: linear regression that tells motorbikes from airplanes.

Each image is a vector of 64 × 64 gray values, each class a 0 or a 1, and the network one linear
output. Training ends when the training error has varied by no more than 0.001 over the last 50
epochs. The figure shows the error by epoch, and beside it the share of images on the wrong side
of 0.5.

    python examples/linear_regression.py --data DIR      the real images, Caltech 101's
    python examples/linear_regression.py --generated     drawings in their place
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import common
import figures
from drawings import generated_vehicles

import minitheanonet as mtn
from minitheanonet.engine import Variable

GENERATED_PER_CLASS = 400
MAX_EPOCHS = 2000
PANELS = (
    figures.Panel("loss", "mean squared error"),
    figures.Panel("wrong", "share of wrong answers", percent=True),
)


def network(n_pixels: int, seed: int) -> mtn.Sequential:
    """Return the linear regression: one output, no more.

    Its weights start at zero. The error is convex, so there is no symmetry to break; and a random
    part that no training image sees would never be unlearned, and would disturb the test.
    """
    return mtn.Sequential(mtn.Dense(n_pixels, 1, W=mtn.Zeros()), seed=seed)


def wrong(prediction: Variable, target: Variable) -> Variable:
    """Return the share of outputs on the wrong side of 0.5."""
    return 1 - mtn.binary_accuracy(prediction, target, threshold=0.5)


def train(net: mtn.Sequential, data: common.Data, max_epochs: int = MAX_EPOCHS) -> mtn.History:
    """Train on mini-batches of 32 until the training error is flat."""
    mean_image = data.train.inputs.mean(axis=0)  # the test images are not to be looked at
    trainer = mtn.Trainer(net, mtn.mean_squared_error, mtn.SGD(1e-3), metrics=[wrong])
    return trainer.fit(
        (data.train.inputs - mean_image, data.train.targets),
        validation=(data.test.inputs - mean_image, data.test.targets),
        batch_size=32,
        epochs=max_epochs,
        stop=mtn.PlateauWindow(window=50, threshold=1e-3, watch="train_loss"),
        progress=sys.stderr.isatty(),  # hundreds of short epochs: too many lines for a log
    )


def load(options: argparse.Namespace) -> common.Data:
    """Load airplanes (0) and motorbikes (1), a fifth of each for the test."""
    return common.load(
        options,
        lambda: mtn.datasets.caltech101(
            options.data, size=64, test_fraction=0.2, seed=options.seed, download=options.download
        ),
        lambda: generated_vehicles(GENERATED_PER_CLASS, seed=options.seed),
    )


def run(argv: list[str] | None, what: str | None, name: str, make: Callable) -> int:
    """Train the network that `make` builds as the command line says, and save ``<name>.png``."""
    parser = common.parser(what)
    parser.add_argument("--epochs", type=common.at_least(1), default=MAX_EPOCHS, metavar="N")

    def work(options: argparse.Namespace) -> None:
        data = load(options)
        net = make(data.train.inputs.shape[1], options.seed)
        print(net.summary())
        history = train(net, data, options.epochs)
        last = common.last_row(history)
        figure = figures.draw(history, PANELS, f"{data.name}: {name.replace('_', ' ')}")
        print(f"{history.epochs} epochs, stopped by: {history.stopped_by}")
        print(f"test error {last['test_loss']:.4f}, wrong {last['test_wrong']:.1%}")
        figures.save(figure, options.out / f"{name}.png")

    return common.exit_code(work, parser.parse_args(argv))


def main(argv: list[str] | None = None) -> int:
    """Train the linear regression and draw figure 1."""
    return run(argv, __doc__, "linear_regression", network)


if __name__ == "__main__":
    sys.exit(main())
