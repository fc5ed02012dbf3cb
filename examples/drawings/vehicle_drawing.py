"""Draw airplanes and motorbikes from the side, no two alike, for the generated data.

Shapes are given in the vehicle's own frame, x forward and y up, the vehicle from -1 to 1; a pen
turns, flips, scales and moves them into the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

__all__ = ["Pen", "draw_airplane", "draw_motorbike"]

Colour = tuple[int, int, int]
Point = tuple[float, float]

_TYRE: Colour = (25, 25, 28)


class Pen:
    """Draws in a vehicle's frame onto a picture.

    Parameters
    ----------
    picture : PIL.Image.Image
        What is drawn on, of mode RGB.
    centre : (float, float)
        Where the vehicle's origin goes, in pixels.
    scale : float
        Pixels for one unit of the vehicle's frame.
    angle : float
        How far the nose is turned upwards, in radians.
    faces_left : bool
        Whether the vehicle is flipped.
    """

    def __init__(
        self,
        picture: Image.Image,
        centre: Point,
        scale: float,
        angle: float,
        faces_left: bool,
    ) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._centre = np.array(centre)
        cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
        side = -1 if faces_left else 1
        # A row vector (x, y) times this; y grows downwards in pictures.
        self._matrix = np.array([(side * cosine, -sine), (-side * sine, -cosine)])
        self._scale = scale

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill the polygon with these corners."""
        self._draw.polygon(self._place(points), fill=fill)

    def ellipse(self, centre: Point, radii: Point, fill: Colour) -> None:
        """Fill an ellipse; its radii are those along x and along y."""
        turns = np.linspace(0, math.tau, 32, endpoint=False)
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        self.polygon((circle * radii + centre).tolist(), fill)

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Draw a line from point to point, at least one pixel wide."""
        pixels = max(round(width * self._scale), 1)
        self._draw.line(self._place(points), fill=fill, width=pixels, joint="curve")

    def _place(self, points: Sequence[Point]) -> list[Point]:
        return [tuple(point) for point in (np.array(points) @ self._matrix + self._centre).tolist()]


def draw_airplane(pen: Pen, rng: np.random.Generator) -> None:
    """Draw an airliner: body, wing, fin, tailplane, engine, windows, and perhaps wheels."""
    body, trim = _paint(rng), _paint(rng)
    shade = _darker(body, 0.75)
    r = rng.uniform(0.09, 0.15)  # half the height of the body
    fin_top = rng.uniform(0.34, 0.5)
    sweep = rng.uniform(0.25, 0.45)
    if rng.random() < 0.6:
        _draw_landing_gear(pen, r, rng)
    pen.polygon([(0.15, 0), (-0.1, 0), (-0.1 - sweep, 0.25), (-sweep, 0.25)], _darker(body, 0.6))
    pen.polygon([(-0.62, 0), (-0.97, fin_top), (-0.8, fin_top), (-0.45, r * 0.9)], trim)
    nose = [
        (1 - 0.35 * (1 - math.cos(t)), r * math.sin(t))
        for t in np.linspace(-math.pi / 2, math.pi / 2, 13)
    ]
    pen.polygon([*nose, (-0.6, r), (-1, r * 0.9), (-1, r * 0.6), (-0.55, -r)], body)
    pen.polygon([(0.65, -r * 0.2), (-0.85, r * 0.4), (-0.85, r * 0.6), (0.65, r * 0.1)], trim)
    for x in np.arange(-0.5, 0.6, rng.uniform(0.07, 0.11)):
        pen.ellipse((x, r * 0.4), (0.018, 0.022), (50, 60, 75))
    pen.polygon([(0.8, r * 0.35), (0.92, r * 0.3), (0.84, r * 0.7), (0.76, r * 0.75)], (45, 55, 70))
    pen.polygon([(-0.7, r * 0.4), (-0.95, r * 0.4), (-1.1, r * 0.2), (-1, r * 0.2)], shade)
    drop = rng.uniform(0.12, 0.32)
    pen.polygon(
        [(0.25, -r * 0.5), (-0.2, -r * 0.5), (-0.3 - sweep, -drop), (-0.18 - sweep, -drop)], shade
    )
    engine = (-0.5, r * 1.1) if rng.random() < 0.3 else (0.05, -r * 1.25)
    pen.ellipse(engine, (0.15, 0.06), _darker(trim, 0.8))
    pen.ellipse((engine[0] + 0.12, engine[1]), (0.03, 0.05), (40, 40, 45))


def _draw_landing_gear(pen: Pen, r: float, rng: np.random.Generator) -> None:
    depth = r + rng.uniform(0.1, 0.18)
    for x in (-0.15, 0.7):
        pen.line([(x, 0), (x, -depth)], 0.025, (90, 90, 95))
        pen.ellipse((x, -depth), (0.045, 0.045), _TYRE)


def draw_motorbike(pen: Pen, rng: np.random.Generator) -> None:
    """Draw a motorbike: wheels, fork, frame, engine, tank, seat, exhaust, perhaps a fairing."""
    paint, metal = _paint(rng), _gray(rng, 120, 200)
    radius = rng.uniform(0.3, 0.38)
    axle = -0.3
    rear, front = (-0.62, axle), (rng.uniform(0.6, 0.72), axle)
    head = (front[0] - rng.uniform(0.22, 0.36), 0.3)
    for hub in (rear, front):
        _draw_wheel(pen, hub, radius, metal)
    pen.line([rear, (-0.1, axle + 0.05), (head[0], 0.1)], 0.06, _darker(metal, 0.6))
    pen.line([rear, (-0.3, 0.12), head], 0.05, _darker(paint, 0.7))
    pen.polygon([(-0.3, 0.02), (0.28, 0.05), (0.2, -0.38), (-0.25, -0.36)], _gray(rng, 40, 90))
    pen.ellipse((0.02, -0.2), (0.14, 0.13), metal)
    pen.line([(0.2, -0.3), (-0.2, -0.4), (-0.9, -0.3 + rng.uniform(0, 0.2))], 0.07, metal)
    pen.line([front, head, (head[0] - 0.04, 0.42)], 0.05, metal)
    pen.line([(head[0] - 0.04, 0.42), (head[0] - 0.2, 0.47)], 0.04, _TYRE)
    seat = rng.uniform(0.1, 0.25)
    pen.polygon([(-0.85, seat + 0.05), (-0.8, seat - 0.08), (-0.3, 0), (-0.25, seat)], paint)
    pen.polygon([(-0.85, seat + 0.12), (-0.8, seat + 0.02), (-0.2, 0.1), (-0.15, 0.2)], _TYRE)
    pen.ellipse((head[0] - 0.22, 0.22), (0.26, rng.uniform(0.1, 0.15)), paint)
    if rng.random() < 0.45:
        pen.polygon(
            [(head[0] + 0.22, 0.12), (head[0] - 0.02, 0.48), (0.05, 0.1), (0, -0.35), (0.3, -0.28)],
            paint,
        )
    else:
        pen.ellipse((head[0] + 0.08, 0.28), (0.08, 0.08), (235, 235, 220))
    for hub in (rear, front):
        _draw_mudguard(pen, hub, radius, paint)


def _draw_wheel(pen: Pen, hub: Point, radius: float, metal: Colour) -> None:
    pen.ellipse(hub, (radius, radius), _TYRE)
    pen.ellipse(hub, (radius * 0.72, radius * 0.72), _darker(metal, 0.85))
    for turn in np.linspace(0, math.pi, 6, endpoint=False):
        reach = np.array([math.cos(turn), math.sin(turn)]) * radius * 0.7
        pen.line([tuple(hub - reach), tuple(hub + reach)], 0.02, _darker(metal, 0.4))
    pen.ellipse(hub, (radius * 0.22, radius * 0.22), _darker(metal, 0.5))


def _draw_mudguard(pen: Pen, hub: Point, radius: float, paint: Colour) -> None:
    turns = np.linspace(0.25 * math.pi, 0.8 * math.pi, 8)
    pen.line(
        [
            (hub[0] + 1.05 * radius * math.cos(t), hub[1] + 1.05 * radius * math.sin(t))
            for t in turns
        ],
        0.05,
        paint,
    )


def _paint(rng: np.random.Generator) -> Colour:
    return tuple(int(c) for c in rng.integers(30, 250, 3))


def _gray(rng: np.random.Generator, low: int, high: int) -> Colour:
    return (int(rng.integers(low, high)),) * 3


def _darker(colour: Colour, factor: float) -> Colour:
    return tuple(int(c * factor) for c in colour)
