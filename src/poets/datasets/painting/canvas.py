"""Colours, and a canvas in unit coordinates: (0, 0) is its top left, (1, 1) its bottom right."""

import colorsys
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Array: TypeAlias = npt.NDArray[np.float64]
Colour: TypeAlias = tuple[float, float, float]  # red, green, blue in [0, 255]

SUPERSAMPLE = 2  # Pillow's polygons have hard edges: draw larger, then scale down
WHITE: Colour = (255.0, 255.0, 255.0)
BLACK: Colour = (0.0, 0.0, 0.0)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Return a colour; hue in degrees and any turn, the others are cut to [0, 1]."""
    s, v = min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0)
    red, green, blue = colorsys.hsv_to_rgb(hue / 360 % 1.0, s, v)
    return 255 * red, 255 * green, 255 * blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return `first` with a share in [0, 1] of `second`."""
    keep = 1 - share
    return (
        keep * first[0] + share * second[0],
        keep * first[1] + share * second[1],
        keep * first[2] + share * second[2],
    )


def lit(colour: Colour, light: float) -> Colour:
    """Return the colour in more light (above 1, towards white) or less (towards black)."""
    if light > 1:
        return mix(colour, WHITE, min(light - 1, 1.0))
    return mix(BLACK, colour, max(light, 0.0))


def vary(colour: Colour, rng: np.random.Generator, amount: float = 0.05) -> Colour:
    """Return a neighbour of the colour, lighter or darker and a little off its hue."""
    other = lit((colour[1], colour[2], colour[0]), 1 + amount)
    return lit(mix(colour, other, amount * rng.random()), 1 + amount * (2 * rng.random() - 1))


class Canvas:
    """A picture to draw on, with translucent paint."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self._side = image.width
        self._opaque = ImageDraw.Draw(image)  # much faster than opaque paint on the other
        self._translucent = ImageDraw.Draw(image, "RGBA")

    def shows(self, width: float) -> bool:
        """Tell whether a line that wide is a pixel or more."""
        return width * self._side >= 1

    def polygon(self, points: Array, colour: Colour, alpha: float = 1.0) -> None:
        """Fill the outline through points [n, 2]."""
        if alpha < 1:
            self._translucent.polygon(self._pixels(points), _rgba(colour, alpha))
        else:
            self._opaque.polygon(self._pixels(points), _rgb(colour))

    def line(self, points: Array, colour: Colour, width: float, alpha: float = 1.0) -> None:
        """Draw through points [n, 2]; the width is in unit coordinates, a pixel at least."""
        pixels = max(1, round(width * self._side))
        joint = "curve" if pixels > 3 else None
        self._translucent.line(self._pixels(points), _rgba(colour, alpha), pixels, joint)

    def disc(self, centre: Array, radius: float, colour: Colour, alpha: float = 1.0) -> None:
        """Fill a circle around a centre [2]."""
        x, y = (centre * self._side).tolist()
        r = max(radius * self._side, 0.5)
        if alpha < 1:
            self._translucent.ellipse((x - r, y - r, x + r, y + r), _rgba(colour, alpha))
        else:
            self._opaque.ellipse((x - r, y - r, x + r, y + r), _rgb(colour))

    def _pixels(self, points: Array) -> list[float]:
        pixels: list[float] = (points * self._side).ravel().tolist()
        return pixels


def _rgb(colour: Colour) -> tuple[int, int, int]:
    return int(colour[0]), int(colour[1]), int(colour[2])


def _rgba(colour: Colour, alpha: float) -> tuple[int, int, int, int]:
    return int(colour[0]), int(colour[1]), int(colour[2]), int(255 * alpha)
