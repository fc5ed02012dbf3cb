"""What a network has learned and what it gets wrong: the pictures show these, and in that order."""

from __future__ import annotations

import numpy as np
from report.pictures import filters, misread

from minitheanonet.datasets import Dataset


def shown(figure):
    return [axes for axes in figure.axes if axes.images]


def test_each_filter_is_shown_on_one_scale():
    kernel = np.arange(-9.0, 18.0).reshape(3, 3, 1, 3)
    drawn = shown(filters(kernel))
    assert len(drawn) == 3
    for number, axes in enumerate(drawn):
        np.testing.assert_array_equal(axes.images[0].get_array(), kernel[:, :, 0, number])
        assert axes.images[0].get_clim() == (-17, 17)


def test_what_is_read_wrongly_with_confidence_comes_first():
    inputs = np.arange(4.0)[:, np.newaxis] / 4 + np.zeros(784)
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
    drawn = shown(misread(probabilities, Dataset(inputs, np.array([0, 1, 0, 1]))))
    assert [axes.get_title() for axes in drawn] == ["1, is 0", "0, is 1"]
    assert [axes.images[0].get_array()[0, 0] for axes in drawn] == [0.5, 0.25]


def test_a_network_without_mistakes_has_an_empty_picture():
    sure = misread(np.eye(2), Dataset(np.zeros((2, 784)), np.array([0, 1])))
    assert shown(sure) == []
