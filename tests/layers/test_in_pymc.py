"""A network as part of a PyMC model, its last layer's parameters random variables."""

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function

pm = pytest.importorskip("pymc")
pytestmark = pytest.mark.filterwarnings("ignore")  # PyMC's own


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    net = mtn.Sequential(
        mtn.Dense(2, 4, dtype="float64"), mtn.Tanh(), mtn.Dense(4, 1, dtype="float64"), seed=0
    )
    return net, x, net.predict(x) + 0.1 * rng.normal(size=(40, 1))


@pytest.fixture(scope="module")
def model(problem):
    net, x, y = problem
    with pm.Model() as model:
        W = pm.Normal("W", 0, 1, shape=(4, 1))
        random = net.replace({"dense_2/W": W})
        pm.Normal("y", random(T.constant(x)), 0.1, observed=y)
    return model


def test_the_body_is_the_trained_one_and_the_head_is_the_model_s(problem, model):
    net, _, _ = problem
    random = net.replace({"dense_2/W": model["W"]})
    assert random.parameters["dense_2/W"] is model["W"]
    assert random.parameters["dense_1/W"] is net.parameters["dense_1/W"]
    assert list(random.trained) == ["dense_1/W", "dense_1/b", "dense_2/b"]


def test_the_log_probability_is_numpy_s(problem, model):
    net, x, y = problem
    values = net.values()
    W = np.array([[0.5], [-1], [2], [0.1]])
    hidden = np.tanh(x @ values["dense_1/W"] + values["dense_1/b"])
    residual = (y - hidden @ W - values["dense_2/b"]) / 0.1
    normal = -0.5 * np.log(2 * np.pi)
    expected = (normal - W**2 / 2).sum() + (normal - residual**2 / 2 - np.log(0.1)).sum()
    assert model.compile_logp()({"W": W}) == pytest.approx(expected, rel=1e-10)


def test_its_gradient_is_the_model_s(problem, model):
    (gradient,) = [model.compile_dlogp()({"W": np.zeros((4, 1))})]
    net, x, y = problem
    values = net.values()
    hidden = np.tanh(x @ values["dense_1/W"] + values["dense_1/b"])
    expected = hidden.T @ (y - values["dense_2/b"]) / 0.01
    np.testing.assert_allclose(gradient, expected.ravel(), rtol=1e-9)


def test_draws_come_near_the_weights_that_made_the_data(problem, model):
    net, _, _ = problem
    with model:
        trace = pm.sample(
            draws=150, tune=150, chains=1, cores=1, random_seed=0, progressbar=False,
            compute_convergence_checks=False,
        )  # fmt: skip
    draws = trace.posterior["W"].values[0]
    assert draws.shape == (150, 4, 1)
    mean, spread = draws.mean(axis=0), draws.std(axis=0)
    assert (spread > 0).all()
    assert (abs(mean - net.values()["dense_2/W"]) < 5 * spread + 0.05).all()


def test_draws_of_the_prior_are_predictions_of_networks(problem, model):
    net, x, _ = problem
    W = np.ones((4, 1))
    point = T.dmatrix("W")
    predict = function([point], net.replace({"dense_2/W": point})(T.constant(x)))
    np.testing.assert_allclose(predict(W), net.replace({"dense_2/W": W}).predict(x), rtol=1e-12)


def test_float32_networks_stand_in_models_too():
    net = mtn.Sequential(mtn.Dense(2, 1), seed=0)
    with pm.Model():
        W = T.cast(pm.Normal("W", 0, 1, shape=(2, 1)), "float32")
        out = net.replace({"dense_1/W": W})(T.constant(np.ones((3, 2), "float32")))
    assert out.dtype == "float32"


def test_the_user_s_floatx_stays_theirs(problem, model):
    import pytensor

    assert pytensor.config.floatX == "float64"
