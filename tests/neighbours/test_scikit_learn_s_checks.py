"""scikit-learn's own checks of estimators, all of them, and none expected to fail."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("sklearn")

from sklearn.utils.estimator_checks import parametrize_with_checks

import minitheanonet as mtn
from minitheanonet.neighbours.sklearn import Classifier, MLPClassifier, MLPRegressor, Regressor


def build_classifier(n_in, n_out):
    last = mtn.Softmax()
    return mtn.Sequential(
        mtn.Dense(n_in, 8, dtype="float64"), mtn.Tanh(), mtn.Dense(8, n_out, dtype="float64"), last
    )


def build_regressor(n_in, n_out):
    return mtn.Sequential(
        mtn.Dense(n_in, 8, dtype="float64"), mtn.Tanh(), mtn.Dense(8, n_out, dtype="float64")
    )


SMALL = {"max_iter": 60, "tol": 1e-3, "n_iter_no_change": 3}


@parametrize_with_checks(
    [
        MLPClassifier((8,), learning_rate_init=0.02, **SMALL),
        MLPRegressor(hidden_layer_sizes=(8,), learning_rate_init=0.02, **SMALL),
        Classifier(build_classifier, optimizer=mtn.Adam(0.02), **SMALL),
        Regressor(build_regressor, optimizer=mtn.Adam(0.02), **SMALL),
    ]
)
def test_scikit_learn_s_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, in few epochs
        check(estimator)
