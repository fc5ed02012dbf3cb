"""Networks and data that the tests of files share."""

import numpy as np

import minitheanonet as mtn

INPUTS = np.random.default_rng(5).normal(size=(7, 2, 3)).astype("float32")


def every_layer(dtype="float32", seed=3):
    """A network with every layer that there is, a nested network and a frozen layer among them."""
    inner = mtn.Sequential(
        mtn.Dense(5, 4, dtype=dtype), mtn.Tanh(), mtn.Dense(4, 4, b=None, dtype=dtype),
        mtn.Sequential(mtn.Dense(4, 4, dtype=dtype), mtn.Softplus(), name="core"),
        name="block",
    )  # fmt: skip
    inner.layers[0].trainable = False
    return mtn.Sequential(
        mtn.Flatten(),
        mtn.Rescale(0.5, 0.25),
        mtn.Dense(6, 5, b=mtn.Normal(0.5), dtype=dtype),
        mtn.ReLU(),
        mtn.Dropout(0.25),
        inner,
        mtn.Sigmoid(),
        mtn.LeakyReLU(0.2),
        mtn.Dense(4, 4, dtype=dtype),
        mtn.ELU(0.7),
        mtn.GELU(),
        mtn.GaussianNoise(0.25),
        mtn.Reshape((2, -1)),
        mtn.Reshape((4,)),
        mtn.Dense(4, 3, dtype=dtype, name="last"),
        mtn.Softmax(),
        input_shape=(2, 3),
        seed=seed,
    )


def weights_of(network):
    """All parameters and states of a network as bytes, for comparisons bit by bit."""
    return {path: value.tobytes() for path, value in network.values().items()}


class Shift(mtn.Layer):
    """A layer of one's own, with state: no model file can describe it."""

    def __init__(self, n, name=None):
        super().__init__(name=name)
        self.shift = self.parameter("shift", mtn.Zeros(), (n,))
        self.mean = self.state("mean", mtn.Zeros(), (n,))

    def forward(self, x, training=None):
        if training is not None:
            training.update(self.mean, 0.9 * self.mean + 0.1 * x.mean(axis=0))
        return x + self.shift - self.mean


def data():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(48, 8)).astype("float32")
    return inputs, (inputs[:, 0] > 0).astype("int32")


def make_trainer(seed=1, optimizer=None, units=16, loss=None, rate=0.3, more=(), **options):
    """Make a trainer; `more` layers stand before the last one."""
    network = mtn.Sequential(
        mtn.Dense(8, units), mtn.ReLU(), mtn.Dropout(rate), *more, mtn.Dense(units, 2),
        mtn.Softmax(), seed=seed,
    )  # fmt: skip
    optimizer = optimizer or mtn.RMSprop()
    options = {"metrics": [mtn.accuracy], **options}
    return mtn.Trainer(network, loss or mtn.categorical_crossentropy, optimizer, **options)


def train(trainer, folder, epochs, **options):
    """Train for some epochs, with checkpoints in a folder."""
    checkpoint = mtn.Checkpoint(folder / "{epoch:03d}.h5", **options)
    trainer.fit(data(), validation=data(), epochs=epochs, callbacks=[checkpoint], progress=False)
    return trainer


def names(folder):
    """The names of what is in a folder, without the lock."""
    return sorted(entry.name for entry in folder.iterdir() if entry.name != ".lock")
