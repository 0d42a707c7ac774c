"""Petals, leaves and stems are strips: lines that run side by side from a base to a tip."""

from dataclasses import dataclass

import numpy as np

from poets.datasets.painting.canvas import BLACK, Array, Canvas, Colour, lit, mix


@dataclass(frozen=True)
class Pigment:
    """How a strip is coloured: from base to tip, with veins and a rim."""

    base: Colour
    tip: Colour
    vein: Colour
    tones: int = 4  # between base and tip, 2 at least
    veins: int = 2  # in each facet
    rim: float = 0.35  # opacity of the dark edge that sets a petal off its neighbours

    def shaded(self, light: float) -> "Pigment":
        """Return the same pigment in another light, 1 being as it is."""
        base, tip, vein = (lit(colour, light) for colour in (self.base, self.tip, self.vein))
        return Pigment(base, tip, vein, self.tones, self.veins, self.rim)


def profile(u: Array, base: float, tip: float) -> Array:
    """Return a half width for each u in [0, 1], 1 at the widest: u^base * (1 - u)^tip.

    A small exponent makes that end blunt, one above 1 makes it pointed.
    """
    widest = base / (base + tip)
    highest: float = widest**base * (1 - widest) ** tip
    width: Array = u**base * (1 - u) ** tip / highest
    return width


def bezier(start: Array, control: Array, end: Array, n: int = 16) -> Array:
    """Return n points [..., n, 2] of each quadratic curve between points [..., 2]."""
    t = np.linspace(0, 1, n)[:, None]
    curve: Array = (
        (1 - t) ** 2 * start[..., None, :]
        + 2 * t * (1 - t) * control[..., None, :]
        + t**2 * end[..., None, :]
    )
    return curve


def ribbon(midline: Array, half_width: Array) -> Array:
    """Return the strip [..., n, 3, 2] around each line [..., n, 2] with half widths [..., n]."""
    direction = np.gradient(midline, axis=-2)
    direction /= np.maximum(np.hypot(direction[..., 0], direction[..., 1]), 1e-9)[..., None]
    across = np.stack([-direction[..., 1], direction[..., 0]], axis=-1) * half_width[..., None]
    return np.stack([midline - across, midline, midline + across], axis=-2)


def outline(left: Array, right: Array) -> Array:
    """Return the way up one edge and down the other, both [n, 2]."""
    return np.concatenate([left, right[::-1]])


def paint_strip(
    canvas: Canvas, strip: Array, pigment: Pigment, lights: Array, width: float
) -> None:
    """Draw a strip [n, m, 2]: its m - 1 facets, each in its light, then the rim.

    The width is that of veins and rim; where it is less than a pixel, there are few details.
    """
    fine = canvas.shows(width)
    for light, facet in sorted((light, facet) for facet, light in enumerate(lights.tolist())):
        left, right = strip[:, facet], strip[:, facet + 1]
        shaded = pigment.shaded(light)
        _paint_tones(canvas, outline(left, right), shaded, pigment.tones if fine else 2)
        if fine:
            _paint_veins(canvas, left, right, shaded, width)
    if pigment.rim:
        edge = mix(pigment.vein, BLACK, 0.25)
        canvas.line(outline(strip[:, 0], strip[:, -1]), edge, width, pigment.rim)


def _paint_tones(canvas: Canvas, around: Array, pigment: Pigment, tones: int) -> None:
    for tone in range(tones):
        start = tone * (len(around) // 2 - 2) // tones
        colour = mix(pigment.base, pigment.tip, tone / (tones - 1))
        canvas.polygon(around[start : len(around) - start], colour)


def _paint_veins(canvas: Canvas, left: Array, right: Array, pigment: Pigment, width: float) -> None:
    for vein in range(1, pigment.veins + 1):
        share = vein / (pigment.veins + 1)
        canvas.line((left + share * (right - left))[:-1], pigment.vein, width, 0.4)
