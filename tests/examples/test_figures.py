"""The report's figures: their titles and their axes."""

import pytest
from report import figures, sheet


def test_a_figures_title_says_what_the_data_were():
    name = "generated digits (not MNIST)"
    drawn = figures.draw(
        {"train_loss": [1.0], "train_accuracy": [0.5]},
        sheet.DIGITS.panels,
        sheet.title(4, name, 60),
    )
    assert drawn.get_suptitle().startswith("Figure 4: generated digits (not MNIST), 60 training")


def test_figures_of_one_exercise_share_their_axes():
    panel = figures.Panel("accuracy", "accuracy", percent=True)
    loss = figures.Panel("loss", "loss")
    low = {"train_accuracy": [0.31, 0.9], "test_accuracy": [0.5, None], "train_loss": [2.0, 0.5]}
    high = {"train_accuracy": [0.97], "test_accuracy": [0.98], "train_loss": [float("nan")]}
    bottom, top = panel.limits([low, high])
    assert bottom < 0.31 < 0.98 < top
    assert loss.limits([low, high]) == pytest.approx((0.5 / 1.2, 2.4))
    drawn = figures.draw(high, [panel], "", limits=[(bottom, top)])
    assert drawn.axes[0].get_ylim() == (bottom, top)


def test_logarithmic_axes_say_so():
    history = {"train_loss": [1.0, 0.1], "train_accuracy": [0.5, 0.9]}
    accuracy, loss = figures.draw(history, sheet.DIGITS.panels, "").axes
    assert loss.get_ylabel() == "cross-entropy (log scale)"
    assert accuracy.get_ylabel() == "accuracy"
