from functools import partial

import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet.engine import T, function, grad, shared
from minitheanonet.learning.symbols import as_one_hot

labels = np.array([2, 0, 1], dtype="int32")
scores = np.array([[1, 2, 3], [0.5, -1, 1.25], [2, 2.5, 1]], dtype="float32")
weights = np.array([1, 2, 0], dtype="float32")


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def evaluate(expression, **values):
    """Evaluate expression(*variables) at arrays."""
    variables = [T.TensorType(v.dtype.name, (False,) * v.ndim)(name) for name, v in values.items()]
    return function(variables, expression(*variables))(*values.values())


def test_mean_squared_error():
    target = np.array([[1], [0], [4]], dtype="float32")
    prediction = np.array([[2], [2], [2]], dtype="float32")
    assert evaluate(mtn.mean_squared_error, p=prediction, y=target) == 3
    assert evaluate(mtn.mean_squared_error, p=prediction, y=target, w=weights) == 3  # (1 + 8) / 3


def test_categorical_crossentropy_of_labels_and_one_hot():
    p = softmax(scores)
    expected = -np.log(p[np.arange(3), labels])
    one_hot = np.eye(3, dtype="float32")[labels]
    for target in (labels, one_hot):
        got = evaluate(mtn.categorical_crossentropy, p=p, y=target)
        assert got == pytest.approx(expected.mean(), rel=1e-5)
        got = evaluate(mtn.categorical_crossentropy, p=p, y=target, w=weights)
        assert got == pytest.approx((expected * weights).sum() / 3, rel=1e-5)


def test_crossentropy_of_a_softmax_equals_that_of_its_values():
    through = evaluate(
        lambda x, y: mtn.categorical_crossentropy(mtn.Softmax()(x), y), x=scores, y=labels
    )
    plain = evaluate(mtn.categorical_crossentropy, p=softmax(scores), y=labels)
    assert through == pytest.approx(float(plain), rel=1e-5)


@pytest.mark.parametrize("mode", [pytest.param("default", marks=pytest.mark.engine_mode), "fast"])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_crossentropies_of_huge_logits_are_finite_and_so_are_their_gradients(size, mode):
    x = np.array([[size, 0, -size]], dtype="float32")
    y = np.array([2], dtype="int32")

    def categorical(x, y):
        loss = mtn.categorical_crossentropy(mtn.Softmax()(x), y)
        return [loss, grad(loss, x)]

    loss, gradient = evaluate(categorical, x=x, y=y)
    assert loss == pytest.approx(2e4 if size > 0 else 0)
    assert np.isfinite(gradient).all()

    def binary(x, t):
        loss = mtn.binary_crossentropy(mtn.Sigmoid()(x), t)
        return [loss, grad(loss, x)]

    loss, gradient = evaluate(binary, x=x, t=np.ones((1, 3), "float32"))
    assert loss == pytest.approx((1e4 + np.log(2)) / 3, rel=1e-5)
    assert np.isfinite(gradient).all()


def test_crossentropies_of_certain_and_wrong_probabilities_are_finite():
    p = np.array([[1, 0]], dtype="float32")
    clipped = -np.log(1e-7)
    got = evaluate(mtn.categorical_crossentropy, p=p, y=np.array([1], "int32"))
    assert got == pytest.approx(clipped, rel=1e-4)
    got = evaluate(mtn.binary_crossentropy, p=p, y=1 - p)
    assert got == pytest.approx(clipped, rel=0.02)  # 1 - 1e-7 rounds in float32


def test_a_sigmoid_s_logits_are_not_taken_for_a_softmax_s():
    x = np.array([[0.3, -0.2]], dtype="float32")
    got = evaluate(
        lambda x, y: mtn.categorical_crossentropy(mtn.Sigmoid()(x), y),
        x=x,
        y=np.array([0], "int32"),
    )
    assert got == pytest.approx(-np.log(1 / (1 + np.exp(-0.3))), rel=1e-5)


def test_the_gradient_of_binary_crossentropy_at_logit_zero_is_half_minus_the_target():
    """Where its formula has a kink, and every network begins whose weights are zeros."""
    z, t = T.dmatrix("z"), T.dmatrix("t")
    gradient = grad(mtn.binary_crossentropy(mtn.Sigmoid()(z), t), z)
    targets = np.array([[0.0, 0.25, 0.5, 1.0]])
    slopes = 4 * function([z, t], gradient)(np.zeros((1, 4)), targets)
    np.testing.assert_array_equal(slopes, 0.5 - targets)


def test_binary_crossentropy():
    p = np.array([[0.9, 0.2], [0.4, 0.6]], dtype="float32")
    t = np.array([[1, 0], [0, 1]], dtype="float32")
    expected = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    assert evaluate(mtn.binary_crossentropy, p=p, t=t) == pytest.approx(expected.mean(), rel=1e-5)
    logits = np.log(p / (1 - p))
    through = evaluate(lambda x, t: mtn.binary_crossentropy(mtn.Sigmoid()(x), t), x=logits, t=t)
    assert through == pytest.approx(expected.mean(), rel=1e-5)


def test_multiclass_hinge():
    right = scores[np.arange(3), labels][:, None]
    margins = np.maximum(0, scores - right + 1)
    margins[np.arange(3), labels] = 0
    expected = margins.sum(axis=1)
    assert evaluate(mtn.multiclass_hinge, s=scores, y=labels) == pytest.approx(expected.mean())
    one_hot = np.eye(3, dtype="float32")[labels]
    got = evaluate(mtn.multiclass_hinge, s=scores, y=one_hot, w=weights)
    assert got == pytest.approx((expected * weights).sum() / 3)


@pytest.mark.parametrize("loss", [mtn.mean_squared_error, mtn.binary_crossentropy])
def test_a_column_against_a_vector_is_refused(loss):
    # (n, 1) - (n,) would be broadcast to (n, n).
    with pytest.raises(ValueError, match=f"{loss.__name__}: .*same number of dimensions.*2 and 1"):
        loss(T.fmatrix("p"), T.fvector("y"))


@pytest.mark.parametrize("loss", [mtn.categorical_crossentropy, mtn.multiclass_hinge])
def test_what_are_no_labels_is_refused(loss):
    with pytest.raises(ValueError, match=f"{loss.__name__}: target must be integer labels"):
        loss(T.fmatrix("p"), T.fvector("y"))
    with pytest.raises(ValueError, match=f"{loss.__name__}: target must be integer labels"):
        loss(T.fmatrix("p"), T.itensor3("y"))
    with pytest.raises(ValueError, match=f"{loss.__name__}: prediction must be"):
        loss(T.fvector("p"), T.ivector("y"))


LOSSES = [
    mtn.mean_squared_error, mtn.categorical_crossentropy, mtn.binary_crossentropy,
    mtn.multiclass_hinge,
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["int32", "float64"])
@pytest.mark.parametrize("loss", LOSSES)
def test_targets_and_weights_of_another_type_leave_the_prediction_s(loss, dtype):
    p, y, w = T.fmatrix("p"), T.matrix("y", dtype=dtype), T.vector("w", dtype=dtype)
    seen, waiting = {}, [loss(p, y, w)]
    while waiting:
        variable = waiting.pop()
        seen[variable] = variable.dtype
        waiting += variable.owner.inputs if variable.owner else []
    assert seen.pop(y) == seen.pop(w) == dtype
    assert "float64" not in seen.values()


def test_labels_become_rows_like_the_prediction():
    def one_hot(p, y):
        return as_one_hot(y, p)

    rows = evaluate(one_hot, p=scores, y=np.array([2, 0, 3], "int64"))
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0], [0, 0, 0]])  # 3 is no class
    assert rows.dtype == np.float32


@pytest.mark.parametrize("loss", [mtn.mean_squared_error, mtn.binary_crossentropy])
def test_a_row_beside_a_column_is_refused_where_it_is_known(loss):
    column, row = T.fcol("column"), T.frow("row")  # each would be broadcast along the other
    with pytest.raises(ValueError, match="prediction and target must have the same shape"):
        loss(column, row)
    loss(column, column)


class TestFromLogits:
    def test_of_classes_is_the_softmax_s(self):
        y = np.array([2, 0, 1], "int32")
        from_logits = partial(mtn.categorical_crossentropy, from_logits=True)
        log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        expected = -log_p[np.arange(3), y].mean()
        assert evaluate(from_logits, p=scores, y=y) == pytest.approx(expected, rel=1e-6)

    def test_of_two_is_the_sigmoid_s(self):
        y = (scores > 1).astype("float32")
        from_logits = partial(mtn.binary_crossentropy, from_logits=True)
        p = 1 / (1 + np.exp(-scores))
        expected = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
        assert evaluate(from_logits, p=scores, y=y) == pytest.approx(expected, rel=1e-5)


def test_label_smoothing():
    y = np.array([2, 0, 1], "int32")
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    smooth = 0.9 * np.eye(3)[y] + 0.1 / 3
    loss = partial(mtn.categorical_crossentropy, label_smoothing=0.1)
    got = evaluate(loss, p=p.astype("float32"), y=y)
    assert got == pytest.approx(-(smooth * np.log(p)).sum(axis=1).mean(), rel=1e-5)
    assert got.dtype == np.float32
    with pytest.raises(ValueError, match=r"label_smoothing must be in \[0, 1\)"):
        evaluate(partial(loss, label_smoothing=1), p=p, y=y)


def test_a_logit_of_minus_infinity_on_a_wrong_class():
    x, y = T.fmatrix("x"), T.ivector("y")
    loss = mtn.categorical_crossentropy(mtn.Softmax()(x), y)
    value, slope = function([x, y], [loss, grad(loss, x)])(
        np.array([[0, -np.inf, 0]], "float32"), np.array([0], "int32")
    )
    assert value == pytest.approx(np.log(2))
    np.testing.assert_allclose(slope, [[-0.5, 0, 0.5]], rtol=1e-6)


@pytest.mark.parametrize(
    "function_", [mtn.categorical_crossentropy, mtn.multiclass_hinge, mtn.accuracy]
)
def test_one_output_alone_is_no_choice_of_classes(function_):
    with pytest.raises(ValueError, match=r"End the network with Sigmoid\(\).*binary_accuracy"):
        function_(T.fcol("p"), T.ivector("y"))


def test_penalties():
    layer = mtn.Dense(2, 2, W=[[1, -2], [3, -4]], b=[5, 6])
    assert function([], mtn.l1([layer.W]))() == 10
    assert function([], mtn.l2([layer.W, layer.b]))() == 30 + 61


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4, 5)])
def test_penalties_of_any_number_of_dimensions_stay_float32(shape):
    value = np.random.default_rng(0).normal(size=shape).astype("float32")
    p = shared(value, "p")
    found = [function([], penalty([p]))() for penalty in (mtn.l1, mtn.l2)]
    assert [one.dtype for one in found] == ["float32", "float32"]
    np.testing.assert_allclose(found, [abs(value).sum(), (value**2).sum()], rtol=1e-6)
