"""Roses: layer upon layer of broad petals that wrap around the heart."""

from dataclasses import dataclass

import numpy as np

from poets.datasets.painting.canvas import Canvas, Colour, hsv, lit, mix
from poets.datasets.painting.pose import Pose, Whorl, paint_whorls
from poets.datasets.painting.strips import Pigment

_SEPAL = Pigment(hsv(110, 0.5, 0.3), hsv(100, 0.5, 0.42), hsv(110, 0.6, 0.2), 2, 0)
_LAYERS = 7
_COLOURS = (  # hue, saturation, value
    (355, 0.85, 0.75),
    (350, 0.9, 0.55),
    (340, 0.5, 0.95),
    (345, 0.25, 0.98),
    (45, 0.1, 0.98),
    (48, 0.65, 0.97),
    (22, 0.5, 0.97),
    (320, 0.6, 0.75),
)


@dataclass(frozen=True)
class Rose:
    """One kind of rose."""

    petal: Colour
    heart: Colour
    openness: float  # in [0, 1]

    @classmethod
    def grow(cls, rng: np.random.Generator) -> "Rose":
        """Return a kind at random."""
        hue, saturation, value = _COLOURS[rng.integers(len(_COLOURS))]
        petal = hsv(hue + rng.normal(0, 4), saturation * rng.uniform(0.8, 1.15), value)
        heart = hsv(hue + rng.normal(-6, 5), saturation * 1.3 + 0.12, value * 0.72)
        return cls(petal, heart, rng.uniform(0, 1))

    def head(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        """Draw a head."""
        sepals = Whorl(5, 0.8, 0.25, (0.4, 1.1), 0.05, -0.25, -0.2, -0.2)
        paint_whorls(canvas, pose, [(sepals, _SEPAL)], rng)
        layers = [self._layer(layer, 2 if pose.far else 4) for layer in range(_LAYERS)]
        paint_whorls(canvas, pose, layers, rng)

    def _layer(self, layer: int, facets: int) -> tuple[Whorl, Pigment]:
        """Return a ring of petals; the outer ones lie open, the inner ones stand and wrap."""
        inward = layer / (_LAYERS - 1)
        wraps = layer >= 4
        reach = 0.1 + (1 - inward) ** 0.85
        closed = 1 - self.openness
        upright = 0.4 + (0.4 + 0.5 * closed) * inward**0.6 + 0.4 * closed * (1 - inward)
        whorl = Whorl(
            count=3 if wraps else 5,
            length=reach,
            width=(2.4 if wraps else 1.5) * reach,
            shape=(0.5, 0.22),
            height=0.1 * inward,
            rise=0.6 * upright / reach,
            curl=-0.15 * (1 - inward),
            flare=0.7,
            facets=facets,
            phase=0.38 * layer,
            jitter=0.06,
        )
        base = lit(mix(self.heart, self.petal, 0.3 * (1 - inward)), 0.9)
        rim = lit(mix(self.petal, self.heart, 0.35 * inward), 1.08)
        return whorl, Pigment(base, rim, lit(self.heart, 0.8), 4, 0, 0.45)
