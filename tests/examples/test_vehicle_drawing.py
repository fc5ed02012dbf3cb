from __future__ import annotations

import math

import numpy as np
import pytest
from drawings.vehicle_drawing import Pen, draw_airplane, draw_motorbike
from PIL import Image

WHITE = (255, 255, 255)


def dots(angle: float, faces_left: bool) -> tuple[float, float]:
    """Draw a dot at the nose, (1, 0), and give where in the picture it is."""
    picture = Image.new("RGB", (101, 101))
    Pen(picture, (50, 50), 30, angle, faces_left).ellipse((1, 0), (0.1, 0.1), WHITE)
    rows, columns = np.nonzero(np.asarray(picture)[..., 0])
    return columns.mean(), rows.mean()


@pytest.mark.parametrize(
    ("angle", "faces_left", "nose"),
    [
        (0, False, (80, 50)),
        (0, True, (20, 50)),
        (math.pi / 2, False, (50, 20)),
        (math.pi / 6, True, (50 - 30 * math.cos(math.pi / 6), 35)),
    ],
)
def test_the_pen_turns_the_nose_up_and_flips(angle, faces_left, nose):
    assert dots(angle, faces_left) == pytest.approx(nose, abs=0.6)


def test_the_pen_scales_lines_and_polygons():
    picture = Image.new("RGB", (101, 101))
    pen = Pen(picture, (50, 50), 30, 0, False)
    pen.polygon([(0, 0), (1, 0), (1, 1), (0, 1)], (255, 0, 0))
    pen.line([(-1, -0.5), (0, -0.5)], 0.2, (0, 255, 0))
    red, green = (np.asarray(picture)[..., channel] > 0 for channel in (0, 1))
    assert red[20:51, 50:81].all()
    assert red.sum() == 31 * 31
    assert green[65, 20:51].all()
    assert green[:, 35].sum() == pytest.approx(6, abs=1)


@pytest.mark.parametrize("draw", [draw_airplane, draw_motorbike])
def test_vehicles_stay_within_their_frame_and_fill_it(draw):
    for seed in range(20):
        picture = Image.new("RGB", (300, 300), WHITE)
        draw(Pen(picture, (150, 150), 100, 0, False), np.random.default_rng(seed))
        rows, columns = np.nonzero((np.asarray(picture) != 255).any(2))
        assert 30 < columns.min() < 70
        assert 230 < columns.max() < 265
        assert rows.min() > 75
        assert rows.max() < 225
        assert len(rows) > 2500


@pytest.mark.parametrize("draw", [draw_airplane, draw_motorbike])
def test_no_two_vehicles_are_alike(draw):
    pictures = []
    for seed in range(2):
        picture = Image.new("RGB", (300, 300), WHITE)
        draw(Pen(picture, (150, 150), 100, 0, False), np.random.default_rng(seed))
        pictures.append(picture.tobytes())
    assert pictures[0] != pictures[1]
