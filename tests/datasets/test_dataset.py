from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minitheanonet.datasets import Dataset


def make(counts: list[int], classes: tuple[str, ...] = ()) -> Dataset:
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    inputs = np.arange(len(labels), dtype=np.float32)[:, None]
    return Dataset(inputs, labels, classes=classes, name="made up")


def test_unpacks_as_a_pair_and_has_fields():
    data = make([2, 3], ("cat", "dog"))
    inputs, targets = data
    assert inputs is data.inputs
    assert targets is data.targets
    assert (data.classes, data.name) == (("cat", "dog"), "made up")


def test_classes_and_name_default_to_nothing():
    data = Dataset(np.zeros(2), np.zeros(2))
    assert (data.classes, data.name) == ((), "")


def test_repr_names_shapes_types_classes_and_source():
    assert repr(make([2, 3], ("cat", "dog"))) == (
        "Dataset(inputs=float32 (5, 1), targets=int32 (5,), classes=('cat', 'dog'), name='made up')"
    )


def test_different_lengths_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(4, 3\).*\(5,\)"):
        Dataset(np.zeros((4, 3)), np.zeros(5))


def test_scalars_are_refused():
    with pytest.raises(ValueError, match="one entry per example"):
        Dataset(np.float32(1), np.float32(2))


@pytest.mark.parametrize("duplicate", [copy.copy, lambda d: pickle.loads(pickle.dumps(d))])
def test_copies_keep_everything(duplicate):
    data = make([2, 3], ("cat", "dog"))
    again = duplicate(data)
    assert isinstance(again, Dataset)
    np.testing.assert_array_equal(again.inputs, data.inputs)
    assert (again.classes, again.name) == (data.classes, data.name)


def test_replace_keeps_classes_and_name_and_checks():
    data = make([2, 3], ("cat", "dog"))
    assert data._replace(name="new").name == "new"
    changed = data._replace(inputs=data.inputs * 2)
    np.testing.assert_array_equal(changed.inputs, data.inputs * 2)
    assert (changed.classes, changed.name) == (data.classes, data.name)
    with pytest.raises(ValueError, match="first axes"):
        data._replace(inputs=data.inputs[:1])


def test_first_takes_the_first_examples():
    part = make([2, 3], ("cat", "dog")).first(3)
    np.testing.assert_array_equal(part.inputs[:, 0], [0, 1, 2])
    np.testing.assert_array_equal(part.targets, [0, 0, 1])
    assert (part.classes, part.name) == (("cat", "dog"), "made up")


@pytest.mark.parametrize("n", [0, -1, 6])
def test_first_refuses_what_is_not_there(n):
    with pytest.raises(ValueError, match="from 1 to 5"):
        make([2, 3]).first(n)


@pytest.mark.parametrize(("f", "n"), [(0.25, 2), (1, 10), (0.06, 1)])
def test_fraction_rounds(f, n):
    assert len(make([10]).fraction(f).inputs) == n


@pytest.mark.parametrize("f", [0, -0.1, 1.1, float("nan"), 0.01])
def test_fraction_refuses_nothing_and_too_much(f):
    with pytest.raises(ValueError, match=r"fraction: the share must be|first\(0\): n must be"):
        make([10]).fraction(f)


@settings(deadline=None)  # a busy machine is no fault
@given(
    counts=st.lists(st.integers(2, 30), min_size=1, max_size=5),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 100),
)
def test_split_keeps_every_example_once_and_every_class_in_both_parts(counts, share, seed):
    train, test = make(counts).split(share, seed)
    together = np.concatenate([train.inputs, test.inputs])[:, 0]
    np.testing.assert_array_equal(np.sort(together), np.arange(sum(counts)))
    in_train = np.bincount(train.targets, minlength=len(counts))
    in_test = np.bincount(test.targets, minlength=len(counts))
    np.testing.assert_array_equal(in_train + in_test, counts)
    for n, n_test in zip(counts, in_test, strict=True):
        assert 1 <= n_test <= n - 1
        assert abs(n_test - share * n) <= 1


def test_split_keeps_inputs_with_their_targets():
    data = make([10, 20, 30])
    for part in data.split():
        np.testing.assert_array_equal(data.targets[part.inputs[:, 0].astype(int)], part.targets)


def test_split_is_told_by_its_seed():
    data = make([50, 50])
    one, same, other = (data.split(seed=seed)[1].inputs for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_split_shuffles_the_classes_together():
    train, _ = make([100, 100]).split()
    assert 20 < train.first(80).targets.sum() < 60


@pytest.mark.parametrize(("classes", "named"), [(("cat", "dog"), "'dog'"), ((), "class 1 ")])
def test_split_names_the_class_that_is_too_small(classes, named):
    with pytest.raises(ValueError, match=named):
        make([5, 1], classes).split()


@pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
def test_split_refuses_an_impossible_share(share):
    with pytest.raises(ValueError, match="test_fraction"):
        make([5, 5]).split(share)


@pytest.mark.parametrize("targets", [np.zeros(4), np.zeros((4, 2), int)])
def test_split_refuses_targets_that_are_no_labels(targets):
    with pytest.raises(ValueError, match="integer labels"):
        Dataset(np.zeros(4), targets).split()
