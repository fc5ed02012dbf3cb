"""The step as a pure function: run by hand on a dict of arrays, it is the trainer's training."""

import numpy as np
import pytest
from trainers import quiet, trainer_for

import minitheanonet as mtn
from minitheanonet.engine import clone, function
from minitheanonet.training.randomness import Training
from minitheanonet.training.step import Objective, training_step, variables_like


class Centre(mtn.Layer):
    """Takes a running mean away: a state that is no parameter."""

    def __init__(self, n):
        super().__init__()
        self.mean = self.state("mean", mtn.Zeros(), (n,))

    def forward(self, x, training=None):
        if training is not None:
            training.update(self.mean, 0.9 * self.mean + 0.1 * x.mean(axis=0))
        return x - self.mean


def network():
    return mtn.Sequential(
        Centre(2), mtn.Dense(2, 8), mtn.ReLU(), mtn.Dropout(0.4), mtn.Dense(8, 3), mtn.Softmax(),
        seed=0, input_shape=(2,),
    )  # fmt: skip


def pure(trainer, batch):
    """Return (batch, state) → (figures, state): the step with nothing shared left in it."""
    training = Training(trainer.seed)
    training.clock = trainer.state["clock"]
    loss, metrics = mtn.categorical_crossentropy, {"accuracy": mtn.accuracy}
    objective = Objective(trainer.network, loss, metrics, None)
    step = training_step(
        objective, trainer.optimizer, trainer.network.trained, trainer.state, training,
        variables_like(batch), inputs=1,
    )  # fmt: skip
    assert set(step.updates) <= set(trainer.state.values())
    given = {name: variable.type() for name, variable in trainer.state.items()}
    place = {variable: given[name] for name, variable in trainer.state.items()}
    results = [*step.outputs, *(step.updates.get(v, v) for v in trainer.state.values())]
    run = function([*step.inputs, *given.values()], [clone(one, place) for one in results])

    def call(batch, state):
        out = run(*batch, *state.values())
        figures, values = out[: len(step.outputs)], out[len(step.outputs) :]
        return figures, dict(zip(state, values, strict=True))

    return call


OPTIMIZERS = {
    "momentum, clipped": mtn.Momentum(0.1, clip_global_norm=0.5),
    "Adam, by a schedule, averaged": mtn.Adam(mtn.Cosine(0.05, steps=12, warm_up=2), average=0.9),
    "rates and constraints": mtn.RMSprop(
        0.01, rates={"dense_1/*": 0.5}, constraints={"*/W": mtn.MaxNorm(1)}
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_by_hand_from_the_state_alone(name, blobs):
    x, y = blobs
    batches = [(x[i : i + 30], y[i : i + 30]) for i in range(0, 90, 30)]
    trainer = trainer_for(network(), OPTIMIZERS[name])
    state = {name: variable.get_value() for name, variable in trainer.state.items()}
    step = pure(trainer, batches[0])
    losses = []
    for _ in range(4):
        figures = []
        for batch in batches:
            outputs, state = step(batch, state)
            figures.append([float(output) for output in outputs])
        losses.append(np.mean(figures, axis=0))
    assert trainer.state["clock"].get_value() == 0  # nothing shared was touched
    history = quiet(trainer, batches, epochs=4)
    np.testing.assert_allclose(history["train_loss"], [loss for loss, _ in losses], rtol=1e-6)
    np.testing.assert_allclose(history["train_accuracy"], [share for _, share in losses], rtol=1e-6)
    for key, variable in trainer.state.items():
        np.testing.assert_allclose(variable.get_value(), state[key], rtol=1e-5, atol=1e-7)
        assert variable.get_value().dtype == state[key].dtype, key
    assert state["clock"] == 12


def test_a_loss_that_is_not_finite_leaves_all_of_the_state(blobs):
    trainer = trainer_for(network(), mtn.Adam())
    before = {name: variable.get_value() for name, variable in trainer.state.items()}
    spoilt = np.where(blobs[0] > 1, np.nan, blobs[0])
    with pytest.raises(mtn.NonFiniteLossError):
        quiet(trainer, (spoilt, blobs[1]), batch_size=90)
    for name, variable in trainer.state.items():
        np.testing.assert_array_equal(variable.get_value(), before[name])
