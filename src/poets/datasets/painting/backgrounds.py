"""What is behind the flowers: meadows, leaves, lights, skies, walls; drawn small and blurred."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from poets.datasets.painting.canvas import Canvas, Colour, hsv, lit, mix, vary
from poets.datasets.painting.strips import bezier, outline, profile, ribbon

_SIDE = 128  # soft pictures need no more


def paint_background(side: int, rng: np.random.Generator, *, grassy: bool) -> Image.Image:
    """Return a background at random, `side` pixels square; a grassy one is a meadow or a bed."""
    odds = [row.grassy_odds if grassy else row.odds for row in _BACKGROUNDS]
    image = _BACKGROUNDS[rng.choice(len(odds), p=odds)].paint(rng)
    image = image.filter(ImageFilter.GaussianBlur(float(rng.choice([0.4, 1.2, 2.5, 5.0]))))
    return image.resize((side, side), Image.Resampling.BILINEAR)


def _gradient(first: Colour, second: Colour, angle: float = np.pi / 2) -> Image.Image:
    """Return a picture that runs from one colour to another; by default downwards."""
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / (_SIDE - 1) - 0.5
    share = np.clip(0.5 + x * np.cos(angle) + y * np.sin(angle), 0, 1)[..., None]
    pixels = (1 - share) * np.array(first) + share * np.array(second)
    return Image.fromarray(pixels.astype(np.uint8))


def _green(rng: np.random.Generator) -> Colour:
    return hsv(rng.uniform(70, 140), rng.uniform(0.3, 0.75), rng.uniform(0.15, 0.65))


def _meadow(rng: np.random.Generator) -> Image.Image:
    image = _sky(rng)
    canvas = Canvas(image)
    horizon = rng.uniform(0.1, 0.6)
    green = _green(rng)
    for hill in range(3):
        x = np.linspace(0, 1, 12)
        y = horizon + 0.06 * hill + 0.04 * np.sin(x * rng.uniform(2, 7) + rng.uniform(0, 6))
        far = mix(green, hsv(200, 0.3, 0.8), 0.45 - 0.2 * hill)
        edge = np.stack([x, y], axis=1)
        canvas.polygon(np.concatenate([edge, [[1, 1.1], [0, 1.1]]]), far)
    blossom = hsv(rng.uniform(0, 360), rng.uniform(0, 0.8), rng.uniform(0.7, 1))
    for _ in range(220):
        depth = rng.uniform(0, 1) ** 0.7
        place = np.array([rng.uniform(0, 1), horizon + 0.1 + (0.95 - horizon) * depth])
        colour = blossom if rng.random() < 0.12 else vary(lit(green, rng.uniform(0.6, 1.2)), rng)
        canvas.disc(place, 0.008 + 0.03 * depth, colour, 0.6)
    return image


def _sky(rng: np.random.Generator) -> Image.Image:
    hue, grey = rng.uniform(195, 225), rng.uniform(0.1, 0.7)
    image = _gradient(hsv(hue, grey, rng.uniform(0.6, 0.95)), hsv(hue - 10, 0.15, 0.97))
    canvas = Canvas(image)
    for _ in range(int(rng.integers(0, 5))):
        x, y = rng.uniform(0, 1), rng.uniform(0, 0.7)
        for _ in range(8):
            place = np.array([x + rng.normal(0, 0.09), y + rng.normal(0, 0.02)])
            canvas.disc(place, rng.uniform(0.03, 0.09), (250, 250, 252), 0.35)
    return image


def _foliage(rng: np.random.Generator) -> Image.Image:
    green = _green(rng)
    image = _gradient(lit(green, 0.5), lit(green, 0.9), rng.uniform(0, 6))
    canvas = Canvas(image)
    base, turn = rng.uniform(-0.1, 1.1, (60, 2)), rng.uniform(0, 2 * np.pi, 60)
    length = rng.uniform(0.12, 0.45, (60, 1))
    tip = base + length * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    midlines = bezier(base, (base + tip) / 2 + rng.normal(0, 0.04, (60, 2)), tip, 8)
    half = rng.uniform(0.01, 0.05, (60, 1)) * profile(np.linspace(0, 1, 8), 0.6, 0.8)
    for strip in ribbon(midlines, half):
        shade = lit(vary(green, rng), rng.uniform(0.4, 1.25))
        canvas.polygon(outline(strip[:, 0], strip[:, -1]), shade, 0.85)
    return image


def _lights(rng: np.random.Generator) -> Image.Image:
    base = _green(rng) if rng.random() < 0.7 else hsv(rng.uniform(0, 360), 0.4, 0.4)
    image = _gradient(lit(base, 0.5), lit(base, 1.15), rng.uniform(0, 6))
    canvas = Canvas(image)
    for _ in range(int(rng.integers(8, 35))):
        colour = hsv(rng.choice([50, 90, 110, rng.uniform(0, 360)]), rng.uniform(0.1, 0.7), 0.95)
        canvas.disc(rng.uniform(0, 1, 2), rng.uniform(0.03, 0.13), colour, rng.uniform(0.08, 0.45))
    return image


def _wall(rng: np.random.Generator) -> Image.Image:
    colour = hsv(rng.uniform(0, 360), rng.uniform(0, 0.45), rng.choice([0.1, 0.4, 0.7, 0.95]))
    return _gradient(colour, lit(colour, rng.uniform(0.6, 1.3)), rng.uniform(0, 6))


def _ground(rng: np.random.Generator) -> Image.Image:
    earth = hsv(rng.uniform(15, 45), rng.uniform(0.1, 0.5), rng.uniform(0.2, 0.65))
    image = _gradient(lit(earth, 0.7), earth)
    canvas = Canvas(image)
    for _ in range(350):
        colour = lit(vary(earth, rng), rng.uniform(0.5, 1.3))
        canvas.disc(rng.uniform(0, 1, 2), rng.uniform(0.004, 0.03), colour, 0.6)
    return image


def _evening(rng: np.random.Generator) -> Image.Image:
    image = _gradient(hsv(rng.uniform(230, 290), 0.5, 0.45), hsv(rng.uniform(15, 45), 0.7, 0.98))
    canvas = Canvas(image)
    canvas.disc(np.array([rng.uniform(0, 1), rng.uniform(0.4, 0.8)]), 0.12, (255, 240, 190), 0.8)
    return image


@dataclass(frozen=True)
class _Background:
    """One row: who paints it, and how often, with grass in front or without."""

    paint: Callable[[np.random.Generator], Image.Image]
    odds: float
    grassy_odds: float


_BACKGROUNDS = (
    _Background(_meadow, 0.22, 0.7),
    _Background(_foliage, 0.22, 0.1),
    _Background(_lights, 0.20, 0.0),
    _Background(_wall, 0.14, 0.0),
    _Background(_sky, 0.12, 0.0),
    _Background(_ground, 0.05, 0.2),
    _Background(_evening, 0.05, 0.0),
)
