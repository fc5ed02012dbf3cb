"""Exercise "Saving": a trained model in one file, and intermediate ones as it learns.

The model is kept after every epoch. A training that was cut off goes on from its newest file, and
ends with the same numbers as one that never stopped. ``digits.h5`` is left in the folder of the
figures: `python -m minitheanonet predict` asks it about pictures.

    python examples/saving.py --data DIR      the real digits
    python examples/saving.py --generated     drawn ones in their place
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import common
import fewer_digits

import minitheanonet as mtn

EPOCHS, CUT_OFF = 4, 2


def new_trainer(seed: int) -> mtn.Trainer:
    """Return a trainer of figure 5's network, untrained."""
    net = fewer_digits.network(fewer_digits.FIGURES[5], seed)
    optimizer = mtn.RMSprop(learning_rate=1e-3)
    return mtn.Trainer(net, mtn.categorical_crossentropy, optimizer, metrics=[mtn.accuracy])


def train(trainer: mtn.Trainer, digits: common.Pair, epochs: int, folder: Path) -> None:
    """Train, and keep the model after each epoch: in ``001.h5``, ``002.h5`` ..."""
    checkpoint = mtn.Checkpoint(folder / "{epoch:03d}.h5", keep=None)
    trainer.fit(
        digits[0], validation=digits[1], epochs=epochs, batch_size=128,
        callbacks=[checkpoint], progress=False,
    )  # fmt: skip


def main(options: argparse.Namespace) -> None:
    """Keep, cut off, resume, hand on."""
    whole, test = common.digits(options)
    digits = whole.fraction(fewer_digits.FRACTION), test
    with TemporaryDirectory() as directory:
        unbroken, broken = Path(directory, "unbroken"), Path(directory, "broken")
        trainer = new_trainer(options.seed)
        train(trainer, digits, EPOCHS, unbroken)
        for path in sorted(unbroken.glob("*.h5")):
            right = mtn.load_model(path).predict(test.inputs).argmax(axis=1) == test.targets
            print(f"{path.name}: reads {right.mean():.1%} of the test digits")

        train(new_trainer(options.seed), digits, CUT_OFF, broken)  # ... and then the lights go out
        resumed = new_trainer(options.seed)
        mtn.resume(resumed, broken)
        print(f"resumed after epoch {resumed.epoch}")
        train(resumed, digits, EPOCHS - resumed.epoch, broken)

    expected = trainer.network.predict(test.inputs)
    same = (resumed.network.predict(test.inputs) == expected).all()
    print("resumed and unbroken training:", "the same to the last bit" if same else "NOT THE SAME")

    path = options.out / "digits.h5"
    path.parent.mkdir(parents=True, exist_ok=True)
    mtn.save_model(trainer.network, path, classes=[str(digit) for digit in range(10)])
    same = (mtn.load_model(path).predict(test.inputs) == expected).all()
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, read again:", end=" ")
    print("the same predictions" if same else "OTHER PREDICTIONS")


if __name__ == "__main__":
    sys.exit(common.run(main, common.parser(__doc__)))
