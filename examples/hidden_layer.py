"""Exercise 1c, figure 2: the same images with a hidden layer of 100 neurons and ReLU.

Data and training are those of `linear_regression`; only the network differs.

    python examples/hidden_layer.py --data DIR      the real images, Caltech 101's
    python examples/hidden_layer.py --generated     drawings in their place
"""

from __future__ import annotations

import argparse
import sys

import common
from linear_regression import MAX_EPOCHS, show, train

import minitheanonet as mtn


def network(n_pixels: int, seed: int) -> mtn.Sequential:
    """Return the network with one hidden layer, its weights small at the start.

    A hidden layer can't start at zero: all its neurons would stay alike. But what the untrained
    network answers by chance has to be unlearned, and is so for the training images only. With
    the library's default, `GlorotUniform`, it answers ±0.3, which is much beside targets of 0 and
    1; with weights within ±1/√(inputs), PyTorch's default, ±0.05.
    """
    return mtn.Sequential(
        mtn.Dense(n_pixels, 100, W=small(n_pixels)),
        mtn.ReLU(),
        mtn.Dense(100, 1, W=small(100)),
        seed=seed,
    )


def small(n_in: int) -> mtn.Uniform:
    """Return initial weights within ±1/√n_in."""
    return mtn.Uniform(-(n_in**-0.5), n_in**-0.5)


def main(options: argparse.Namespace) -> None:
    """Train the network and draw its error by epoch."""
    images = common.vehicles(options)
    net = network(images[0].inputs.shape[1], options.seed)
    history = train(net, *images, options.epochs or MAX_EPOCHS)
    show(history)
    common.save(history.plot("loss", images[1].name), options.out / "hidden_layer.png")


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
