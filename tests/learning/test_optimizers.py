"""Each rule against NumPy's arithmetic in float64, step by step; and the identities they obey."""

from dataclasses import dataclass

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared

START = np.array([[1.0, -2.0], [0.5, 3.0]])
# A gradient that differs from step to step, and from entry to entry.
GRADIENTS = [np.array([[0.3, -1.0], [2.0, 0.01]]) * (-0.7) ** k for k in range(6)]


def train(optimizer, gradients=GRADIENTS, start=START):
    """Return the parameter after each step."""
    w, g = shared(start, "w"), T.dmatrix("g")
    step = function([g], [], updates=optimizer.updates([g], [w]))
    values = []
    for gradient in gradients:
        step(gradient)
        values.append(w.get_value())
    return values


def sgd(p, g, t, s):
    return p - 0.05 * g


def momentum(p, g, t, s):
    s["v"] = 0.8 * s.get("v", 0) - 0.05 * g
    return p + s["v"]


def nesterov(p, g, t, s):
    s["v"] = 0.8 * s.get("v", 0) - 0.05 * g
    return p + 0.8 * s["v"] - 0.05 * g


def adagrad(p, g, t, s):
    s["s"] = s.get("s", 0.2) + g**2
    return p - 0.05 * g / (np.sqrt(s["s"]) + 1e-3)


def rmsprop(p, g, t, s):
    s["r"] = 0.7 * s.get("r", 0) + (1 - 0.7) * g**2
    return p - 0.05 * g / np.sqrt(s["r"] + 1e-3)


def adadelta(p, g, t, s):
    s["r"] = 0.7 * s.get("r", 0) + (1 - 0.7) * g**2
    d = g * np.sqrt(s.get("s", 0) + 1e-3) / np.sqrt(s["r"] + 1e-3)
    s["s"] = 0.7 * s.get("s", 0) + (1 - 0.7) * d**2
    return p - 0.05 * d


def adam(p, g, t, s):
    s["m"] = 0.8 * s.get("m", 0) + (1 - 0.8) * g
    s["v"] = 0.9 * s.get("v", 0) + (1 - 0.9) * g**2
    m, v = s["m"] / (1 - 0.8**t), s["v"] / (1 - 0.9**t)
    return p - 0.05 * m / (np.sqrt(v) + 1e-3)


def adamw(p, g, t, s):
    return adam(p, g, t, s) - 0.05 * 0.1 * p


RULES = {
    "SGD": (mtn.SGD(0.05), sgd),
    "Momentum": (mtn.Momentum(0.05, momentum=0.8), momentum),
    "Nesterov": (mtn.Nesterov(0.05, momentum=0.8), nesterov),
    "Adagrad": (mtn.Adagrad(0.05, initial_accumulator=0.2, epsilon=1e-3), adagrad),
    "RMSprop": (mtn.RMSprop(0.05, rho=0.7, epsilon=1e-3), rmsprop),
    "Adadelta": (mtn.Adadelta(0.05, rho=0.7, epsilon=1e-3), adadelta),
    "Adam": (mtn.Adam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3), adam),
    "AdamW": (mtn.AdamW(0.05, weight_decay=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3), adamw),
}
ALL = [
    mtn.SGD,
    mtn.Momentum,
    mtn.Nesterov,
    mtn.Adagrad,
    mtn.RMSprop,
    mtn.Adadelta,
    mtn.Adam,
    mtn.AdamW,
]


@pytest.mark.parametrize("name", RULES)
def test_rule_against_numpy(name):
    optimizer, rule = RULES[name]
    p, state = START, {}
    for t, (gradient, got) in enumerate(zip(GRADIENTS, train(optimizer), strict=True), 1):
        p = rule(p, gradient, t, state)
        np.testing.assert_allclose(got, p, rtol=1e-12)


@pytest.mark.engine_mode
@pytest.mark.parametrize("name", RULES)
def test_rule_in_the_engine_s_own_mode(name):
    optimizer, rule = RULES[name]
    p, state = START, {}
    for t, gradient in enumerate(GRADIENTS, 1):
        p = rule(p, gradient, t, state)
    np.testing.assert_allclose(train(optimizer)[-1], p, rtol=1e-12)


DEFAULTS = {
    "SGD": {"learning_rate": 0.01},
    "Momentum": {"learning_rate": 0.01, "momentum": 0.9},
    "Nesterov": {"learning_rate": 0.01, "momentum": 0.9},
    "Adagrad": {"learning_rate": 1e-3, "initial_accumulator": 0.1, "epsilon": 1e-7},
    "RMSprop": {"learning_rate": 1e-3, "rho": 0.9, "epsilon": 1e-7},
    "Adadelta": {"learning_rate": 1e-3, "rho": 0.95, "epsilon": 1e-7},
    "Adam": {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
    "AdamW": {"learning_rate": 1e-3, "weight_decay": 4e-3, "beta_1": 0.9, "beta_2": 0.999},
}


@pytest.mark.parametrize("optimizer", ALL)
def test_default_values(optimizer):
    made = optimizer()
    expected = DEFAULTS[optimizer.__name__]
    assert {name: getattr(made, name) for name in expected} == expected


def test_adam_s_first_step_is_the_learning_rate_s_size():
    first = train(mtn.Adam(0.01, epsilon=1e-12))[0]
    np.testing.assert_allclose(first, START - 0.01 * np.sign(GRADIENTS[0]), rtol=1e-6)


def test_nesterov_without_momentum_is_sgd():
    np.testing.assert_array_equal(train(mtn.Nesterov(0.1, momentum=0))[-1], train(mtn.SGD(0.1))[-1])


def test_adagrad_may_start_from_nothing():
    first = train(mtn.Adagrad(0.01, initial_accumulator=0, epsilon=1e-12))[0]
    np.testing.assert_allclose(first, START - 0.01 * np.sign(GRADIENTS[0]), rtol=1e-6)


def test_adamw_without_decay_is_adam():
    np.testing.assert_array_equal(train(mtn.AdamW(weight_decay=0))[-1], train(mtn.Adam())[-1])


@pytest.mark.parametrize("optimizer", ALL)
def test_minimises_a_quadratic(optimizer):
    w = shared(np.array([1.0, -1.0]), "w")
    loss = (w * w).sum()
    made = optimizer(0.05)
    step = function([], loss, updates=made.updates(loss, [w]))
    first = float(step())
    for _ in range(100):
        step()
    assert float(step()) < first


def test_state_is_named_after_its_parameter(make_net):
    net, x, y = make_net(), T.fmatrix("x"), T.ivector("y")
    loss = mtn.categorical_crossentropy(net(x), y)
    names = [v.name for v in mtn.Adam().updates(loss, net.trained)]
    assert names[:4] == [
        "dense_1/W/mean", "dense_1/W/mean_square", "dense/W", "dense_1/b/mean",
    ]  # fmt: skip
    assert len(names) == 13
    assert names[-1] == "clock"


@pytest.mark.parametrize("optimizer", ALL)
def test_float32_stays_float32(optimizer):
    w, g = shared(START.astype("float32"), "w"), T.fmatrix("g")
    made = optimizer(clip_value=1, clip_norm=1, clip_global_norm=1)
    updates = made.updates([g], [w])
    dtypes = {new.dtype for old, new in updates.items() if old.name != "clock"}
    assert dtypes == {"float32"}


def test_a_learning_rate_of_zero_moves_nothing():
    np.testing.assert_array_equal(train(mtn.SGD(0))[-1], START)


def test_an_optimizer_clips_before_its_rule():
    moved = train(mtn.SGD(1.0, clip_norm=1.0), [10 * START])[0]
    np.testing.assert_allclose(moved, START - START / np.linalg.norm(START))
    moved = train(mtn.SGD(1.0, clip_value=0.1), [10 * START])[0]
    np.testing.assert_allclose(moved, START - 0.1 * np.sign(START))
    moved = train(mtn.SGD(1.0, clip_global_norm=2.0), [10 * START])[0]
    np.testing.assert_allclose(moved, START - 2 * START / np.linalg.norm(START))


class TestRefuses:
    @pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), "fast"])
    def test_a_learning_rate_that_is_none(self, rate):
        with pytest.raises(ValueError, match="SGD: learning_rate must be a number, 0 or more"):
            mtn.SGD(rate)

    def test_another_hyperparameter_later(self):
        with pytest.raises(AttributeError):
            mtn.SGD().learning_rate = 0.1

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: mtn.Momentum(momentum=1), r"Momentum: momentum must be in \[0, 1\)"),
            (lambda: mtn.RMSprop(rho=-0.1), r"RMSprop: rho must be in \[0, 1\)"),
            (lambda: mtn.RMSprop(epsilon=0), "RMSprop: epsilon must be a positive number"),
            (lambda: mtn.Adagrad(epsilon=0), "Adagrad: epsilon must be a positive number"),
            (lambda: mtn.Adagrad(initial_accumulator=-1), "Adagrad: initial_accumulator"),
            (lambda: mtn.Adadelta(epsilon=-1), "Adadelta: epsilon must be a positive number"),
            (lambda: mtn.Adadelta(rho=1), r"Adadelta: rho must be in \[0, 1\)"),
            (lambda: mtn.Adam(beta_1=1), r"Adam: beta_1 must be in \[0, 1\)"),
            (lambda: mtn.Adam(beta_2=1), r"Adam: beta_2 must be in \[0, 1\)"),
            (lambda: mtn.Adam(epsilon=0), "Adam: epsilon must be a positive number"),
            (lambda: mtn.AdamW(weight_decay=-1), "AdamW: weight_decay must be a number, 0 or more"),
            (lambda: mtn.SGD(clip_norm=0), "SGD: clip_norm must be a positive number"),
            (lambda: mtn.Adagrad(initial_accumulator=float("inf")), "Adagrad: initial_accumulator"),
            (lambda: mtn.AdamW(weight_decay=float("inf")), "AdamW: weight_decay must be a number"),
        ],
    )
    def test_numbers_out_of_range(self, make, message):
        with pytest.raises(ValueError, match=message):
            make()

    def test_no_parameters(self):
        with pytest.raises(ValueError, match="at least one parameter"):
            mtn.SGD().updates([], [])

    def test_another_number_of_gradients(self):
        with pytest.raises(ValueError, match="argument 2 is shorter"):
            mtn.SGD().updates([], [shared(START, "w")])

    def test_what_is_no_shared_variable(self):
        with pytest.raises(TypeError, match="updates shared variables"):
            mtn.SGD().updates([T.dmatrix()], [T.dmatrix("w")])


def test_parameters_that_share_a_name_keep_states_apart():
    first, second, g = shared(START, "w"), shared(START, "w"), T.dmatrix("g")
    names = [v.name for v in mtn.Momentum().updates([g, g], [first, second])]
    assert names == ["w/velocity", "w", "w_2/velocity", "w"]


def test_a_rule_must_be_defined():
    @dataclass(frozen=True)
    class Empty(mtn.Optimizer):
        learning_rate: float = 0.1

    with pytest.raises(NotImplementedError, match="Empty defines no rule"):
        Empty().updates([T.dmatrix()], [shared(START, "w")])


def test_a_rule_that_upcasts_is_refused_and_names_what():
    @dataclass(frozen=True)
    class Doubling(mtn.Optimizer):
        learning_rate: float = 0.1

        def rule(self, p, g, state, rate, t):
            return p - g * T.constant(np.ones(2), dtype="float64"), {}

    w, g = shared(START.astype("float32"), "w"), T.fmatrix("g")
    with pytest.raises(TypeError, match="Doubling: w would become float64 .* and is float32"):
        Doubling().updates([g], [w])


def test_one_optimizer_serves_two_parameters_sets_without_sharing():
    optimizer = mtn.Momentum(0.1)
    np.testing.assert_array_equal(train(optimizer)[-1], train(optimizer)[-1])


def test_repr_shows_what_differs_from_none():
    assert repr(mtn.SGD(0.1)) == "SGD(learning_rate=0.1)"
    assert repr(mtn.Momentum(clip_norm=2.0)) == (
        "Momentum(learning_rate=0.01, momentum=0.9, clip_norm=2.0)"
    )
