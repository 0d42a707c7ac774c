"""Sunflowers: large pointed yellow petals around a big dark disc."""

from dataclasses import dataclass, replace

import numpy as np

from poets.datasets.painting.canvas import Canvas, Colour, hsv, lit
from poets.datasets.painting.disc import paint_disc
from poets.datasets.painting.pose import Pose, Whorl, paint_whorls
from poets.datasets.painting.strips import Pigment

_SEPAL = Pigment(hsv(90, 0.6, 0.3), hsv(85, 0.6, 0.5), hsv(95, 0.6, 0.2), 2, 1)


@dataclass(frozen=True)
class Sunflower:
    """One kind of sunflower."""

    petal: Colour
    heart: Colour  # of the petals' base
    disc: Colour
    eye: Colour  # of the disc's middle
    disc_radius: float
    whorl: Whorl

    @classmethod
    def grow(cls, rng: np.random.Generator) -> "Sunflower":
        """Return a kind at random."""
        hue = rng.uniform(41, 52)
        petal = hsv(hue, rng.uniform(0.8, 1), rng.uniform(0.9, 1))
        heart = hsv(hue - float(rng.choice([6, 10, 25])), 0.95, rng.uniform(0.75, 0.95))
        disc = hsv(rng.uniform(18, 32), rng.uniform(0.5, 0.8), rng.uniform(0.18, 0.45))
        eye = hsv(rng.uniform(30, 75), 0.6, rng.uniform(0.3, 0.6))
        radius, count = rng.uniform(0.36, 0.55), int(rng.integers(16, 26))
        whorl = Whorl(
            count=count,
            length=0.94 - 0.85 * radius,
            width=4.7 / count * rng.uniform(0.9, 1.2),
            shape=(0.6, 0.62),
            start=0.85 * radius,
            rise=rng.uniform(-0.2, 0.5),
            jitter=0.13,
        )
        return cls(petal, heart, disc, eye, radius, whorl)

    def head(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        """Draw a head."""
        pigment = Pigment(self.heart, self.petal, lit(self.heart, 0.75), 4, 1, 0.4)
        start = self.whorl.start
        sepals = Whorl(12, 0.9 - start, 0.3, (0.4, 1.0), start, -0.1, -0.1)
        whorls = [(self.whorl, pigment)]
        if not pose.far:
            length, rise = 1.06 * self.whorl.length, 0.6 * self.whorl.rise
            under = replace(self.whorl, length=length, height=-0.05, rise=rise, phase=0.5)
            whorls.append((under, pigment.shaded(0.85)))
        paint_whorls(canvas, pose, [(sepals, _SEPAL)], rng)
        paint_whorls(canvas, pose, whorls, rng)
        paint_disc(canvas, pose, self.disc_radius, self.disc, rng)
        paint_disc(canvas, pose, self.disc_radius * rng.uniform(0.3, 0.65), self.eye, rng)
