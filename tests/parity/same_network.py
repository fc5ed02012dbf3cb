"""One small network in float64, its weights and batches, and what each framework makes of them.

Dense 6 → 8, ReLU, dense 8 → 5, sigmoid, dense 5 → 3, softmax and cross-entropy. Parameters go in
and come out as a list of arrays (W, b, W, b, W, b), the weights (in, out) as here and in Keras.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import minitheanonet as mtn
from minitheanonet.engine import T, function

SIZES = (6, 8, 5, 3)
STEPS = 100
_rng = np.random.default_rng(7)
START = [
    0.6 * _rng.normal(size=shape)
    for n_in, n_out in pairwise(SIZES)
    for shape in ((n_in, n_out), (n_out,))
]
# Ten batches that come again and again, with something in them to learn.
_inputs = _rng.normal(size=(10, 16, 6))
BATCHES = [(x, np.argmax(x[:, :3] + x[:, 3:] ** 2, axis=1).astype("int32")) for x in _inputs]


def steps():
    """Yield the batch of each step."""
    for step in range(STEPS):
        yield BATCHES[step % len(BATCHES)]


def our_network():
    W1, b1, W2, b2, W3, b3 = START
    return mtn.Sequential(
        mtn.Dense(6, 8, W1, b1, dtype="float64"),
        mtn.ReLU(),
        mtn.Dense(8, 5, W2, b2, dtype="float64"),
        mtn.Sigmoid(),
        mtn.Dense(5, 3, W3, b3, dtype="float64"),
        mtn.Softmax(),
        seed=0,
    )


def train_ours(optimizer):
    """Return the parameters after the steps."""
    net = our_network()
    x, y = T.dmatrix("x"), T.ivector("y")
    loss = mtn.categorical_crossentropy(net(x), y)
    step = function([x, y], [], updates=optimizer.updates(loss, net.params))
    for batch in steps():
        step(*batch)
    return [param.get_value() for param in net.params]


def train_torch(torch, make_optimizer, clip=lambda params: None, rate=None):
    """Return the parameters after the steps.

    `clip` is called between gradients and step; `rate` makes a scheduler of the optimizer.
    """
    # torch.nn.Linear keeps its weights the other way round, (out, in).
    params = [torch.tensor(array.T.copy(), requires_grad=True) for array in START]
    W1, b1, W2, b2, W3, b3 = params
    linear = torch.nn.functional.linear
    optimizer = make_optimizer(params)
    scheduler = rate and rate(optimizer)
    for x, y in steps():
        hidden = linear(torch.tensor(x), W1, b1).relu()
        hidden = linear(hidden, W2, b2).sigmoid()
        logits = linear(hidden, W3, b3)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, torch.tensor(y, dtype=torch.int64)).backward()
        clip(params)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    return [param.detach().numpy().T for param in params]


def train_keras(keras, optimizer, later_rate=None):
    """Return the parameters after the steps."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((6,), dtype="float64"),
            layers.Dense(8, activation="relu"),
            layers.Dense(5, activation="sigmoid"),
            layers.Dense(3),
        ]
    )
    model.set_weights(START)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss)
    for number, batch in enumerate(steps()):
        if number == STEPS // 2 and later_rate is not None:
            optimizer.learning_rate = later_rate
        model.train_on_batch(*batch)
    return model.get_weights()


def distance(some, others):
    """Return the largest difference between two lists of parameters."""
    assert [p.dtype for p in [*some, *others]] == ["float64"] * 12
    return max(float(np.abs(p - q).max()) for p, q in zip(some, others, strict=True))
