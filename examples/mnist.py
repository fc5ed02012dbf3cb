"""Exercise 2, figures 3 to 8: handwritten digits, with as many layers as you like.

The defaults are figure 3: two hidden layers of 512 with ReLU and dropout 0.2 after each. The
others take a quarter of the examples:

    figure 4    --fraction 0.25
    figure 5    --fraction 0.25 --layers 1
    figure 6    --fraction 0.25 --layers 1 --activation sigmoid
    figure 7    --fraction 0.25 --layers 1 --activation sigmoid --dropout 0.5
    figure 8    --fraction 0.25 --layers 1 --activation sigmoid --dropout 0

    python examples/mnist.py --data DIR      the real digits
    python examples/mnist.py --generated     drawn ones in their place

With --checkpoint RUN the training is saved in the folder RUN after each epoch, and with --resume
beside it a training that was cut off goes on from there, as if it had never stopped.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import common
import figures

import minitheanonet as mtn

GENERATED_SIZES = (20_000, 4_000)
ACTIVATIONS = {"relu": mtn.ReLU, "sigmoid": mtn.Sigmoid, "tanh": mtn.Tanh}
OPTIMIZERS = {
    rule.__name__.lower(): rule
    for rule in (
        mtn.SGD, mtn.Momentum, mtn.Nesterov, mtn.Adagrad, mtn.RMSprop, mtn.Adadelta, mtn.Adam,
        mtn.AdamW,
    )
}  # fmt: skip
PANELS = (
    figures.Panel("accuracy", "accuracy", percent=True),
    figures.Panel("loss", "cross-entropy"),
)


def network(
    layers: int = 2, units: int = 512, activation: str = "relu", dropout: float = 0.2, seed: int = 0
) -> mtn.Sequential:
    """Return the network: hidden layers, each with dropout after its activation, and softmax."""
    widths = [28 * 28, *[units] * layers]
    hidden: list[mtn.Layer] = []
    for n_in, n_out in pairwise(widths):
        hidden += [mtn.Dense(n_in, n_out), ACTIVATIONS[activation]()]
        if dropout > 0:
            hidden.append(mtn.Dropout(dropout))
    return mtn.Sequential(*hidden, mtn.Dense(widths[-1], 10), mtn.Softmax(), seed=seed)


def train(
    net: mtn.Sequential,
    data: common.Data,
    max_epochs: int = 20,
    batch_size: int = 128,
    optimizer: mtn.Optimizer | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
) -> mtn.History:
    """Train for a number of epochs, with RMSprop if no optimizer is given.

    With a folder for checkpoints each epoch is saved there; to resume is to go on from the newest.
    """
    trainer = mtn.Trainer(
        net,
        loss=mtn.categorical_crossentropy,
        optimizer=optimizer or mtn.RMSprop(learning_rate=1e-3),
        metrics=[mtn.accuracy],
    )
    if checkpoint is not None and resume:
        trainer.resume(checkpoint, missing_ok=True)
    if trainer.epoch >= max_epochs:
        return trainer.history
    saved = []
    if checkpoint is not None:
        digits = [str(digit) for digit in range(10)]
        pattern = checkpoint / "{epoch:03d}.h5"
        saved = [mtn.Checkpoint(pattern, best="test_loss", classes=digits)]
    return trainer.fit(
        data.train,
        validation=data.test,
        epochs=max_epochs - trainer.epoch,
        batch_size=batch_size,
        callbacks=saved,
    )


def load(options: argparse.Namespace) -> common.Data:
    """Load the digits, all of them."""
    return common.load(
        options,
        lambda: mtn.datasets.mnist(options.data, download=options.download),
        lambda: mtn.datasets.generated_digits(*GENERATED_SIZES, seed=options.seed),
    )


def work(options: argparse.Namespace) -> None:
    """Load, train, and save the figure ``mnist.png``."""
    data = load(options).fraction(options.fraction)
    net = network(options.layers, options.units, options.activation, options.dropout, options.seed)
    print(net.summary())
    rule = OPTIMIZERS[options.optimizer]
    optimizer = rule() if options.learning_rate is None else rule(options.learning_rate)
    history = train(
        net, data, options.epochs, options.batch_size, optimizer, options.checkpoint, options.resume
    )
    last = common.last_row(history)
    title = f"{data.name}: {data.n_train:,} examples, {options.layers} × {options.units} "
    title += f"{options.activation}, dropout {options.dropout:g}, {options.optimizer}"
    figure = figures.draw(history, PANELS, title)
    print(f"test accuracy {last['test_accuracy']:.4f} after {history.epochs} epochs")
    figures.save(figure, options.out / "mnist.png")


def main(argv: list[str] | None = None) -> int:
    """Train the network that the command line describes, and draw its figure."""
    parser = common.parser(__doc__)
    add, positive = parser.add_argument, common.at_least(1)
    rate = common.number("at least 0 and below 1", lambda value: 0 <= value < 1)
    part = common.number("above 0 and at most 1", lambda value: 0 < value <= 1)
    above_0 = common.number("above 0", lambda value: 0 < value < float("inf"))
    add("--layers", type=common.at_least(0), default=2, metavar="N", help="hidden ones")
    add("--units", type=positive, default=512, metavar="N", help="in each hidden layer")
    add("--activation", choices=ACTIVATIONS, default="relu")
    add("--dropout", type=rate, default=0.2, metavar="RATE", help="0 for none")
    add("--fraction", type=part, default=1.0, metavar="F", help="the first examples")
    add("--optimizer", choices=OPTIMIZERS, default="rmsprop")
    add("--learning-rate", type=above_0, metavar="RATE", help="default: the optimizer's own")
    add("--batch-size", type=positive, default=128, metavar="N")
    add("--epochs", type=positive, default=20, metavar="N", help="in all, resumed ones included")
    add("--checkpoint", type=Path, metavar="RUN", help="a folder to save each epoch in")
    add("--resume", action="store_true", help="go on from the newest checkpoint in RUN")
    options = parser.parse_args(argv)
    if options.resume and options.checkpoint is None:
        parser.error("--resume needs --checkpoint RUN, the folder to resume from")
    return common.exit_code(work, options)


if __name__ == "__main__":
    sys.exit(main())
