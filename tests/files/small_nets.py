"""Networks and data that the tests of files share."""

import numpy as np

import minitheanonet as mtn

INPUTS = np.random.default_rng(5).normal(size=(7, 2, 3)).astype("float32")


def every_layer(dtype="float32", seed=3):
    """A network with every layer that there is, a nested network among them."""
    inner = mtn.Sequential(
        mtn.Dense(5, 4, dtype=dtype), mtn.Tanh(), mtn.Dense(4, 4, b=None, dtype=dtype), name="block"
    )
    return mtn.Sequential(
        mtn.Flatten(),
        mtn.Dense(6, 5, b=mtn.Normal(0.5), dtype=dtype),
        mtn.ReLU(),
        mtn.Dropout(0.25),
        inner,
        mtn.Sigmoid(),
        mtn.Dense(4, 3, dtype=dtype, name="last"),
        mtn.Softmax(),
        input_shape=(2, 3),
        seed=seed,
    )


def weights_of(network):
    """The parameters of a network as bytes, for comparisons bit by bit."""
    return [param.get_value().tobytes() for param in network.params]


def data():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(48, 8)).astype("float32")
    return inputs, (inputs[:, 0] > 0).astype("int32")


def make_trainer(seed=1, optimizer=None, units=16):
    network = mtn.Sequential(
        mtn.Dense(8, units), mtn.ReLU(), mtn.Dropout(0.3), mtn.Dense(units, 2), mtn.Softmax(),
        seed=seed,
    )  # fmt: skip
    return mtn.Trainer(
        network, mtn.categorical_crossentropy, optimizer or mtn.RMSprop(), metrics=[mtn.accuracy]
    )
