"""Tulips: a cup of six broad petals on a bare stem."""

from dataclasses import dataclass

import numpy as np

from poets.datasets.painting.canvas import WHITE, Canvas, Colour, hsv, lit, mix
from poets.datasets.painting.pose import Pose, Whorl, paint_whorls
from poets.datasets.painting.strips import Pigment

_COLOURS = (  # hue, saturation, value
    (355, 0.85, 0.85),
    (345, 0.55, 0.95),
    (48, 0.8, 0.98),
    (20, 0.8, 0.95),
    (300, 0.5, 0.6),
    (280, 0.6, 0.35),
    (45, 0.06, 0.98),
    (330, 0.75, 0.8),
)


@dataclass(frozen=True)
class Tulip:
    """One kind of tulip."""

    petal: Colour
    heart: Colour  # of the petals' base
    edge: Colour
    openness: float  # in [0, 1]

    @classmethod
    def grow(cls, rng: np.random.Generator) -> "Tulip":
        """Return a kind at random."""
        first, second = rng.permutation(len(_COLOURS))[:2]
        petal, other = hsv(*_COLOURS[first]), hsv(*_COLOURS[second])
        heart, edge = lit(petal, 0.85), lit(petal, 1.12)
        if rng.random() < 0.35:
            heart = mix(petal, hsv(60, 0.5, 0.95) if rng.random() < 0.6 else WHITE, 0.5)
        if rng.random() < 0.25:
            edge = mix(petal, other, rng.uniform(0.4, 0.9))
        return cls(petal, heart, edge, rng.uniform(0, 1) ** 2)

    def head(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        """Draw a head."""
        pigment = Pigment(self.heart, self.edge, lit(self.petal, 0.7), 5, 1, 0.4)
        reach = 0.42 + 0.35 * self.openness
        outer = self._whorl(reach, 2.2, 3.6, 0.0)
        inner = self._whorl(0.9 * reach, 2.1, 4.0, 0.5)
        paint_whorls(canvas, pose, [(inner, pigment.shaded(0.88)), (outer, pigment)], rng)

    def _whorl(self, reach: float, width: float, rise: float, phase: float) -> Whorl:
        return Whorl(
            count=3,
            length=reach,
            width=width * reach,
            shape=(0.12, 0.4),
            height=-0.7,
            rise=rise - 1.2 * self.openness,
            curl=-1.5 * (1 - self.openness),
            flare=0.42,
            facets=6,
            phase=phase,
            jitter=0.04,
        )
