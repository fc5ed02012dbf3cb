import numpy as np
import pytest

import minitheanonet as mtn
from minitheanonet import engine
from minitheanonet.engine import T, function

p = np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.3, 0.1, 0.6]], "float32")
labels = np.array([1, 1, 0, 2], dtype="int32")
one_hot = np.eye(3, dtype="float32")[labels]


def evaluate(metric, prediction, target, **options):
    variables = [T.TensorType(v.dtype.name, (False,) * v.ndim)() for v in (prediction, target)]
    value = function(variables, metric(*variables, **options))(prediction, target)
    assert value.dtype == np.float32
    return float(value)


@pytest.mark.parametrize("target", [labels, one_hot], ids=["labels", "one-hot"])
def test_accuracies(target):
    assert evaluate(mtn.accuracy, p, target) == 2 / 4
    assert evaluate(mtn.top_k_accuracy, p, target, k=1) == 2 / 4
    assert evaluate(mtn.top_k_accuracy, p, target, k=2) == 3 / 4
    assert evaluate(mtn.top_k_accuracy, p, target, k=3) == 1


def test_top_k_accuracy_takes_five_unless_told():
    falling = np.tile(np.arange(7, 0, -1, dtype="float32"), (7, 1))
    assert evaluate(mtn.top_k_accuracy, falling, np.arange(7)) == pytest.approx(5 / 7)


def test_accuracy_looks_at_the_logits():
    # The softmax of these rounds to 1 in every place that matters: argmax of it could mislead.
    x = np.array([[1e4, 1e4 + 1]], dtype="float32")
    assert evaluate(lambda x, y: mtn.accuracy(mtn.Softmax()(x), y), x, np.array([1], "int32")) == 1


def test_binary_accuracy():
    prediction = np.array([[0.9], [0.4], [0.6]], dtype="float32")
    target = np.array([[1], [1], [0]], dtype="float32")
    assert evaluate(mtn.binary_accuracy, prediction, target) == pytest.approx(1 / 3)
    assert evaluate(mtn.binary_accuracy, prediction, target, threshold=0.3) == pytest.approx(2 / 3)


def test_mean_absolute_error():
    got = evaluate(mtn.mean_absolute_error, p, one_hot)
    assert got == pytest.approx(float(np.abs(p - one_hot).mean()))


def test_among_equal_largest_outputs_the_first_counts():
    tied = np.array([[1, 3, 3], [2, 2, 2]], dtype="float32")
    assert evaluate(mtn.accuracy, tied, np.array([1, 0], "int32")) == 1
    assert evaluate(mtn.accuracy, tied, np.array([2, 1], "int32")) == 0


def test_an_output_that_is_nan_is_never_right():
    broken = np.array([[np.nan, 1, 0], [0, np.nan, 1]], dtype="float32")
    for label in range(3):
        assert evaluate(mtn.accuracy, broken, np.full(2, label, "int32")) == 0


class TestTopK:
    def of(self, scores, labels, k, of_softmax=False):
        p, y = T.fmatrix("p"), T.ivector("y")
        outputs = engine.softmax(p) if of_softmax else p
        given = np.array(scores, "float32"), np.array(labels, "int32")
        return float(engine.function([p, y], mtn.top_k_accuracy(outputs, y, k))(*given))

    def test_among_equals_the_first_counts_as_in_accuracy(self):
        constant = np.ones((6, 6))
        shares = [self.of(constant, np.arange(6), k) for k in range(1, 8)]
        assert shares == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1])

    def test_a_softmax_that_rounds_to_zero_is_told_by_its_logits(self):
        assert self.of([[900, 700, 600, 500]], [3], 2, of_softmax=True) == 0
        assert self.of([[900, 700, 600, 500]], [1], 2, of_softmax=True) == 1

    @pytest.mark.parametrize("k", [1, 2, 5])
    def test_nan_is_never_right(self, k):
        nan, inf = np.nan, np.inf
        assert self.of([[nan, nan, nan]], [0], k) == 0
        assert self.of([[nan, 1, 2]], [0], k) == 0
        assert self.of([[nan, 1, 2]], [2], 1) == 0
        assert self.of([[-inf, inf, 2]], [1], k) == 1

    def test_a_label_that_is_no_class_is_never_right(self):
        assert self.of([[-1, -2], [-1, -2], [1, 2]], [-1, 0, 2], 2) == pytest.approx(1 / 3)


def test_binary_accuracy_of_nan():
    p, y = T.fmatrix("p"), T.fmatrix("y")
    share = engine.function([p, y], mtn.binary_accuracy(p, y))
    nan = np.full((2, 1), np.nan, "float32")
    assert share(nan, np.array([[0], [1]], "float32")) == 0


def test_binary_accuracy_at_the_threshold_itself_is_below_it():
    p, y = T.fmatrix("p"), T.fmatrix("y")
    share = engine.function([p, y], mtn.binary_accuracy(p, y))
    level, above = np.full((1, 1), 0.5, "float32"), np.ones((1, 1), "float32")
    assert [share(level, above), share(above, level), share(level, level)] == [0, 0, 1]
