"""What is compiled is shared where the graphs are the same, and nowhere else."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, shared
from minitheanonet.neighbours.sklearn import Classifier, MLPClassifier, MLPRegressor, Regressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 3))
Y = (X.sum(axis=1) > 0).astype(int)


@pytest.fixture
def compiled(monkeypatch):
    """Return a list that gets longer with everything that the engine compiles."""
    whole = __import__(engine.name)
    function, calls = whole.function, []

    def counting(*arguments, **options):
        calls.append(arguments)
        return function(*arguments, **options)

    monkeypatch.setattr(whole, "function", counting)
    return calls


class Times(mtn.Layer):
    """The input times a number that no representation shows."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x, training=None):
        return self.factor * x

    def output_shape(self, input_shape):
        return input_shape

    def __repr__(self):
        return "Times()"


def with_factor(factor, n_in, n_out):
    return mtn.Sequential(mtn.Dense(n_in, n_out, dtype="float64"), Times(factor))


def values(model):
    return np.concatenate([v.ravel() for v in model.network_.values().values()])


def test_twenty_fits_compile_once(compiled):
    model = MLPClassifier((5, 4, 3), max_iter=2, random_state=0, dropout=0.1)
    model.fit(X, Y).predict(X)
    once = len(compiled)
    assert once == 2  # the step and the prediction
    grid = {
        "alpha": [0, 1e-4, 1.0], "learning_rate_init": [0.1, 0.01], "random_state": [1, 2],
        "batch_size": [10, "auto"], "tol": [0.1, 1],
    }  # fmt: skip
    GridSearchCV(model, grid, cv=2).fit(X, Y)
    assert len(compiled) == once


def test_any_network_s_too(compiled):
    def build(n_in, n_out):
        return mtn.Sequential(
            mtn.Dense(n_in, 6), mtn.ELU(), mtn.Dropout(0.2), mtn.Dense(6, n_out), mtn.Softmax()
        )

    model = Classifier(build, max_iter=2, random_state=0)
    model.fit(X, Y).predict(X)
    assert len(compiled) == 2
    for rate in (0.1, 0.2):
        clone(model).set_params(optimizer=mtn.Adam(rate), alpha=rate).fit(X, Y).predict(X)
    assert len(compiled) == 2


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_the_first_fit_and_the_shared_one_have_the_same_bits(dropout, compiled):
    model = MLPClassifier((7,), max_iter=3, batch_size=8, random_state=3, dropout=dropout)
    first = values(model.fit(X, Y))
    assert compiled
    between = clone(model).set_params(random_state=4, alpha=3, learning_rate_init=0.5)
    between.fit(X, 1 - Y)
    compiled.clear()
    again = values(clone(model).fit(X, Y))
    assert not compiled
    assert (first == again).all()
    assert (first == values(model)).all()  # and what was lent is no longer the first's
    assert not (first == values(between)).any()


@pytest.mark.parametrize(
    "other",
    [
        {"activation": "tanh"},
        {"hidden_layer_sizes": (6,)},
        {"solver": "sgd"},
        {"beta_1": 0.5},
        {"dropout": 0.1 + 1e-9},
    ],
)
def test_what_stands_in_the_graph_is_compiled_anew(other, compiled):
    model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=1, dropout=0.1).fit(X, Y)
    compiled.clear()
    model.set_params(**other).fit(X, Y)
    assert compiled


def test_networks_that_are_written_the_same_and_are_not(compiled):
    optimizer = mtn.SGD(0.1)
    build = partial(with_factor, 0.0)
    idle = Regressor(build, optimizer=optimizer, max_iter=1, random_state=0).fit(X, Y)
    assert len(compiled) == 1
    busy = Regressor(partial(with_factor, 1.0), optimizer=optimizer, max_iter=1, random_state=0)
    busy.fit(X, Y)
    assert len(compiled) == 2
    assert repr(idle.network_) == repr(busy.network_)
    assert (idle.predict(X) == 0).all()
    assert (busy.predict(X) != 0).all()


def test_a_variable_of_the_network_s_own_is_not_taken_for_another(compiled):
    """Two variables of the same name and value may come to differ."""
    factors = [shared(np.float64(1), "factor") for _ in range(2)]
    for factor in factors:
        with pytest.warns(UserWarning, match="neither parameter nor state"):
            Regressor(partial(with_factor, factor), max_iter=1).fit(X, Y)
    assert len(compiled) == 2


def test_optimizers_of_the_same_name_and_numbers(compiled):
    """Two constraints may be called the same."""

    def constraint(limit):
        def bounded(w):
            return T.clip(w, -limit, limit)

        return bounded

    found = [
        Regressor(
            partial(mtn.Dense, dtype="float64"),
            optimizer=mtn.SGD(0.0, constraints={"W": constraint(limit)}), max_iter=1,
        ).fit(X, Y)
        for limit in (0.5, 0.125)
    ]  # fmt: skip
    assert len({repr(model.optimizer) for model in found}) == 1
    assert abs(found[1].network_.values()["W"]).max() <= 0.125


def test_a_network_that_was_changed_since(compiled):
    """Other parameters take effect in the next network, and not in one that goes on."""
    settings = {"hidden_layer_sizes": (5,), "warm_start": True, "max_iter": 1, "random_state": 0}
    changed, plain = MLPRegressor(**settings).fit(X, Y), MLPRegressor(**settings).fit(X, Y)
    changed.set_params(activation="tanh", dropout=0.5, loss="poisson").fit(X, Y)
    assert (values(changed) == values(plain.fit(X, Y))).all()
    compiled.clear()
    changed.network_.layers[0].trainable = False
    first = changed.coefs_[0]
    assert (changed.fit(X, Y).coefs_[0] == first).all()
    assert compiled
    assert (plain.fit(X, Y).coefs_[0] != first).any()


def test_threads_take_turns():
    settings = {"hidden_layer_sizes": (5,), "max_iter": 5, "batch_size": 8, "early_stopping": True}
    models = [MLPClassifier(random_state=seed, **settings) for seed in range(4)]
    alone = [values(clone(model).fit(X, Y)) for model in models]
    threads = [threading.Thread(target=model.fit, args=(X, Y)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model, expected in zip(models, alone, strict=True):
        assert (values(model) == expected).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_training_fails_and_the_next_does_not():
    model = MLPRegressor(hidden_layer_sizes=(5,), max_iter=2, random_state=0)
    expected = values(clone(model).fit(X, Y))
    with pytest.raises(FloatingPointError):
        clone(model).set_params(learning_rate_init=1e300).fit(X, Y)
    assert (values(model.fit(X, Y)) == expected).all()
