"""The classics that the documentation ports train as they did in their time."""

import contextlib
import io
import sys
from pathlib import Path

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine

DOCS = Path(__file__).parents[2] / "docs"
sys.path[:0] = [str(DOCS.parent / "tests" / "docs"), str(DOCS.parent / "examples")]
from drawings import generated_digits  # noqa: E402
from test_pages import blocks, is_run  # noqa: E402


@pytest.fixture(scope="module")
def ports():
    """What the page's blocks leave behind, trained for two epochs on a few drawn digits."""
    fit, digits = mtn.Trainer.fit, generated_digits(600, 100, seed=0)

    def two_epochs(trainer, *data, epochs=1, **options):
        return fit(trainer, *data, epochs=min(epochs, 2), **options)

    namespace = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mtn.Trainer, "fit", two_epochs)
        patch.setattr(mtn.datasets, "mnist", lambda *_: digits)
        for line, marker, code, _ in blocks(DOCS / "coming_from_theano.md"):
            if is_run(marker):
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile("\n" * line + code, "the page", "exec"), namespace)
    return namespace


def by_hand(values, train, steps):
    """Return what steps of the tutorial's formulas make of the four parameters, and the costs."""
    W1, b1, W2, b2 = (value.astype("float64") for value in values)
    costs = []
    for start in range(0, 20 * steps, 20):
        x, y = train.inputs[start : start + 20], train.targets[start : start + 20]
        hidden = np.tanh(x @ W1 + b1)
        p = np.exp(hidden @ W2 + b2)
        p /= p.sum(axis=1, keepdims=True)
        penalty = 1e-4 * ((W1**2).sum() + (W2**2).sum())
        costs.append(-np.log(p[np.arange(20), y]).mean() + penalty)
        scores = (p - np.eye(10)[y]) / 20
        below = scores @ W2.T * (1 - hidden**2)
        W2 = W2 - 0.01 * (hidden.T @ scores + 2e-4 * W2)
        b2 = b2 - 0.01 * scores.sum(axis=0)
        W1 = W1 - 0.01 * (x.T @ below + 2e-4 * W1)
        b1 = b1 - 0.01 * below.sum(axis=0)
    return [W1, b1, W2, b2], costs


@pytest.fixture(scope="module")
def start(ports):
    """Parameters from which both go: the port's, after its two epochs."""
    return list(ports["mlp"].network.values().values())


def test_the_perceptron_takes_the_tutorials_steps(ports, start):
    mlp, train = ports["mlp"], ports["train"].first(400)
    mlp.network.set_values(dict(zip(mlp.network.parameters, start, strict=True)))
    expected, costs = by_hand(start, train, 20)
    record = next(mlp.epochs(train, batch_size=20, shuffle=False))
    assert record["train_loss"] == pytest.approx(np.mean(costs), rel=1e-5)
    for got, wanted, before in zip(mlp.network.values().values(), expected, start, strict=True):
        assert abs(wanted - before).max() > 1e-4  # there is something to compare
        np.testing.assert_allclose(got, wanted, atol=2e-6)


@pytest.mark.skipif(engine.name != "theano", reason="the script is Theano's")
def test_the_script_takes_the_same_steps(ports, start):
    train = ports["train"].first(400)
    for variable, value in zip(ports["params"], start, strict=True):
        variable.set_value(value)
    expected, costs = by_hand(start, train, 20)
    for number, cost in enumerate(costs):
        rows = slice(20 * number, 20 * number + 20)
        got = ports["step"](train.inputs[rows], train.targets[rows])
        assert got == pytest.approx(cost, rel=1e-5)
    for variable, wanted in zip(ports["params"], expected, strict=True):
        np.testing.assert_allclose(variable.get_value(), wanted, atol=2e-6)


def test_the_patience_is_the_tutorials(ports):
    def stops(errors):
        """Return the epoch after which the tutorial's loop ends, of 2,500 steps each."""
        patience, best = 10_000, np.inf
        for epoch, error in enumerate(errors, 1):
            if error < best * 0.995:
                patience = max(patience, 2 * 2_500 * epoch)
            best = min(best, error)
            if 2_500 * epoch >= patience:
                return epoch
        return None

    def rule(errors):
        history = mtn.History()
        for epoch, error in enumerate(errors, 1):
            history.append({"test_error": error})
            if ports["patience"](history, 2_500):
                return epoch
        return None

    rng = np.random.default_rng(0)
    ends = set()
    for _ in range(50):
        errors = np.minimum.accumulate(rng.exponential(size=40)) + 0.01 * rng.random(40)
        assert rule(errors) == stops(errors)
        ends.add(stops(errors))
    assert len(ends) > 5


def test_lasagnes_digits_are_learnt(ports):
    trainer, train = ports["trainer"], ports["train"]
    assert trainer.network.input_shape == (784,)
    trainer.fit(train, epochs=2, batch_size=20, progress=False)
    assert trainer.history["train_loss"][-1] < np.log(10)  # below that of ten equal chances
    assert trainer.evaluate(ports["test"])["accuracy"] > 0.5
