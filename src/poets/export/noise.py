"""Pictures of nothing: what scores are compared on where there are no others."""

import io

import numpy as np
from PIL import Image

from poets.preprocess import Preprocess

_BLOBS = 8  # on each side: smooth enough that networks see more in it than grain


def noise_pictures(preprocess: Preprocess, count: int = 8) -> tuple[bytes, ...]:
    """Return the files of coloured blobs in the network's own size, the same ones each time."""
    size = (preprocess.width, preprocess.height)
    return tuple(_png(np.random.default_rng(seed), size) for seed in range(count))


def _png(rng: np.random.Generator, size: tuple[int, int]) -> bytes:
    blobs = Image.fromarray(rng.integers(0, 256, (_BLOBS, _BLOBS, 3), dtype=np.uint8))
    file = io.BytesIO()
    blobs.resize(size, Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()
