"""Stems and leaves."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from poets.datasets.painting.canvas import Array, Canvas, Colour, hsv, lit
from poets.datasets.painting.strips import Pigment, bezier, outline, paint_strip, profile, ribbon

_SOFT = 128  # side of what is blurred and enlarged


@dataclass(frozen=True)
class Foliage:
    """What a kind of flower has below its head; lengths in units of the head's radius."""

    hue: float
    stem: float  # its width
    count: int  # of leaves
    length: float
    width: float
    shape: tuple[float, float] = (0.6, 0.8)  # exponents of base and tip, see profile()
    teeth: int = 0
    basal: bool = False  # the leaves grow from the ground, not along the stem
    leaflets: int = 1

    def scaled(self, radius: float) -> "Foliage":
        """Return it with its lengths in the units that `radius` has."""
        stem, length, width = (radius * size for size in (self.stem, self.length, self.width))
        return replace(self, stem=stem, length=length, width=width)


def paint_stem(canvas: Canvas, path: Array, foliage: Foliage, rng: np.random.Generator) -> None:
    """Draw a stem along a path [n, 2] from the head down, with its leaves."""
    green = hsv(foliage.hue + rng.normal(0, 6), rng.uniform(0.4, 0.65), rng.uniform(0.35, 0.6))
    if foliage.basal:
        _paint_leaves(canvas, path, foliage, green, rng)
    stem = ribbon(path, np.full(len(path), 0.5 * foliage.stem))
    pigment = Pigment(lit(green, 1.05), lit(green, 0.8), lit(green, 0.7), 2, 0, 0.3)
    paint_strip(canvas, stem, pigment, np.array([1.12, 0.85]), 0.002)
    if not foliage.basal:
        _paint_leaves(canvas, path, foliage, green, rng)


def _paint_leaves(
    canvas: Canvas, path: Array, foliage: Foliage, green: Colour, rng: np.random.Generator
) -> None:
    first = rng.choice([-1, 1])
    middle = (foliage.leaflets - 1) / 2
    for leaf in range(foliage.count):
        share = 1.0 if foliage.basal else rng.uniform(0.25, 0.95)
        base = path[int(share * (len(path) - 1))]
        turn = first * (-1) ** leaf * rng.uniform(0.25, 1.25)
        size = rng.uniform(0.7, 1.2)
        for leaflet in range(foliage.leaflets):
            shade = lit(green, rng.uniform(0.75, 1.1))
            reach = (turn + 0.9 * (leaflet - middle), size if leaflet == middle else 0.75 * size)
            _paint_leaf(canvas, base, reach, foliage, shade)


def _paint_leaf(
    canvas: Canvas, base: Array, reach: tuple[float, float], foliage: Foliage, green: Colour
) -> None:
    """Draw a leaf from its base; `reach` is its turn from upright in radians, and its size."""
    turn, size = reach
    length = size * foliage.length
    control = base + 0.6 * length * np.array([np.sin(0.5 * turn), -np.cos(0.5 * turn)])
    tip = base + length * np.array([np.sin(turn), -np.cos(turn)])
    u = np.linspace(0, 1, 4 * foliage.teeth or 16)
    half = 0.5 * size * foliage.width * profile(u, *foliage.shape)
    if foliage.teeth:
        half = half * (0.3 + 0.7 * (u * foliage.teeth % 1.0))
    strip = ribbon(bezier(base, control, tip, len(u)), half)
    pigment = Pigment(lit(green, 0.8), green, lit(green, 0.7), 2, 0, 0.3)
    paint_strip(canvas, strip, pigment, np.array([0.9, 1.1]), 0.005)


def paint_grass(canvas: Canvas, horizon: float, hue: float, rng: np.random.Generator) -> None:
    """Draw blades of grass below the horizon, the near ones larger."""
    count = int(rng.integers(25, 70))
    depth = np.sort(rng.uniform(0, 1, count))
    base = np.stack([rng.uniform(-0.05, 1.05, count), horizon + (1.15 - horizon) * depth], axis=1)
    height = (0.05 + 0.3 * depth) * rng.uniform(0.5, 1.2, count)
    up = np.stack([0 * height, -height], axis=1)
    lean = np.stack([rng.normal(0, 0.4, count) * height, 0 * height], axis=1)
    midlines = bezier(base, base + 0.6 * up, base + up + lean, 6)
    for strip in ribbon(midlines, 0.03 * height[:, None] * np.linspace(1, 0, 6)):
        green = hsv(hue + rng.normal(0, 8), rng.uniform(0.4, 0.7), rng.uniform(0.2, 0.6))
        canvas.polygon(outline(strip[:, 0], strip[:, -1]), green, 0.8)


def paint_foreground(image: Image.Image, rng: np.random.Generator) -> None:
    """Put leaves or blossoms on the picture that are too near to be in focus."""
    layer = Image.new("RGBA", (_SOFT, _SOFT))
    canvas = Canvas(layer)
    green = hsv(rng.uniform(75, 130), rng.uniform(0.3, 0.6), rng.uniform(0.25, 0.6))
    for _ in range(int(rng.integers(1, 4))):
        base = np.array([rng.uniform(-0.1, 1.1), 1.1])
        tip = base + np.array([rng.normal(0, 0.3), -rng.uniform(0.35, 0.9)])
        midline = bezier(base, base - np.array([0.0, 0.4]), tip, 8)
        strip = ribbon(midline, rng.uniform(0.02, 0.06) * np.linspace(1, 0, 8))
        canvas.polygon(outline(strip[:, 0], strip[:, -1]), green)
    layer = layer.filter(ImageFilter.GaussianBlur(rng.uniform(2, 5))).resize(image.size)
    image.paste(layer, mask=layer)
