"""Dandelions: a dense head of yellow florets, or the white ball of seeds."""

from dataclasses import dataclass

import numpy as np

from poets.datasets.painting.canvas import WHITE, Array, Canvas, Colour, hsv, lit, mix
from poets.datasets.painting.pose import Pose, Whorl, fibonacci_sphere, paint_whorls
from poets.datasets.painting.strips import Pigment

_BRACT = Pigment(hsv(95, 0.5, 0.35), hsv(90, 0.5, 0.5), hsv(95, 0.6, 0.25), 2, 0)
_DEEP = hsv(40, 0.95, 0.9)
_RINGS = 5


@dataclass(frozen=True)
class Dandelion:
    """One kind of dandelion, in flower or in seed."""

    petal: Colour
    kept: float  # share of the seeds that no wind took; 0 in flower

    @classmethod
    def grow(cls, rng: np.random.Generator) -> "Dandelion":
        """Return a kind at random."""
        petal = hsv(rng.uniform(46, 55), rng.uniform(0.85, 1), rng.uniform(0.92, 1))
        return cls(petal, float(rng.choice([0, 1.0, 0.7, 0.4], p=[0.75, 0.13, 0.07, 0.05])))

    def head(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        """Draw a head."""
        if self.kept:
            _paint_seeds(canvas, pose, self.kept, rng)
        else:
            self._paint_florets(canvas, pose, rng)

    def _paint_florets(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        bracts = Whorl(14, 0.5, 0.12, (0.4, 0.8), 0.1, -0.15, -0.3)
        paint_whorls(canvas, pose, [(bracts, _BRACT)], rng)
        crowd = 0.55 if pose.far else 1.0
        rings = []
        for ring in range(_RINGS):
            inward = ring / (_RINGS - 1)
            tip = mix(self.petal, _DEEP, 0.35 * inward)
            pigment = Pigment(lit(tip, 0.72 + 0.18 * inward), tip, lit(tip, 0.6), 2, 0, 0.5)
            whorl = Whorl(
                count=int(crowd * (38 - 6 * ring)),
                length=1 - 0.76 * inward,
                width=0.1 / crowd,
                shape=(0.25, 0.12),
                start=0.02,
                height=0.06 * ring,
                rise=0.1 + 0.9 * inward,
                phase=0.37 * ring,
                jitter=0.09,
            )
            rings.append((whorl, pigment))
        paint_whorls(canvas, pose, rings, rng)


def _paint_seeds(canvas: Canvas, pose: Pose, kept: float, rng: np.random.Generator) -> None:
    """Draw the ball: each seed a ray that ends in a tuft; the wind has some of them."""
    rays = fibonacci_sphere(int(np.clip(450 * pose.radius, 36, 110)))
    blown = rng.random(len(rays)) > kept
    wind = np.array([rng.choice([-1, 1]) * rng.uniform(0.5, 1), rng.uniform(-0.8, 0), 0])
    flying = rays[blown][::4]
    away = rays[blown][::4] + wind * rng.uniform(0.6, 2.5, (len(flying), 1))
    canvas.disc(pose.centre, 0.97 * pose.radius, WHITE, 0.16 * kept**2)
    _paint_tufts(canvas, pose, 0 * rays[~blown], rays[~blown], rng)
    _paint_tufts(canvas, pose, away - 0.5 * flying, away, rng)
    canvas.disc(pose.centre, 0.14 * pose.radius, hsv(40, 0.35, 0.5))


def _paint_tufts(
    canvas: Canvas, pose: Pose, feet: Array, tips: Array, rng: np.random.Generator
) -> None:
    """Draw seeds from feet [n, 3] to tips [n, 3], each with a tuft of hairs."""
    rays = tips - feet
    hairs = rng.normal(0, 1, (len(tips), 9, 3))
    hairs -= (hairs * rays[:, None]).sum(-1, keepdims=True) * rays[:, None]
    hairs /= np.linalg.norm(hairs, axis=-1, keepdims=True)
    ends, near = pose.project(tips[:, None] - 0.07 * rays[:, None] + 0.2 * hairs)
    knots, _ = pose.project(tips - 0.18 * rays)
    stalks, _ = pose.project(feet)
    width = 0.01 * pose.radius
    for i in np.argsort(near.mean(axis=1)):
        white = hsv(60, 0.05, 0.88 + 0.1 * float(near[i].mean()))
        canvas.line(np.stack([stalks[i], knots[i]]), hsv(50, 0.2, 0.7), width, 0.5)
        for end in ends[i]:
            canvas.line(np.stack([knots[i], end]), white, width, 0.55)
        canvas.disc(knots[i], 0.012 * pose.radius, WHITE, 0.8)
