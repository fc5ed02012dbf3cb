"""Networks in PyMC's models: priors by path, posteriors that are known, float types."""

import subprocess
import sys

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, flags

pm = pytest.importorskip("pymc")
pytestmark = pytest.mark.filterwarnings("ignore")  # PyMC's own

QUIET = {"progressbar": False, "random_seed": 0}


@pytest.fixture
def net():
    return mtn.Sequential(mtn.Dense(2, 4), mtn.Tanh(), mtn.Dense(4, 1), seed=0)


@pytest.fixture
def points(rng):
    return rng.normal(size=(30, 2))


def features(net, x):
    """The inputs of the last layer, and a one for its bias."""
    values = {path: value.astype("float64") for path, value in net.values().items()}
    hidden = np.tanh(x @ values["dense_1/W"] + values["dense_1/b"])
    return np.column_stack([hidden, np.ones(len(x))])


def flat(trace):
    """The draws of the last layer's five parameters, as rows."""
    W, b = (trace.posterior[f"dense_2::{key}"].values for key in "Wb")
    return np.concatenate([W.reshape(-1, 4), b.reshape(-1, 1)], axis=1)


class TestPriors:
    def test_stand_under_the_paths_with_dimensions(self, net):
        with pm.Model() as model:
            mtn.bayesian(net)
        assert model.named_vars_to_dims == {
            "dense_1::W": ("dense_1 inputs", "dense_1 units"),
            "dense_1::b": ("dense_1 units",),
            "dense_2::W": ("dense_2 inputs", "dense_2 units"),
            "dense_2::b": ("dense_2 units",),
        }
        assert {name: len(model.coords[name]) for name in model.coords} == {
            "dense_1 inputs": 2, "dense_1 units": 4, "dense_2 inputs": 4, "dense_2 units": 1,
        }  # fmt: skip

    def test_begin_at_the_network_s_values(self, net):
        with pm.Model() as model:
            mtn.bayesian(net)
        start = model.initial_point()
        for path, value in net.values().items():
            np.testing.assert_array_equal(start[path.replace("/", "::")], value)

    def test_are_normal_by_fan_in(self, net):
        with pm.Model() as model:
            mtn.bayesian(net, ["dense_2/W", "dense_2/b"])
        point = {"dense_2::W": np.full((4, 1), 0.3), "dense_2::b": np.array([0.7])}
        normal = -0.5 * np.log(2 * np.pi)
        expected = [4 * (normal + np.log(2)) - 0.5 * 4 * 0.3**2 / (1 / 4), normal - 0.5 * 0.7**2]
        np.testing.assert_allclose(model.compile_logp(sum=False)(point)[0].sum(), expected[0])
        np.testing.assert_allclose(model.compile_logp(sum=False)(point)[1].sum(), expected[1])

    def test_are_those_that_are_asked_for(self, net):
        def laplace(name, **rest):
            return pm.Laplace(name, 0, scale, **rest)

        with pm.Model() as model:
            scale = pm.HalfNormal("scale")
            random = mtn.bayesian(net, "*/W", prior=laplace)
        assert list(model.named_vars) == ["scale", "dense_1::W", "dense_2::W"]
        assert random.parameters["dense_2/W"] is model["dense_2::W"]

    def test_leave_the_others_constant(self, net):
        before = net.values()
        with pm.Model():
            random = mtn.bayesian(net, "dense_2/*")
        assert random.trained == {}
        constant = random.parameters["dense_1/W"]
        net.set_values({"dense_1/W": np.zeros((2, 4))})
        np.testing.assert_array_equal(constant.data, before["dense_1/W"])

    def test_are_not_for_frozen_layers_and_averages(self):
        net = mtn.Sequential(mtn.Dense(2, 3), mtn.BatchNorm(3), mtn.Dense(3, 1), seed=0)
        net.layers[0].trainable = False
        with pm.Model() as model:
            mtn.bayesian(net)
        assert list(model.named_vars) == [
            "batchnorm_1::gamma", "batchnorm_1::beta", "dense_2::W", "dense_2::b",
        ]  # fmt: skip

    def test_of_kernels_name_their_window(self):
        with pm.Model() as model:
            mtn.bayesian(mtn.Sequential(mtn.Conv2D(1, 2, 3), seed=0), "*/W")
        ((dims),) = model.named_vars_to_dims.values()
        assert dims == tuple(
            f"conv2d_1 {axis}" for axis in ("window 1", "window 2", "inputs", "units")
        )

    def test_of_two_networks_share_names_where_lengths_agree(self, net):
        other = mtn.Sequential(mtn.Dense(3, 4), seed=0)
        with pm.Model() as model:
            mtn.bayesian(net, "dense_1/*")
            with pm.Model(name="other"):
                mtn.bayesian(other)
        assert model.named_vars_to_dims["other::dense_1::W"] == (
            "other::dense_1::W inputs",
            "dense_1 units",
        )


class TestPosterior:
    @pytest.fixture
    def problem(self, net, points, rng):
        """A linear-Gaussian last layer, and its posterior's mean and covariance."""
        phi = features(net, points)
        y = phi @ rng.normal(size=5) + 0.5 * rng.normal(size=30)
        precision = np.diag([4.0, 4, 4, 4, 1]) + phi.T @ phi / 0.5**2
        covariance = np.linalg.inv(precision)
        with pm.Model() as model:
            x = pm.Data("x", points)
            mean = mtn.bayesian(net, "dense_2/*")(x)[:, 0]
            pm.Normal("y", mean, 0.5, observed=y, shape=mean.shape)
        return model, covariance @ phi.T @ y / 0.5**2, covariance

    def test_has_the_known_slope(self, problem):
        """At its mean the gradient is zero; elsewhere it is -Σ⁻¹ (w - μ)."""
        model, mean, covariance = problem
        slope = model.compile_dlogp()
        step = np.array([0.1, -0.2, 0.3, 0.4, -0.5])
        for w in (mean, mean + step):
            got = slope({"dense_2::W": w[:4, None], "dense_2::b": w[4:]})
            expected = -np.linalg.solve(covariance, w - mean)
            np.testing.assert_allclose(got, expected, atol=1e-8)

    @pytest.mark.engine_mode  # compiled code: thousands of gradients
    def test_is_what_nuts_draws_from(self, problem, net):
        model, mean, covariance = problem
        spread = np.sqrt(np.diag(covariance))
        with model:
            trace = pm.sample(
                400, tune=300, chains=2, cores=1, compute_convergence_checks=False, **QUIET
            )
        assert not trace.sample_stats.diverging.any()
        draws = flat(trace)
        assert (abs(draws.mean(axis=0) - mean) < 0.25 * spread).all()
        np.testing.assert_allclose(draws.std(axis=0), spread, rtol=0.25)
        correlation = covariance / np.outer(spread, spread)
        np.testing.assert_allclose(np.corrcoef(draws.T), correlation, atol=0.25)

        others = np.array([[0.0, 0], [1, -1], [5, 5]])
        with model:
            pm.set_data({"x": others})
            predicted = pm.sample_posterior_predictive(trace, **QUIET).posterior_predictive["y"]
        phi = features(net, others)
        expected = np.sqrt(0.5**2 + np.einsum("ni,ij,nj->n", phi, covariance, phi))
        assert predicted.shape == (2, 400, 3)
        np.testing.assert_allclose(predicted.std(("chain", "draw")), expected, rtol=0.15)
        np.testing.assert_allclose(predicted.mean(("chain", "draw")), phi @ mean, atol=0.15)

    @pytest.mark.engine_mode  # likewise
    def test_s_best_independent_normals_are_what_advi_finds(self, problem):
        """They have the posterior's mean, and 1 / Σ⁻¹ᵢᵢ for variances."""
        model, mean, covariance = problem
        spread = np.diag(np.linalg.inv(covariance)) ** -0.5
        with model:
            fitted = pm.fit(8000, obj_optimizer=pm.adam(learning_rate=0.01), **QUIET)
        draws = flat(fitted.sample(2000, random_seed=0))
        assert (abs(draws.mean(axis=0) - mean) < 0.4 * spread).all()
        np.testing.assert_allclose(draws.std(axis=0), spread, rtol=0.25)


def test_a_frozen_network_s_gradient_is_that_of_differences(net):
    frozen = net.replace({}, dtype="float64")
    with pm.Model() as model:
        theta = pm.Normal("theta", 0, 1, shape=2)
        pm.Normal("y", frozen(theta[None])[0], 0.1, observed=[0.3])
    logp, slope = model.compile_logp(), model.compile_dlogp()
    at, h = np.array([0.4, -0.7]), 1e-6
    differences = [
        (logp({"theta": at + step}) - logp({"theta": at - step})) / (2 * h)
        for step in h * np.eye(2)
    ]
    np.testing.assert_allclose(slope({"theta": at}), differences, rtol=1e-6)


def test_an_encoder_learns_the_posterior_of_a_model_s_draws(rng):
    """y ~ N(θ, 1) three times, θ ~ N(0, 1): the posterior is N(Σ y / 4, 1 / 4)."""
    with pm.Model():
        theta = pm.Normal("theta")
        y = pm.Normal("y", theta, 1, shape=3)
        thetas, data = pm.draw([theta, y], draws=2000, random_seed=0)

    def gaussian(prediction, target):
        mean, log_sd = prediction[:, 0], prediction[:, 1]
        return (log_sd + ((target[:, 0] - mean) / T.exp(log_sd)) ** 2 / 2).mean()

    encoder = mtn.Sequential(mtn.Dense(3, 2, W=mtn.Zeros()), seed=0)
    trainer = mtn.Trainer(encoder, gaussian, mtn.Adam(0.02), seed=0)
    trainer.fit(data, np.stack([thetas, thetas], axis=1), epochs=30, batch_size=100, progress=False)
    new = rng.normal(size=(20, 3))
    mean, log_sd = encoder.predict(new).T
    np.testing.assert_allclose(mean, new.sum(axis=1) / 4, atol=0.1)
    np.testing.assert_allclose(np.exp(log_sd), 0.5, atol=0.08)


class TestFloats:
    @pytest.mark.parametrize("floatx", ["float64", "float32"])
    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_are_the_model_s(self, dtype, floatx, points):
        net = mtn.Sequential(mtn.Dense(2, 1, dtype=dtype), seed=0)
        with flags(floatX=floatx, warn_float64="raise" if floatx == "float32" else "ignore"):
            with pm.Model() as model:
                random = mtn.bayesian(net)
                out = random(pm.Data("x", points))
            assert out.dtype == model["dense_1::W"].dtype == random.dtype == floatx
            start = model.initial_point()
            assert start["dense_1::W"].dtype == floatx
        assert net.dtype == dtype
        assert net.parameters["dense_1/W"].dtype == dtype

    def test_the_user_s_flags_stay(self, net):
        import pytensor

        before = pytensor.config.floatX, pytensor.config.mode
        with pm.Model():
            mtn.bayesian(net)
        assert (pytensor.config.floatX, pytensor.config.mode) == before

    def test_a_prior_of_another_one_is_refused(self, net):
        def single(name, **rest):
            return T.cast(pm.Normal(name, **rest), "float32")

        with pm.Model(), pytest.raises(TypeError, match="dense_2/W is float32.*float64"):
            mtn.bayesian(net, "dense_2/W", prior=single)


class TestRefused:
    def test_outside_of_a_model(self, net):
        with pytest.raises(RuntimeError, match=r"with pm.Model\(\)"):
            mtn.bayesian(net)

    @pytest.mark.parametrize("where", ["dense_2", "dense_3/*", ["dense_2/*", "nothing"]])
    def test_a_pattern_that_fits_nothing(self, net, where):
        known = r"fits none.*dense_1/W, .* and /\*"
        with pm.Model() as model, pytest.raises(KeyError, match=known):
            mtn.bayesian(net, where)
        assert not model.named_vars

    def test_a_prior_of_another_shape(self, net):
        def few(name, **rest):
            return pm.Normal(name, shape=3)

        with pm.Model(), pytest.raises(ValueError, match=r"dense_2/W has shape \(3,\)"):
            mtn.bayesian(net, "dense_2/W", prior=few)


def test_without_pymc_the_extra_is_named():
    code = (
        "import sys; sys.modules['pymc'] = None\n"
        "import minitheanonet as mtn\n"
        "mtn.bayesian(mtn.Dense(2, 1))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: this needs pymc" in done.stderr
    assert "minitheanonet[pymc]" in done.stderr
