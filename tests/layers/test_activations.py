"""Activations against NumPy's and SciPy's functions; their gradients: tests/properties."""

import numpy as np
import pytest
from scipy import special

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function, grad

x64 = np.array([[-30, -3, -0.5, 0], [1e-3, 0.5, 3, 30]])


def softplus(x):
    return np.logaddexp(0, x)


# Each layer and its function, from the papers that the docstrings name.
CASES = {
    "ReLU": (mtn.ReLU(), lambda x: np.maximum(x, 0)),
    "LeakyReLU": (mtn.LeakyReLU(), lambda x: np.where(x > 0, x, 0.3 * x)),
    "LeakyReLU of 0.01": (mtn.LeakyReLU(0.01), lambda x: np.where(x > 0, x, 0.01 * x)),
    "ELU": (mtn.ELU(), lambda x: np.where(x > 0, x, np.expm1(x))),
    "ELU of 0.5": (mtn.ELU(0.5), lambda x: np.where(x > 0, x, 0.5 * np.expm1(x))),
    "GELU": (mtn.GELU(), lambda x: x * special.ndtr(x)),
    "Softplus": (mtn.Softplus(), softplus),
    "Sigmoid": (mtn.Sigmoid(), special.expit),
    "Tanh": (mtn.Tanh(), np.tanh),
    "Softmax": (mtn.Softmax(), lambda x: special.softmax(x, axis=1)),
}
ELEMENTWISE = [name for name in CASES if name != "Softmax"]


@pytest.fixture(scope="module")
def compiled():
    """Return all values and gradients of a matrix, as one function for each dtype."""
    functions = {}
    for dtype in ("float32", "float64"):
        x = T.matrix("x", dtype=dtype)
        outputs = [layer(x) for layer, _ in CASES.values()]
        with engine.flags(mode="FAST_COMPILE"):
            values = function([x], outputs)
            gradients = function([x], [grad(out.sum(), x) for out in outputs])
        functions[dtype] = [
            lambda given, name, f=f: f(given)[list(CASES).index(name)] for f in (values, gradients)
        ]
    return functions


@pytest.mark.parametrize("name", CASES)
def test_values(name, compiled):
    value, _ = compiled["float64"]
    np.testing.assert_allclose(value(x64, name), CASES[name][1](x64), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_values_in_float32(name, compiled):
    value, _ = compiled["float32"]
    out = value(x64.astype("float32"), name)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, CASES[name][1](x64), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_huge_inputs_overflow_neither_value_nor_gradient(name, compiled):
    for dtype in ("float32", "float64"):
        huge = np.array([[1e4, -1e4, 1e3, -1e3, 100, -100]], dtype)
        for f in compiled[dtype]:
            assert np.isfinite(f(huge, name)).all()


@pytest.mark.parametrize("name", CASES)
def test_nan_stays_nan_so_that_a_fault_is_seen(name, compiled):
    value, _ = compiled["float32"]
    assert np.isnan(value(np.full((1, 2), np.nan, "float32"), name)).all()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ReLU", 0), ("LeakyReLU", 0.3), ("ELU", 1), ("ELU of 0.5", 0.5), ("GELU", 0.5),
     ("Softplus", 0.5), ("Sigmoid", 0.25), ("Tanh", 1)],
)  # fmt: skip
def test_gradient_at_zero(name, expected, compiled):
    _, gradient = compiled["float64"]
    assert gradient(np.zeros((1, 1)), name)[0, 0] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_of_any_number_of_dimensions_and_without_a_change_of_shape(name):
    layer, expected = CASES[name]
    assert layer.output_shape((2, 3)) == (2, 3)
    assert layer.output_shape(None) is None
    x = T.dtensor3("x")
    values = x64.reshape(2, 2, 2)
    np.testing.assert_allclose(function([x], layer(x))(values), expected(values), atol=1e-15)


def test_softmax_does_not_change_when_a_row_is_shifted(compiled):
    value, _ = compiled["float64"]
    np.testing.assert_allclose(value(x64 + 100, "Softmax"), value(x64, "Softmax"), rtol=1e-10)


class TestSoftmax:
    def test_refuses_vectors(self):
        with pytest.raises(ValueError, match=r"expected an input of shape \(n, classes\)"):
            mtn.Softmax()(T.fvector("x"))

    def test_of_one_output_would_always_be_one(self):
        with pytest.raises(ValueError, match=r"always 1.*Sigmoid\(\).*binary_crossentropy"):
            mtn.Sequential(mtn.Dense(2, 1), mtn.Softmax())

    def test_shapes(self):
        assert mtn.Softmax().output_shape(None) is None
        assert mtn.Softmax().output_shape((3,)) == (3,)
        with pytest.raises(ValueError, match=r"got \(2, 3\)\. Put a Flatten"):
            mtn.Softmax().output_shape((2, 3))


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, "a", None, True])
def test_slopes_and_alphas_that_are_none(value):
    with pytest.raises(ValueError, match="LeakyReLU: slope must be a number, 0 or more"):
        mtn.LeakyReLU(value)
    with pytest.raises(ValueError, match="ELU: alpha must be a number, 0 or more"):
        mtn.ELU(value)


def test_whole_numbers_are_refused_and_not_turned_to_float64():
    with pytest.raises(TypeError, match="float32 or float64, got int32: T.cast"):
        mtn.ReLU()(T.imatrix("x"))


def test_reprs():
    layers = [mtn.ReLU(), mtn.LeakyReLU(0.25), mtn.ELU(2), mtn.GELU(), mtn.Softmax()]
    shown = ["ReLU()", "LeakyReLU(0.25)", "ELU(2)", "GELU()", "Softmax()"]
    assert [repr(layer) for layer in layers] == shown
