"""A digit written with a pen: unsteady, slanted, thick or thin, not always in the middle."""

from itertools import pairwise

import numpy as np
from PIL import Image

from poets.datasets.painting.canvas import Array
from poets.datasets.painting.digit_strokes import STROKES, Stroke

SIZE = 28  # pixels, as MNIST's
_STEPS = 14  # between two points of a stroke: less than a pixel apart


def write_digit(label: str, rng: np.random.Generator) -> Image.Image:
    """Return a grey picture, 28 pixels square, of a light digit on a dark ground."""
    ways = STROKES[label]
    way = ways[rng.integers(len(ways))]
    unsteady = rng.uniform(0.015, 0.06)
    points = np.concatenate([_curve(stroke, unsteady, rng) for stroke in way])
    ink = _ink(_placed(points, rng), rng)
    if rng.random() < 0.15:
        ink = np.maximum(ink, rng.uniform(0.4, 1.0) * _ink(_scrap(rng), rng))
    return _photographed(ink, rng)


def _curve(stroke: Stroke, unsteady: float, rng: np.random.Generator) -> Array:
    """Return points [n, 2] close to each other on a Catmull-Rom curve through the stroke's."""
    through = np.array(stroke) + rng.normal(0, unsteady, (len(stroke), 2))
    ends = (2 * through[0] - through[1], 2 * through[-1] - through[-2])
    knots = np.stack([ends[0], *through, ends[1]])
    t = np.linspace(0, 1, _STEPS)[:, None]
    pieces = []
    for i, (start, end) in enumerate(pairwise(through)):
        before, after = knots[i], knots[i + 3]
        pieces.append(
            start
            + 0.5 * t * (end - before)
            + t**2 * (before - 2.5 * start + 2 * end - 0.5 * after)
            + 0.5 * t**3 * (3 * (start - end) + after - before)
        )
    return np.concatenate(pieces)


def _placed(points: Array, rng: np.random.Generator) -> Array:
    """Return the points in pixels: narrow or wide, slanted, turned, moved."""
    height = rng.uniform(15, 22)
    centred = (points - 0.5) * (height * rng.uniform(0.55, 0.95), height)
    slant, turn = rng.normal(0.12, 0.18), rng.normal(0, 0.12)
    shear = np.array([[1, 0], [-slant, 1]])
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    moved: Array = centred @ shear @ rotation + SIZE / 2 + rng.normal(0, 0.9, 2)
    return moved


def _ink(points: Array, rng: np.random.Generator) -> Array:
    """Return how much ink is on each pixel, [28, 28] in [0, 1], of a pen led through points."""
    pressure = 1 + rng.uniform(0, 0.35) * np.sin(
        np.linspace(0, rng.uniform(2, 9), len(points)) + rng.uniform(0, 6)
    )
    radius = rng.uniform(0.5, 1.6) * pressure
    axis = np.arange(SIZE) + 0.5
    across = (axis[:, None] - points[:, 0]) ** 2
    down = (axis[:, None] - points[:, 1]) ** 2
    inside = radius - np.sqrt(down[:, None, :] + across[None, :, :])
    ink: Array = np.clip(inside.max(axis=-1) + 0.5, 0, 1)
    return ink


def _scrap(rng: np.random.Generator) -> Array:
    """Return a bit of a neighbour's stroke at the edge, in pixels."""
    start = rng.uniform(0, SIZE, 2)
    start[rng.integers(2)] = rng.choice([1.0, SIZE - 1.0])
    return start + np.linspace(0, 1, _STEPS)[:, None] * rng.normal(0, 3.5, 2)


def _photographed(ink: Array, rng: np.random.Generator) -> Image.Image:
    ground, light = rng.uniform(0, 40), rng.uniform(150, 255)
    noise = rng.normal(0, rng.uniform(2, 16), ink.shape)
    grey = ground + ink * (light - ground) + noise
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
