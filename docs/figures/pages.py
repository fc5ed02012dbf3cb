"""Draw the pictures of the start page and of the guide: ``python docs/figures/pages.py``.

The start page's is what its own lines draw; the guide's is of a network that overfits.
"""

from pathlib import Path

import minitheanonet as mtn

HERE = Path(__file__).parent


def start():
    """Train as the start page does."""
    train, test = mtn.datasets.digits()
    net = mtn.Sequential(
        mtn.Dense(64, 128), mtn.ReLU(), mtn.Dropout(0.2), mtn.Dense(128, 10), mtn.Softmax(), seed=0
    )
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(), metrics=[mtn.accuracy])
    history = trainer.fit(train, validation=test, epochs=20)
    print(net.summary())
    return history.plot("accuracy")


def guide():
    """Train a network that learns its few examples by heart."""
    train, test = mtn.datasets.digits()
    net = mtn.Sequential(mtn.Dense(64, 512), mtn.ReLU(), mtn.Dense(512, 10), mtn.Softmax(), seed=0)
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam())
    return trainer.fit(train, validation=test, epochs=40).plot("loss")


if __name__ == "__main__":
    for name, draw in (("start_accuracy", start), ("guide_loss", guide)):
        draw().savefig(HERE / f"{name}.png", dpi=100)
