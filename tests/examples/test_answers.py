"""The answers to the sheet's questions: they follow the numbers, whichever way these lie."""

from __future__ import annotations

import re

import pytest
from report.answers import answer


def regression(train, test, wrong):
    return {"train_loss": train, "test_loss": test, "test_wrong": wrong}


def digits(test, train=(0.9, 0.9), test_loss=(0.2, 0.1), train_loss=(0.5, 0.1)):
    return {
        "test_accuracy": list(test),
        "train_accuracy": list(train),
        "test_loss": list(test_loss),
        "train_loss": list(train_loss),
    }


LINEAR = regression([0.2, 0.05, 0.02], [0.2, 0.04, 0.05], [0.3, 0.05, 0.05])


def test_figure_1_says_whether_the_test_error_rises():
    rising = answer(1, {1: LINEAR}, 320)
    assert "lowest in epoch 2, 0.040, and rises to 0.050" in rising
    assert "2.5 times the training error" in rising
    assert "16 of 320" in rising
    falling = answer(1, {1: regression([0.2, 0.02], [0.2, 0.04], [0.3, 0.05])}, 320)
    assert "does not rise" in falling


@pytest.mark.parametrize(
    ("test_error", "words"),
    [(0.02, "generalises better"), (0.05, "neither better nor worse"), (0.08, "worse")],
)
def test_figure_2_says_how_the_hidden_layer_generalises(test_error, words):
    hidden = regression([0.1, 0.006], [0.1, test_error], [0.1, 0.03])
    text = answer(2, {1: LINEAR, 2: hidden}, 320)
    assert words in text
    assert "fits more closely" in text
    assert "10 test images of 320 are wrong, beside 16" in text
    assert "chance alone could make" in text
    assert "would hardly make" in answer(2, {1: LINEAR, 2: hidden}, 100_000)


def test_figure_3_says_whether_accuracy_and_loss_part_ways():
    text = answer(3, {3: digits([0.98, 0.985], test_loss=[0.06, 0.08])}, 10_000)
    assert "all but 150 of 10,000" in text
    assert "part ways" in text
    assert "part ways" not in answer(3, {3: digits([0.98, 0.985])}, 10_000)


def test_figure_4_counts_what_fewer_examples_cost():
    text = answer(4, {3: digits([0.9, 0.985]), 4: digits([0.9, 0.97], [0.9, 0.99])}, 10_000)
    assert "1.5 points less" in text
    assert "from 1.5 to 3.0 in a hundred, 2.0 times as many" in text


@pytest.mark.parametrize(
    ("one", "words"), [(0.974, "within chance"), (0.99, "1.7 points more"), (0.9, "points less")]
)
def test_figure_5_compares_with_figure_4(one, words):
    text = answer(5, {4: digits([0.9, 0.973]), 5: digits([0.9, one])}, 10_000)
    assert words in text


def test_figure_6_follows_both_networks():
    both = {5: digits([0.9, 0.97], test_loss=[0.1, 0.2]), 6: digits([0.86, 0.95])}
    text = answer(6, both, 10_000)
    assert "after epoch 1, 86.0% beside 90.0%; after epoch 2, 95.0% beside 97.0%" in text
    assert "still falling at the end, that of ReLU lowest in epoch 1" in text


@pytest.mark.parametrize("number", [7, 8])
def test_figures_7_and_8_measure_the_distance_to_the_test(number):
    both = {6: digits([0.9, 0.95], [0.9, 0.97]), number: digits([0.9, 0.96], [0.9, 0.95])}
    text = answer(number, both, 10_000)
    assert "1.0 points below the test’s, beside 2.0 points above" in text


@pytest.mark.parametrize(("number", "other"), [(2, 1), (4, 3), (5, 4), (6, 5), (7, 6), (8, 6)])
def test_an_answer_names_the_figure_that_it_needs(number, other):
    text = answer(number, {}, 100)
    assert re.search(rf"figure {other}, not drawn yet", text)
