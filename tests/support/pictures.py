"""Small pictures, drawn."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS: dict[str, tuple[int, int, int]] = {
    "blue": (30, 40, 220),
    "green": (40, 180, 50),
    "red": (220, 40, 30),
}


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    """A smooth picture that looks different from every side and in every channel."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = 255 * x / (width - 1), 255 * y / (height - 1)
    blue = 255 * np.abs(x / (width - 1) - (y / (height - 1)) ** 2)
    return Image.fromarray(np.stack([red, green, blue], axis=-1).astype(np.uint8))


def noisy(colour: tuple[int, int, int], seed: int, side: int = 24) -> Image.Image:
    """A picture of one colour with noise of its own."""
    rng = np.random.default_rng(seed)
    pixels = np.array(colour) + rng.normal(0, 20, (side, side, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the picture's file in Pillow's format `kind`."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def paint_folders(
    folder: Path, count: int, colours: Mapping[str, tuple[int, int, int]] = COLOURS
) -> Path:
    """Fill `folder` with a sub-folder of `count` pictures a colour; no two are alike."""
    for index, (label, colour) in enumerate(colours.items()):
        (folder / label).mkdir(parents=True)
        for number in range(count):
            picture = noisy(colour, seed=index * count + number)
            (folder / label / f"{label}_{number:03}.png").write_bytes(encoded(picture))
    return folder
