from __future__ import annotations

import numpy as np
import pytest
from drawings import generated_digits


@pytest.fixture(scope="module")
def digits():
    return generated_digits(800, 300)


def test_shapes_types_ranges_and_name(digits):
    for part, n in zip(digits, (800, 300), strict=True):
        assert (part.inputs.shape, part.inputs.dtype) == ((n, 784), np.float32)
        assert (part.targets.shape, part.targets.dtype) == ((n,), np.int32)
        assert part.inputs.min() == 0
        assert 0.9 < part.inputs.max() <= 1
        assert part.classes == tuple("0123456789")
        assert part.name == "generated digits (not MNIST)"


def test_each_digit_is_as_frequent_as_the_others(digits):
    np.testing.assert_array_equal(np.bincount(digits[0].targets), [80] * 10)
    uneven = np.bincount(generated_digits(13, 1)[0].targets, minlength=10)
    np.testing.assert_array_equal(np.sort(uneven), [1] * 7 + [2] * 3)


def test_the_seed_decides(digits):
    again, other = generated_digits(40, 40), generated_digits(40, 40, seed=1)
    same = generated_digits(40, 40)
    np.testing.assert_array_equal(again[0].inputs, same[0].inputs)
    np.testing.assert_array_equal(again[1].targets, same[1].targets)
    assert not np.array_equal(again[0].inputs, other[0].inputs)
    assert not np.array_equal(again[0].inputs, again[1].inputs)


def test_white_on_black_and_in_the_middle(digits):
    mean = digits[0].inputs.mean(0).reshape(28, 28)
    border = np.concatenate([mean[0], mean[-1], mean[:, 0], mean[:, -1]])
    assert border.max() < 0.1
    assert mean[8:20, 10:18].mean() > 0.3
    with_ink = (digits[0].inputs > 0.5).sum(1)
    assert with_ink.min() > 10  # no font without digits, no digit out of the picture


def test_no_two_are_alike(digits):
    assert len(np.unique(digits[0].inputs, axis=0)) == 800


def test_nearest_mean_knows_many_and_not_all(digits):
    train, test = digits
    means = np.stack([train.inputs[train.targets == digit].mean(0) for digit in range(10)])
    guesses = ((test.inputs[:, None] - means) ** 2).sum(2).argmin(1)
    assert 0.5 < (guesses == test.targets).mean() < 0.95


@pytest.mark.parametrize(("n_train", "n_test"), [(0, 5), (5, 0), (-1, 5)])
def test_empty_parts_are_refused(n_train, n_test):
    with pytest.raises(ValueError, match="must be a positive whole number"):
        generated_digits(n_train, n_test)
