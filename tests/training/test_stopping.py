"""The rules on sequences written by hand."""

import math

import pytest

import minitheanonet as mtn

nan, inf = math.nan, math.inf


def plateau(values, window=3, threshold=0.25):
    return mtn.PlateauWindow(window, threshold, watch="e")({"e": values})


class TestPlateauWindow:
    @pytest.mark.parametrize(
        ("values", "stops"),
        [
            ([], False),
            ([1.0, 1.0], False),  # shorter than the window
            ([1.0, 1.0, 1.0], True),
            ([1.0, 1.25, 1.0], True),  # equality stops
            ([1.0, 1.2500001, 1.0], False),
            ([9.0, 1.0, 1.0, 1.0], True),  # what came before the window doesn't count
            ([1.0, 1.0, 1.0, 9.0], False),  # nor does a plateau that ended
            ([1.0, 1.2, 1.4], False),  # each step is small, the window is not
            ([1.0, nan, 1.0], False),
            ([1.0, 1.0, nan], False),
            ([nan, 1.0, 1.0, 1.0], True),
            ([inf, inf, inf], False),
            ([1.0, None, 1.0], False),
        ],
    )
    def test_sequences(self, values, stops):
        assert plateau(values) is stops

    def test_threshold_zero_stops_at_equal_values_only(self):
        assert plateau([1.0, 1.0, 1.0], threshold=0)
        assert not plateau([1.0, 1.0, 1.0 + 1e-15], threshold=0)

    def test_two_values_are_a_window(self):
        assert plateau([9.0, 1.0, 1.25], window=2)
        assert not plateau([1.0, 1.5], window=2)

    def test_defaults_are_the_exercise_s(self):
        assert mtn.PlateauWindow() == mtn.PlateauWindow(50, 1e-3, "train_loss")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"window": 1}, "at least 2"),
            ({"window": 0}, "window must be a positive whole number"),
            ({"window": 2.5}, "window must be a positive whole number"),
            ({"threshold": -1e-9}, "threshold must be a number, 0 or more"),
            ({"threshold": nan}, "threshold must be a number, 0 or more"),
            ({"threshold": inf}, "threshold must be a number, 0 or more"),
        ],
    )
    def test_refuses(self, options, message):
        with pytest.raises(ValueError, match=message):
            mtn.PlateauWindow(**options)


@pytest.mark.parametrize(("min_delta", "best"), [(0.0, 4), (0.15, 3), (0.5, 1)])
def test_an_epoch_must_be_better_by_more_than_min_delta(min_delta, best):
    losses = {"test_loss": [1.0, 0.9, 0.8, 0.7]}
    assert mtn.Best(min_delta=min_delta).epoch(losses) == best
    assert mtn.Patience(3, min_delta=min_delta)(losses) == (best == 1)


class TestPatience:
    @pytest.mark.parametrize(
        ("values", "stops"),
        [
            ([], False),
            ([1.0], False),
            ([1.0, 2.0], False),
            ([1.0, 2.0, 2.0], True),
            ([1.0, 1.0, 1.0], True),  # equal is not better
            ([1.0, 2.0, 0.5], False),
            ([1.0, 2.0, 0.5, 0.6, 0.5], True),
            ([nan, nan], True),  # never any best
            ([1.0, nan, nan], True),
            ([nan, 1.0, nan], False),
        ],
    )
    def test_sequences(self, values, stops):
        assert mtn.Patience(2, watch="e")({"e": values}) is stops

    def test_defaults(self):
        assert mtn.Patience() == mtn.Patience(10, "test_loss", "auto")

    def test_large_is_good_for_accuracies(self):
        assert not mtn.Patience(1, "test_accuracy")({"test_accuracy": [0.5, 0.6]})
        assert mtn.Patience(1, "test_accuracy", mode="min")({"test_accuracy": [0.5, 0.6]})

    def test_refuses(self):
        with pytest.raises(ValueError, match="epochs must be a positive whole number"):
            mtn.Patience(0)
        with pytest.raises(ValueError, match='mode must be "auto", "min" or "max"'):
            mtn.Patience(mode="large")


class TestBest:
    def test_defaults(self):
        assert mtn.Best() == mtn.Best("test_loss", "auto")

    @pytest.mark.parametrize(
        ("values", "mode", "epoch"),
        [
            ([], "min", 0),
            ([3.0, 1.0, 2.0, 1.0], "min", 2),
            ([3.0, 1.0, 3.0], "max", 1),
            ([nan, None, 2.0], "min", 3),
            ([nan, None, 2.0], "max", 3),
            ([nan, nan], "max", 0),
        ],
    )
    def test_epoch(self, values, mode, epoch):
        assert mtn.Best("e", mode).epoch({"e": values}) == epoch
