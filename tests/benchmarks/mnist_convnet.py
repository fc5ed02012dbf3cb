"""A convolutional network on MNIST against PyTorch and Keras.

    python tests/benchmarks/mnist_convnet.py --data DIR [--peers pytorch,keras]
        [--epochs 5] [--rounds 3] [--peer-python PYTHON] [--examples N]

The network is that of Keras's example: two convolutions of 3 × 3, 32 and 64 filters, each with a
ReLU and a pool of 2 × 2, dropout 0.5, ten outputs; Adam, batch 128. Each contestant draws its own
initial weights, of one distribution, in a process of its own, the processes taking turns. The
options are those of mnist_mlp.py; --examples trains on the first N alone. pytensor_ml is one more
peer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import mnist_mlp
import problem
import race


def main(argv: list[str] | None = None) -> int:
    """Race, and print the table."""
    options = mnist_mlp.parse(argv, __doc__, "pytorch,keras")
    names = ["ours", *filter(None, options.peers.split(","))]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
        folder = Path(folder)
        train, test = mnist_mlp.load(options)
        train = [array[: options.examples] for array in train]
        problem.write(folder, (*train, *test), [784], batch=128, epochs=options.epochs, dropout=0.5)
        cold = race.turn("ours", folder, 0, options.peer_python, kept, "cnn_")
        results = race.race(names, folder, options.rounds, options.peer_python, "cnn_", kept)
    print(mnist_mlp.table(results))
    print(
        f"\nours, compile cache empty: {cold['to_first_epoch']:.1f} s to the end of the first "
        f"epoch, {cold['peak_mb']:.0f} MB at most"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
