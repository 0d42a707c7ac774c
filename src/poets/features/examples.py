"""What the network sees of a picture, as a picture: scaled, cropped, turned, as was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from poets.features.cache import DECODER, FeatureCache
from poets.features.recipe import Recipe
from poets.features.thumbnails import SIDE, Kind, encode_jpeg, small_pictures
from poets.preprocess import FloatArray, Preprocess


def examples(cache: FeatureCache, paths: Sequence[Path], recipe: Recipe) -> tuple[bytes, ...]:
    """Return a JPEG of what `recipe` makes of each picture, its longer side at most 128 pixels.

    Empty for a file that cannot be read as a picture; kept in the cache as thumbnails are.
    """
    name = f"{recipe.key}, {SIDE} px, {DECODER}"
    return small_pictures(cache, paths, Kind(name, _Encoder(recipe)))


@dataclass(frozen=True)
class _Encoder:
    recipe: Recipe

    def __call__(self, content: bytes) -> bytes:
        image = to_picture(self.recipe.load(content), self.recipe.preprocess)
        image.thumbnail((SIDE, SIDE))
        return encode_jpeg(image)


def to_picture(values: FloatArray, preprocess: Preprocess) -> Image.Image:
    """Return a network's input, f32[height, width, channels], as the picture that it stands for."""
    pixels = values * np.float32(preprocess.std) + np.float32(preprocess.mean)
    whole = np.rint(pixels).clip(0, 255).astype(np.uint8)
    return Image.fromarray(whole[..., 0] if whole.shape[-1] == 1 else whole)
