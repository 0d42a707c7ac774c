"""A heat map as a transparent picture to be laid over another."""

import io

import numpy as np
from PIL import Image

from poets.preprocess import FloatArray

_SIDE = 48  # pixels: a map has few, and the browser smooths what is between
# Warm where the network found most, and clear where it found nothing: readable over any picture.
_COLOURS = np.array(
    [
        [20, 20, 60, 150],
        [70, 30, 110, 130],
        [200, 60, 80, 120],
        [250, 150, 60, 140],
        [255, 240, 150, 170],
    ],
    dtype=np.float64,
)


def draw_overlay(heat: FloatArray, thumbnail: bytes) -> bytes:
    """Return f32[h, w] in [0, 1] as a PNG of the thumbnail's proportions."""
    with Image.open(io.BytesIO(thumbnail)) as picture:
        width, height = picture.size
    scale = _SIDE / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smooth = Image.fromarray(np.asarray(heat, np.float32)).resize(size, Image.Resampling.BICUBIC)
    values = np.clip(np.asarray(smooth, np.float64), 0, 1) * (len(_COLOURS) - 1)
    channels = [np.interp(values, range(len(_COLOURS)), column) for column in _COLOURS.T]
    file = io.BytesIO()
    Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
