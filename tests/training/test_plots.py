import io

import pytest
from matplotlib import pyplot

import minitheanonet as mtn

HISTORY = mtn.History(
    {"train_loss": [1.0, 0.5, 0.25], "test_loss": [1.1, None, 0.6], "x": [1, 2, 3]}
)


def test_draws_training_and_test_by_epoch():
    figure = HISTORY.plot("loss", title="a title")
    axes = figure.axes[0]
    assert [line.get_label() for line in axes.lines] == ["training", "test"]
    assert axes.lines[0].get_xydata().tolist() == [[1, 1], [2, 0.5], [3, 0.25]]
    assert axes.get_xlabel() == "epoch"
    assert axes.get_ylabel() == "loss"
    assert axes.get_title() == "a title"


def test_a_column_without_a_test_is_drawn_alone():
    figure = mtn.plot_history({"train_accuracy": [0.5] * 40}, "accuracy")
    assert [line.get_label() for line in figure.axes[0].lines] == ["training"]


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 20, 99, 100, 317, 377, 464, 2000])
def test_the_last_tick_is_the_last_epoch(epochs):
    [axes] = mtn.plot_history({"train_loss": [0.5] * epochs}).axes
    ticks = axes.get_xticks().tolist()
    assert (ticks[0], ticks[-1]) == (1, epochs)
    assert len(ticks) <= 7
    assert len(ticks) == len(set(ticks))


def test_twenty_epochs_have_round_ticks():
    [axes] = mtn.plot_history({"train_loss": [0.5] * 20}).axes
    assert axes.get_xticks().tolist() == [1, 5, 10, 15, 20]


def test_is_never_shown_but_can_be_saved():
    before = pyplot.get_fignums()
    figure = HISTORY.plot()
    assert pyplot.get_fignums() == before
    buffer = io.BytesIO()
    figure.savefig(buffer)
    assert buffer.getvalue()[:4] == b"\x89PNG"


def test_a_column_that_is_not_there():
    with pytest.raises(KeyError, match="no column train_accuracy or test_accuracy"):
        HISTORY.plot("accuracy")


@pytest.mark.parametrize(
    ("values", "marker"),
    [
        ([1.0] * 40, "None"),
        ([None] * 39 + [2.0], "o"),
        ([1.0] * 20 + [None, 3.0, float("nan")] + [1.0] * 20, "o"),
    ],
)
def test_a_point_that_stands_alone_is_seen(values, marker):
    [line] = mtn.plot_history({"test_loss": values}).axes[0].lines
    assert line.get_marker() == marker
