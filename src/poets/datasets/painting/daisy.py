"""Daisies: thin white petals around a yellow disc."""

from dataclasses import dataclass, replace

import numpy as np

from poets.datasets.painting.canvas import Canvas, Colour, hsv, lit, mix
from poets.datasets.painting.disc import paint_disc
from poets.datasets.painting.pose import Pose, Whorl, paint_whorls
from poets.datasets.painting.strips import Pigment

_SEPAL = Pigment(hsv(95, 0.6, 0.35), hsv(90, 0.55, 0.5), hsv(95, 0.6, 0.25), 2, 0)


@dataclass(frozen=True)
class Daisy:
    """One kind of daisy."""

    petal: Colour
    blush: Colour  # of the petals' tip
    disc: Colour
    disc_radius: float
    whorl: Whorl

    @classmethod
    def grow(cls, rng: np.random.Generator) -> "Daisy":
        """Return a kind at random."""
        petal = hsv(rng.uniform(30, 60), rng.uniform(0, 0.08), rng.uniform(0.93, 1))
        pink = hsv(rng.uniform(315, 345), rng.uniform(0.2, 0.5), 0.97)
        blush = mix(petal, pink, rng.uniform(0.3, 1)) if rng.random() < 0.2 else petal
        disc = hsv(rng.uniform(38, 54), rng.uniform(0.8, 1), rng.uniform(0.85, 1))
        radius, count = rng.uniform(0.24, 0.38), int(rng.integers(15, 32))
        width, rise = 4.3 / count * rng.uniform(0.8, 1.25), rng.uniform(-0.15, 0.45)
        whorl = Whorl(
            count=count,
            length=1 - 0.6 * radius,
            width=width,
            shape=(0.5, 0.3),
            start=0.6 * radius,
            rise=rise,
            curl=-0.3 * rise,
            jitter=0.08,
        )
        return cls(petal, blush, disc, radius, whorl)

    def head(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        """Draw a head."""
        pigment = Pigment(lit(self.petal, 0.82), self.blush, lit(self.petal, 0.72), 3, 2, 0.3)
        whorls = [(self.whorl, pigment)]
        if not pose.far:
            under = replace(self.whorl, height=-0.06, phase=0.5)
            whorls.append((under, pigment.shaded(0.88)))
        sepals = Whorl(12, 0.3, 0.12, (0.4, 0.6), 0.05, -0.2)
        paint_whorls(canvas, pose, [(sepals, _SEPAL)], rng)
        paint_whorls(canvas, pose, whorls, rng)
        paint_disc(canvas, pose, self.disc_radius, self.disc, rng)
