"""A hundred steps of each optimizer beside PyTorch's and Keras's, from the same weights.

Where a framework has another formula, the arguments are chosen such that both are the same, and a
comment says how; the last tests show that the difference is one.
"""

from __future__ import annotations

import pytest

import minitheanonet as mtn
from parity.same_network import (
    BATCHES,
    START,
    STEPS,
    distance,
    our_network,
    train_keras,
    train_ours,
    train_torch,
)

# Keras's own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# What is asked is 1e-5. Apart from sums in another order the formulas are the same, and so are the
# numbers, to 2e-15 on the machine where this was written.
LIMIT = 1e-12
# PyTorch divides by the norm + 1e-6 where it clips norms: 4e-6 after these steps.
LIMIT_NORM = 1e-5
# An ε that makes no difference, wherever it stands in a formula.
NO_EPSILON = 1e-30

WITH_TORCH = {
    "SGD": (mtn.SGD, {"learning_rate": 0.1}, lambda o, p: o.SGD(p, lr=0.1)),
    # PyTorch's velocity has no η in it: the same as long as η doesn't change.
    "Momentum": (
        mtn.Momentum,
        {"learning_rate": 0.05, "momentum": 0.8},
        lambda o, p: o.SGD(p, lr=0.05, momentum=0.8),
    ),
    "Nesterov": (
        mtn.Nesterov,
        {"learning_rate": 0.05, "momentum": 0.8},
        lambda o, p: o.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    ),
    "Adagrad": (
        mtn.Adagrad,
        {"learning_rate": 0.05, "initial_accumulator": 0.1, "epsilon": 1e-3},
        lambda o, p: o.Adagrad(p, lr=0.05, initial_accumulator_value=0.1, eps=1e-3),
    ),
    # PyTorch has ε outside the root: without it the formulas are the same. With it: Keras, below.
    "RMSprop": (
        mtn.RMSprop,
        {"learning_rate": 0.01, "rho": 0.8, "epsilon": NO_EPSILON},
        lambda o, p: o.RMSprop(p, lr=0.01, alpha=0.8, eps=NO_EPSILON),
    ),
    "Adadelta": (
        mtn.Adadelta,
        {"learning_rate": 0.7, "rho": 0.9, "epsilon": 1e-3},
        lambda o, p: o.Adadelta(p, lr=0.7, rho=0.9, eps=1e-3),
    ),
    "Adam": (
        mtn.Adam,
        {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3},
        lambda o, p: o.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-3),
    ),
    "AdamW": (
        mtn.AdamW,
        {"learning_rate": 0.01, "weight_decay": 0.1, "epsilon": 1e-3},
        lambda o, p: o.AdamW(p, lr=0.01, weight_decay=0.1, eps=1e-3),
    ),
}

WITH_KERAS = {
    "SGD": (mtn.SGD, {"learning_rate": 0.1}, lambda o: o.SGD(0.1)),
    "Momentum": (
        mtn.Momentum,
        {"learning_rate": 0.05, "momentum": 0.8},
        lambda o: o.SGD(0.05, momentum=0.8),
    ),
    "Nesterov": (
        mtn.Nesterov,
        {"learning_rate": 0.05, "momentum": 0.8},
        lambda o: o.SGD(0.05, momentum=0.8, nesterov=True),
    ),
    # Keras has ε inside the root: without it the formulas are the same.
    "Adagrad": (
        mtn.Adagrad,
        {"learning_rate": 0.05, "initial_accumulator": 0.1, "epsilon": NO_EPSILON},
        lambda o: o.Adagrad(0.05, initial_accumulator_value=0.1, epsilon=NO_EPSILON),
    ),
    "RMSprop": (
        mtn.RMSprop,
        {"learning_rate": 0.01, "rho": 0.8, "epsilon": 1e-3},
        lambda o: o.RMSprop(0.01, rho=0.8, epsilon=1e-3),
    ),
    "Adadelta": (
        mtn.Adadelta,
        {"learning_rate": 0.7, "rho": 0.9, "epsilon": 1e-3},
        lambda o: o.Adadelta(0.7, rho=0.9, epsilon=1e-3),
    ),
    # Keras has ε beside the root that is not corrected: without it the formulas are the same.
    "Adam": (
        mtn.Adam,
        {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "epsilon": NO_EPSILON},
        lambda o: o.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=NO_EPSILON),
    ),
    "AdamW": (
        mtn.AdamW,
        {"learning_rate": 0.01, "weight_decay": 0.1, "epsilon": NO_EPSILON},
        lambda o: o.AdamW(0.01, weight_decay=0.1, epsilon=NO_EPSILON),
    ),
}


def check_same_way(mine, theirs, limit=LIMIT):
    """Check that both went a long way from where they began, to the same place."""
    assert distance(mine, START) > 0.1
    assert distance(mine, theirs) < limit


@pytest.mark.parametrize("name", WITH_TORCH)
def test_a_hundred_steps_agree_with_pytorch(torch, name):
    kind, options, make = WITH_TORCH[name]
    theirs = train_torch(torch, lambda params: make(torch.optim, params))
    check_same_way(train_ours(kind(**options)), theirs)


@pytest.mark.parametrize("name", WITH_KERAS)
def test_a_hundred_steps_agree_with_keras(keras, name):
    kind, options, make = WITH_KERAS[name]
    check_same_way(train_ours(kind(**options)), train_keras(keras, make(keras.optimizers)))


def test_every_optimizer_is_compared():
    def below(kind):
        return {kind}.union(*map(below, kind.__subclasses__()))

    ours = {name for name in mtn.__all__ if getattr(mtn, name) in below(mtn.Optimizer)}
    assert ours - {"Optimizer"} == set(WITH_TORCH) == set(WITH_KERAS)


def clip_each_norm(torch, params):
    for param in params:
        torch.nn.utils.clip_grad_norm_(param, 0.2)


CLIPS = {
    "value": (
        {"clip_value": 0.02},
        lambda torch, params: torch.nn.utils.clip_grad_value_(params, 0.02),
        {"clipvalue": 0.02},
    ),
    # PyTorch clips the norm of all that it is given, so each parameter is given alone.
    "norm": ({"clip_norm": 0.2}, clip_each_norm, {"clipnorm": 0.2}),
    "global norm": (
        {"clip_global_norm": 0.1},
        lambda torch, params: torch.nn.utils.clip_grad_norm_(params, 0.1),
        {"global_clipnorm": 0.1},
    ),
}


@pytest.mark.parametrize("clip", CLIPS)
def test_clipped_steps_agree_with_pytorch(torch, clip):
    mine, theirs, _ = CLIPS[clip]
    clipped = train_ours(mtn.Momentum(0.05, **mine))
    trained = train_torch(
        torch,
        lambda params: torch.optim.SGD(params, lr=0.05, momentum=0.9),
        lambda params: theirs(torch, params),
    )
    check_same_way(clipped, trained, LIMIT if clip == "value" else LIMIT_NORM)
    assert distance(clipped, train_ours(mtn.Momentum(0.05))) > 0.1  # there was something to clip


@pytest.mark.parametrize("clip", CLIPS)
def test_clipped_steps_agree_with_keras(keras, clip):
    mine, _, theirs = CLIPS[clip]
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9, **theirs)
    check_same_way(train_ours(mtn.Momentum(0.05, **mine)), train_keras(keras, optimizer))


def test_the_trainer_takes_the_same_steps(torch):
    net = our_network()
    trainer = mtn.Trainer(net, mtn.categorical_crossentropy, mtn.Adam(0.01, epsilon=1e-8))
    trainer.fit(BATCHES, epochs=10, progress=False)
    theirs = train_torch(torch, lambda params: torch.optim.Adam(params, lr=0.01))
    check_same_way([param.get_value() for param in net.params], theirs)


# What differs, so that the page that says so stays true.


def test_pytorch_has_epsilon_elsewhere_in_rmsprop(torch):
    theirs = train_torch(torch, lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=0.01))
    assert distance(train_ours(mtn.RMSprop(0.01, epsilon=0.01)), theirs) > 1e-3


@pytest.mark.parametrize("name", ["Adagrad", "Adam", "AdamW"])
def test_keras_has_epsilon_elsewhere(keras, name):
    theirs = train_keras(keras, getattr(keras.optimizers, name)(0.05, epsilon=0.01))
    mine = train_ours(getattr(mtn, name)(0.05, epsilon=0.01))
    assert distance(mine, theirs) > 1e-3


def test_another_learning_rate_in_the_middle(torch, keras):
    """Keras's velocity has η in it, as ours has; PyTorch's has not."""
    mine = train_ours(mtn.Momentum(mtn.Piecewise([STEPS // 2], [0.05, 0.005])))
    same = train_keras(keras, keras.optimizers.SGD(0.05, momentum=0.9), later_rate=0.005)
    other = train_torch(
        torch,
        lambda params: torch.optim.SGD(params, 0.05, momentum=0.9),
        rate=lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [STEPS // 2], gamma=0.1),
    )
    assert distance(mine, same) < LIMIT
    assert distance(mine, other) > 1e-3
