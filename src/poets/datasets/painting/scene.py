"""A picture of one kind of flower, from the background to the last touch."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from poets.datasets.painting.backgrounds import paint_background
from poets.datasets.painting.bud import paint_bud
from poets.datasets.painting.camera import develop
from poets.datasets.painting.canvas import SUPERSAMPLE, Array, Canvas
from poets.datasets.painting.composition import BEHIND, Arrangement, compose, draw_arrangement
from poets.datasets.painting.greenery import paint_foreground, paint_grass, paint_stem
from poets.datasets.painting.kinds import KINDS, Kind
from poets.datasets.painting.pose import Pose
from poets.datasets.painting.strips import bezier

_BUDS = 0.045  # share of the flowers
_SMALLEST_BUD = 0.12  # of the head's radius: below, nobody could tell what it is


def paint(label: str, rng: np.random.Generator, size: int = 256) -> Image.Image:
    """Return a picture of that label's flowers, RGB, `size` pixels square."""
    arrangement = draw_arrangement(rng)
    image = paint_background(SUPERSAMPLE * size, rng, grassy=arrangement.grassy)
    if not arrangement.grassy and rng.random() < 0.25:
        image = _paint_behind(image, label, rng)
    canvas, hue = Canvas(image), rng.uniform(75, 130)
    if arrangement.grassy or rng.random() < 0.35:
        paint_grass(canvas, rng.uniform(0.3, 0.9), hue, rng)
    _paint_flowers(canvas, KINDS[label], arrangement, rng)
    if arrangement.grassy:
        paint_grass(canvas, 0.8, hue, rng)
    if rng.random() < 0.12:
        paint_foreground(image, rng)
    return develop(image, rng)


def _paint_behind(image: Image.Image, label: str, rng: np.random.Generator) -> Image.Image:
    """Return the background with flowers out of focus, of the same kind or of any."""
    if rng.random() < 0.4:
        label = rng.choice(list(KINDS))
    _paint_flowers(Canvas(image), KINDS[label], BEHIND, rng)
    return image.filter(ImageFilter.BoxBlur(image.width * rng.uniform(0.008, 0.025)))


def _paint_flowers(
    canvas: Canvas, kind: Kind, arrangement: Arrangement, rng: np.random.Generator
) -> None:
    """Draw flowers that are alike in colours and proportions, buds among them."""
    flower = kind.grow(rng)
    for pose in compose(arrangement, kind.tilts, rng):
        bud = pose.radius > _SMALLEST_BUD and rng.random() < _BUDS
        head = replace(pose, tilt=rng.uniform(0.9, 1.5), radius=0.75 * pose.radius) if bud else pose
        paint_stem(canvas, _stem(head, rng), kind.foliage.scaled(head.radius), rng)
        if bud:
            paint_bud(canvas, head, flower.petal, rng)
        else:
            flower.head(canvas, head, rng)


def _stem(pose: Pose, rng: np.random.Generator) -> Array:
    """Return the path from the head to the ground, or out of the picture."""
    foot = np.array([pose.x + rng.normal(0, 0.12), max(1.05, pose.y + 2 * pose.radius)])
    if pose.radius < 0.15:  # far away: the ground is in the picture
        foot = pose.centre + (foot - pose.centre) * min(1.0, rng.uniform(5, 9) * pose.radius)
    length = float(np.hypot(*(foot - pose.centre)))
    below, _ = pose.project(np.array([0.0, 0.0, -0.45 * length / pose.radius]))
    return bezier(pose.centre, below, foot)
