"""The perceptrons beside scikit-learn's: the same parameters, attributes, and steps."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning

import minitheanonet as mtn
from minitheanonet.neighbours import sklearn as ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
SUM = X.sum(axis=1)
NUMBERS = np.column_stack([SUM, X[:, 0] - X[:, 1]])
TARGETS = {
    "two classes": np.where(SUM > 0, "yes", "no"),
    "three classes": np.digitize(SUM, [-1, 1]),
    "labels": (NUMBERS > 0).astype(int),
    "a number": SUM,
    "numbers": NUMBERS,
}


def kind_of(module, what):
    return getattr(module, "MLPRegressor" if "number" in what else "MLPClassifier")


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_parameters_and_defaults_are_scikit_learn_s(name):
    theirs = inspect.signature(getattr(neural_network, name)).parameters
    mine = inspect.signature(getattr(ours, name)).parameters
    assert {key: mine[key].default for key in theirs} == {
        key: parameter.default for key, parameter in theirs.items()
    }
    extra = {"class_weight", "dropout"} if name == "MLPClassifier" else {"dropout"}
    assert set(mine) - set(theirs) == extra
    by_place = [key for key, p in theirs.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert [k for k, p in mine.items() if p.kind is p.POSITIONAL_OR_KEYWORD] == by_place


@pytest.mark.parametrize(
    ("what", "settings"),
    [
        ("two classes", {}),
        ("three classes", {"activation": "logistic"}),
        ("labels", {"activation": "tanh", "batch_size": 20, "shuffle": False}),
        ("a number", {"activation": "identity", "solver": "sgd"}),
        ("numbers", {"solver": "sgd", "nesterovs_momentum": False}),
        ("three classes", {"solver": "sgd", "momentum": 0, "learning_rate": "invscaling"}),
        ("a number", {"loss": "poisson", "solver": "sgd"}),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_three_epochs_are_scikit_learn_s(what, settings, weighted):
    """Beginning with the same weights, in float64; ε stands elsewhere in Adam, and is small."""
    y = abs(TARGETS[what]) if "loss" in settings else TARGETS[what]
    weights = (np.arange(40) % 3 + 0.5,) if weighted and "batch_size" not in settings else ()
    settings = {
        "hidden_layer_sizes": (4,), "alpha": 0.5, "learning_rate_init": 0.01, "max_iter": 3,
        "warm_start": True, "epsilon": 1e-12, "random_state": 0, **settings,
    }  # fmt: skip
    theirs, mine = (kind_of(m, what)(**settings) for m in (neural_network, ours))
    theirs.fit(X, y)
    mine.fit(X, y)
    for i, (W, b) in enumerate(zip(theirs.coefs_, theirs.intercepts_, strict=True), 1):
        mine.network_.set_values({f"dense_{i}/W": W, f"dense_{i}/b": b})
    theirs.fit(X, y, *weights)
    mine.fit(X, y, *weights)
    for one, other in zip(
        mine.coefs_ + mine.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(mine.predict_proba(X) if hasattr(mine, "classes_")
                               else mine.predict(X),
                               theirs.predict_proba(X) if hasattr(theirs, "classes_")
                               else theirs.predict(X), rtol=1e-6)  # fmt: skip
    np.testing.assert_array_equal(mine.predict(X[:1]).shape, theirs.predict(X[:1]).shape)
    if what != "numbers":  # whose loss scikit-learn tells as a mean, but minimises as a sum
        assert mine.loss_ == pytest.approx(theirs.loss_, rel=1e-6)
    for attribute in ("n_layers_", "n_outputs_", "out_activation_", "n_iter_", "t_"):
        assert getattr(mine, attribute) == getattr(theirs, attribute), attribute
    assert len(mine.loss_curve_) == len(theirs.loss_curve_) == 6


@pytest.mark.parametrize("what", TARGETS)
def test_it_learns(what):
    model = kind_of(ours, what)(
        hidden_layer_sizes=8, learning_rate_init=0.05, n_iter_no_change=np.inf, random_state=0
    )
    assert model.fit(X, TARGETS[what]).score(X, TARGETS[what]) > 0.9
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert model.history_["train_loss"] == model.loss_curve_


def test_float32_stays_float32():
    model = ours.MLPClassifier(4, max_iter=2).fit(X.astype("float32"), TARGETS["labels"])
    assert {value.dtype.name for value in model.network_.values().values()} == {"float32"}
    assert model.predict_proba(X.astype("float32")).dtype == np.float32


def test_dropout_acts_in_training_alone():
    fits = [
        ours.MLPRegressor(
            hidden_layer_sizes=(9,), activation="identity", dropout=dropout, max_iter=1,
            random_state=0,
        ).fit(X, SUM)
        for dropout in (0.0, 0.5, 0.5)
    ]  # fmt: skip
    assert fits[0].loss_ != fits[1].loss_ == fits[2].loss_
    assert (fits[1].predict(X) == fits[1].predict(X)).all()


def test_two_classes_have_one_output_and_two_columns():
    model = ours.MLPClassifier((), max_iter=1).fit(X, TARGETS["two classes"])
    p = model.predict_proba(X)
    assert p.shape == (40, 2)
    assert model.coefs_[-1].shape == (3, 1)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), p)
    np.testing.assert_array_equal(model.predict(X) == "yes", p[:, 1] > 0.5)


def test_an_adaptive_rate_is_lowered_to_a_fifth_and_ends_in_the_end():
    model = ours.MLPRegressor(
        hidden_layer_sizes=(), solver="sgd", learning_rate="adaptive", n_iter_no_change=1,
        learning_rate_init=1e-5, tol=10, max_iter=50,
    ).fit(X, SUM)  # fmt: skip
    # The first epoch is gain over nothing; each two after it are none.
    assert model.history_["learning_rate"] == pytest.approx([1e-5] * 3 + [2e-6] * 2 + [4e-7] * 2)
    assert model.history_.stopped_by == "no gain"


def test_a_saved_network_predicts_the_same(tmp_path):
    model = ours.MLPClassifier(4, dropout=0.1, max_iter=2).fit(X, TARGETS["three classes"])
    mtn.save_model(model.network_, tmp_path / "model.h5")
    p = mtn.load_model(tmp_path / "model.h5").predict(X)
    np.testing.assert_allclose(p, model.predict_proba(X))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"solver": "lbfgs"}, 'solver="lbfgs" looks at all examples.*"adam" or "sgd"'),
        ({"solver": "rmsprop"}, "solver must be one of 'adam', 'sgd', got 'rmsprop'"),
        ({"activation": "gelu"}, "activation must be one of"),
        ({"learning_rate": 0.1}, "learning_rate must be one of .*'adaptive', got 0.1"),
        ({"learning_rate_init": 0}, "learning_rate_init must be a positive number"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes: each must be a positive whole"),
        ({"power_t": -1}, "power_t"),
        ({"momentum": 1.0, "solver": "sgd"}, r"momentum must be in \[0, 1\)"),
        ({"beta_1": 1}, "beta_1"),
        ({"alpha": -1}, "alpha must be a number, 0 or more"),
        ({"batch_size": "all"}, 'batch_size, if not "auto", must be a positive whole'),
        ({"max_iter": 0}, "max_iter"),
        ({"tol": -1}, "tol"),
        ({"n_iter_no_change": 0.5}, "n_iter_no_change"),
        ({"validation_fraction": 1}, "validation_fraction"),
        ({"dropout": 1}, "dropout: rate, the share dropped"),
        ({"loss": "huber"}, "loss must be one of"),
        ({"loss": "poisson"}, "targets not below 0; the least is -"),
        ({"early_stopping": True, "validation_fraction": 0.02}, "too few to validate with"),
    ],
)
def test_what_is_no_parameter_is_refused_by_name(settings, said):
    with pytest.raises(ValueError, match=said):
        ours.MLPRegressor(**settings).fit(X, SUM)


def test_the_last_epoch_of_all_is_told():
    with pytest.warns(ConvergenceWarning, match="The 2 epochs of max_iter are over"):
        ours.MLPRegressor(hidden_layer_sizes=(), max_iter=2).fit(X, SUM)
