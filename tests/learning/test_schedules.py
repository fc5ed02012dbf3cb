"""Each schedule against its closed form in NumPy, and in the graph of a step."""

import math

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, shared

STEPS = np.arange(0, 130)


def cosine(t):
    """Return a warm-up of 10 steps to 0.1, then half a cosine to 0.01 at step 100, and on."""
    share = np.minimum((t - 10) / 90, 1)
    return np.where(t < 10, 0.1 * (t + 1) / 10, 0.01 + 0.09 * (1 + np.cos(np.pi * share)) / 2)


def one_cycle(t):
    def half(start, end, share):
        return end + (start - end) * (1 + np.cos(np.pi * np.clip(share, 0, 1))) / 2

    return np.where(
        t < 20, half(0.05, 0.2, t / 20), half(0.2, 0.05 / 100, (t - 20) / 80)
    )  # fmt: skip


CLOSED_FORMS = {
    "piecewise": (
        mtn.Piecewise([10, 50], [0.1, 0.01, 0.3]),
        lambda t: np.select([t < 10, t < 50], [0.1, 0.01], 0.3),
    ),
    "constant": (mtn.Piecewise([], [0.1]), lambda t: 0.1 + 0 * t),
    "exponential": (mtn.Exponential(0.1, decay=0.5, steps=20), lambda t: 0.1 * 0.5 ** (t / 20)),
    "cosine": (mtn.Cosine(0.1, steps=100, warm_up=10, final=0.01), cosine),
    "cosine without a warm-up": (
        mtn.Cosine(0.1, steps=100),
        lambda t: 0.05 * (1 + np.cos(np.pi * np.minimum(t / 100, 1))),
    ),
    "one cycle": (
        mtn.OneCycle(0.2, steps=100, rise=0.2, start_divisor=4, final_divisor=100),
        one_cycle,
    ),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_against_its_closed_form(name, dtype):
    schedule, closed = CLOSED_FORMS[name]
    t = T.vector("t", dtype=dtype)
    rates = function([t], schedule(t) + 0 * t)(STEPS.astype(dtype))
    tolerance = {"float32": 3e-7, "float64": 1e-15}[dtype]
    np.testing.assert_allclose(rates, closed(STEPS), rtol=1e-5, atol=tolerance)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_as_a_number(name):
    schedule, closed = CLOSED_FORMS[name]
    for t in (0, 9, 10, 99, 100):
        assert schedule.at(t) == pytest.approx(float(closed(np.array(t))), abs=1e-12)


@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_step_takes_the_rate_of_the_steps_before_it(name, dtype):
    """With a gradient of 1, SGD moves by the rate itself."""
    schedule, closed = CLOSED_FORMS[name]
    w = shared(np.zeros((), dtype), "w")
    step = function([], w, updates=mtn.SGD(schedule).updates(w, [w]))
    rates = -np.diff([float(step()) for _ in range(14)])
    assert w.get_value().dtype == dtype
    np.testing.assert_allclose(rates, closed(np.arange(13)), rtol=1e-4, atol=1e-6)


def test_any_function_of_the_clock_is_one():
    w = shared(np.zeros(()), "w")
    updates = mtn.SGD(lambda t: 1 / (1 + t)).updates(w, [w])
    step = function([], [], updates=updates)
    for _ in range(4):
        step()
    assert w.get_value() == pytest.approx(-(1 + 1 / 2 + 1 / 3 + 1 / 4))


def test_adam_and_its_schedule_read_one_clock():
    w = shared(np.ones(3), "w")
    updates = mtn.Adam(mtn.Cosine(0.1, steps=5)).updates((w * w).sum(), [w])
    clocks = [variable for variable in updates if variable.ndim == 0]
    assert [clock.name for clock in clocks] == ["clock"]


def test_one_cycle_begins_and_ends_where_it_says():
    schedule = mtn.OneCycle(0.1, steps=50)
    assert schedule.at(0) == pytest.approx(0.1 / 25)
    assert schedule.at(15) == pytest.approx(0.1)
    assert schedule.at(50) == schedule.at(500) == pytest.approx(0.1 / 25 / 1e4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mtn.Piecewise([10], [0.1]), "Piecewise: give one rate more than boundaries"),
        (lambda: mtn.Piecewise([10, 5], [1, 2, 3]), "Piecewise: boundaries must rise"),
        (lambda: mtn.Piecewise([10, 10], [1, 2, 3]), "Piecewise: boundaries must rise"),
        (lambda: mtn.Piecewise([0], [1, 2]), "Piecewise: a boundary must be a positive whole"),
        (lambda: mtn.Piecewise([3], [1, -2]), "Piecewise: a rate must be a number, 0 or more"),
        (lambda: mtn.Exponential(-1, 0.5, 10), "Exponential: initial must be a number, 0 or more"),
        (lambda: mtn.Exponential(1, 0, 10), "Exponential: decay must be a positive number"),
        (lambda: mtn.Exponential(1, 0.5, 0), "Exponential: steps must be a positive whole number"),
        (lambda: mtn.Cosine(math.nan, 10), "Cosine: peak must be a number, 0 or more"),
        (lambda: mtn.Cosine(1, 10.5), "Cosine: steps must be a positive whole number"),
        (lambda: mtn.Cosine(1, 10, warm_up=10), r"Cosine: warm_up must be in \[0, steps\)"),
        (lambda: mtn.Cosine(1, 10, warm_up=-1), r"Cosine: warm_up must be in \[0, steps\)"),
        (lambda: mtn.Cosine(1, 10, final=-1), "Cosine: final must be a number, 0 or more"),
        (lambda: mtn.OneCycle(1, 10, rise=1), r"OneCycle: rise must be in \(0, 1\)"),
        (lambda: mtn.OneCycle(1, 10, rise=0), r"OneCycle: rise must be in \(0, 1\)"),
        (lambda: mtn.OneCycle(1, 10, start_divisor=0), "OneCycle: start_divisor must be a posit"),
        (lambda: mtn.OneCycle(1, 10, final_divisor=0), "OneCycle: final_divisor must be a posit"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_one_that_defines_nothing():
    with pytest.raises(NotImplementedError, match=r"Schedule defines no __call__\(t\)"):
        mtn.Schedule().at(0)
