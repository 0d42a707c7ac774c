"""Buds, which look much alike whatever they become."""

import numpy as np

from poets.datasets.painting.canvas import Canvas, Colour, hsv, lit, mix
from poets.datasets.painting.pose import Pose, Whorl, paint_whorls
from poets.datasets.painting.strips import Pigment


def paint_bud(canvas: Canvas, pose: Pose, petal: Colour, rng: np.random.Generator) -> None:
    """Draw closed petals in green sepals."""
    green = hsv(rng.uniform(80, 115), 0.5, rng.uniform(0.35, 0.5))
    closed = Whorl(4, 0.34, 0.8, (0.2, 0.5), 0.0, -0.5, 3.6, -2.0, 0.45, 4, 0.3, 0.06)
    sepals = Whorl(5, 0.36, 0.4, (0.2, 0.8), 0.0, -0.55, 2.6, -1.4, 0.45, 3, jitter=0.1)
    inside = Pigment(mix(petal, green, 0.4), petal, lit(petal, 0.75), 3, 1)
    outside = Pigment(lit(green, 0.8), green, lit(green, 0.7), 3, 0)
    paint_whorls(canvas, pose, [(closed, inside)], rng)
    paint_whorls(canvas, pose, [(sepals, outside)], rng)
