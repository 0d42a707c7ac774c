"""A sheet of examples: what the network will see, before it is trained on that."""

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from poets.decode import ByteArray
from poets.distort.distortion import Distortion, generator
from poets.distort.pose import to_image
from poets.preprocess import FloatArray, Preprocess

Loader = Callable[[bytes], FloatArray]  # of a picture's file, to f32[*preprocess.shape]

_GAP = 4  # pixels of white
_SMALLEST = 96  # pixels: a smaller side is enlarged by a whole number


def loaders(distortion: Distortion, preprocess: Preprocess, n: int, seed: int) -> list[Loader]:
    """Return one that loads a picture as it is, and `n` that load a variant each.

    A variant depends on the picture's content and the seed only.
    """
    return [preprocess.load, *(_loader(distortion, preprocess, f"{seed} {k}") for k in range(n))]


def sheet(
    contents: Sequence[bytes], columns: Sequence[Loader], preprocess: Preprocess
) -> Image.Image:
    """Draw a row for each picture's file and in it a tile for each way to load it.

    Give it `recipe.load` of the recipes that are trained with, and it shows exactly those inputs.
    Raises UnreadableImageError.
    """
    factor = -(-_SMALLEST // min(preprocess.height, preprocess.width, _SMALLEST))
    height, width = preprocess.height * factor, preprocess.width * factor
    size = ((width + _GAP) * len(columns) + _GAP, (height + _GAP) * len(contents) + _GAP)
    drawn = Image.new("L" if preprocess.channels == 1 else "RGB", size, "white")
    for row, content in enumerate(contents):
        for column, load in enumerate(columns):
            tile = to_image(_pixels(load(content), preprocess))
            place = (column * (width + _GAP) + _GAP, row * (height + _GAP) + _GAP)
            drawn.paste(tile.resize((width, height), Image.Resampling.NEAREST), place)
    return drawn


def _loader(distortion: Distortion, preprocess: Preprocess, key: str) -> Loader:
    return lambda content: distortion.load(content, preprocess, generator(content, key))


def _pixels(values: FloatArray, preprocess: Preprocess) -> ByteArray:
    """Undo the network's scaling; what is brighter than white is shown as white."""
    pixels = values * np.float32(preprocess.std) + np.float32(preprocess.mean)
    whole: ByteArray = np.rint(pixels.clip(0, 255)).astype(np.uint8)
    return whole
