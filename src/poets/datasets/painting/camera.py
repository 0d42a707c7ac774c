"""The last touches: brush, focus, light, grain."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter

from poets.datasets.painting.canvas import SUPERSAMPLE

_Pixels: TypeAlias = npt.NDArray[np.float32]  # [side, side, 3 or 1]
_SUNLIGHT = np.array([1.0, 0.93, 0.75], np.float32)


def develop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the drawn picture at its size, as one of many painters or cameras would show it."""
    image = _focus(_brush(image.reduce(SUPERSAMPLE), rng), rng)
    image = ImageEnhance.Color(image).enhance(rng.uniform(0.65, 1.2))
    pixels = np.asarray(_expose(image, rng)).astype(np.float32)
    pixels = _grain(_light(pixels, rng), rng)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _brush(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    kind = rng.choice(["plain", "oil", "gouache"], p=[0.75, 0.06, 0.19])
    if kind == "oil":
        return image.filter(ImageFilter.MedianFilter(5))
    return image.filter(ImageFilter.MedianFilter(3)) if kind == "gouache" else image


def _focus(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    blur = rng.choice([0.0, 0.8, 1.6, 3.0], p=[0.66, 0.18, 0.1, 0.06]) * image.width / 256
    return image.filter(ImageFilter.GaussianBlur(float(blur))) if blur else image


def _expose(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    exposure = rng.choice([1.0, 0.75, 0.5, 1.18], p=[0.7, 0.15, 0.07, 0.08])
    warmth, gamma = rng.normal(0, 0.05), rng.uniform(0.85, 1.15)
    curve = exposure * rng.uniform(0.9, 1.08) * (np.arange(256) / 255) ** gamma
    curves = [curve * tint for tint in (1 + warmth, 1.0, 1 - warmth)]
    return image.point((255 * np.concatenate(curves)).clip(0, 255).astype(int).tolist())


def _light(pixels: _Pixels, rng: np.random.Generator) -> _Pixels:
    if rng.random() < 0.4:
        dim = np.float32(rng.uniform(0.2, 0.6))
        pixels = pixels * (1 - dim * _squared_distance(len(pixels), 0.5, 0.5))
    if rng.random() < 0.12:
        glare = np.exp(-4 * _squared_distance(len(pixels), rng.uniform(0, 1), 0))
        pixels = pixels + np.float32(rng.uniform(40, 100)) * glare * _SUNLIGHT
    return pixels


def _grain(pixels: _Pixels, rng: np.random.Generator) -> _Pixels:
    strength = rng.choice([0, 3, 8, 18], p=[0.3, 0.4, 0.22, 0.08])
    if not strength:
        return pixels
    channels = int(rng.choice([1, 3]))
    grain = rng.standard_normal((*pixels.shape[:2], channels), dtype=np.float32)
    return pixels + np.float32(strength) * grain


def _squared_distance(side: int, x: float, y: float) -> _Pixels:
    """Return each pixel's squared distance [side, side, 1] from a point; the side is 1."""
    along = np.arange(side) / side
    distance = (along - x) ** 2 + (along[:, None] - y) ** 2
    return distance[..., None].astype(np.float32)
