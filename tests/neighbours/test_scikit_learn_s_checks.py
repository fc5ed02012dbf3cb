"""scikit-learn's own checks of estimators, all of them, and none expected to fail."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

import minitheanonet as mtn
from minitheanonet.neighbours.sklearn import Classifier, MLPClassifier, MLPRegressor, Regressor


def softmax_regression(n_in, n_out):
    return mtn.Sequential(mtn.Dense(n_in, n_out, dtype="float64"), mtn.Softmax())


def linear_regression(n_in, n_out):
    return mtn.Dense(n_in, n_out, dtype="float64")


SMALL = {"max_iter": 40, "tol": 1e-3, "n_iter_no_change": 3}
SGD = {"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0, **SMALL}


# Small networks and simple rules: the checks fit hundreds of times, with many shapes of data.
ESTIMATORS = [
    MLPClassifier((8,), **SGD),
    MLPRegressor(hidden_layer_sizes=(8,), **SGD),
    Classifier(softmax_regression, optimizer=mtn.Adam(0.05), **SMALL),
    Regressor(linear_regression, optimizer=mtn.SGD(0.1), **SMALL),
]
# Named by class, number and check: with a function's repr the names would differ by process.
CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{n}-{check.func.__name__}")
    for estimator in ESTIMATORS
    for n, (_, check) in enumerate(estimator_checks_generator(estimator))
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learn_s_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, in few epochs
        check(clone(estimator))
