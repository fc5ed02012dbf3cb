"""Exercise 1c, figure 2: the same images with a hidden layer of 100 neurons and ReLU.

Data, training and figure are those of `linear_regression`; only the network differs.

    python examples/hidden_layer.py --data DIR      the real images, Caltech 101's
    python examples/hidden_layer.py --generated     drawings in their place
"""

from __future__ import annotations

import sys

from linear_regression import run

import minitheanonet as mtn


def network(n_pixels: int, seed: int) -> mtn.Sequential:
    """Return the network with one hidden layer."""
    return mtn.Sequential(
        mtn.Dense(n_pixels, 100),
        mtn.ReLU(),
        mtn.Dense(100, 1),
        seed=seed,
    )


def main(argv: list[str] | None = None) -> int:
    """Train the network and draw figure 2."""
    return run(argv, __doc__, "hidden_layer", network)


if __name__ == "__main__":
    sys.exit(main())
