"""Many variants of one picture, and where each of their pixels came from."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from poets.decode import ByteArray
from poets.distort import Distortion
from poets.preprocess import FloatArray
from tests.support.pictures import gradient

FRAME = (48, 64)
MAP: ByteArray = np.asarray(gradient(FRAME[1], FRAME[0]))  # red says how far right, green how low
Affine = npt.NDArray[np.float64]  # [2, 3]: where (x, y, 1), from the frame's middle, came from


def variants(distortion: Distortion, pixels: ByteArray, count: int) -> Iterator[FloatArray]:
    """Draw variants of uint8 [height, width, channels], one after the other."""
    rng = np.random.default_rng(0)
    return (distortion.apply(pixels, rng) for _ in range(count))


def origin(variant: FloatArray, half: int = 8) -> Affine:
    """Say where the middle of a variant of MAP came from, by least squares."""
    (height, width), (y, x) = FRAME, np.mgrid[-half:half, -half:half] + 0.5
    part = variant[height // 2 - half : height // 2 + half, width // 2 - half : width // 2 + half]
    right = part[..., 0].ravel() / 255 * (width - 1) + 0.5 - width / 2
    down = part[..., 1].ravel() / 255 * (height - 1) + 0.5 - height / 2
    places = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    fitted, *_ = np.linalg.lstsq(places, np.stack([right, down], axis=1), rcond=None)
    return np.asarray(fitted.T)


def magnification(found: Affine) -> float:
    """Return how many times larger things are in a variant."""
    return float(1 / np.sqrt(np.linalg.det(found[:, :2])))


def angle(found: Affine) -> float:
    """Return by how many degrees things are turned in a variant, counter-clockwise."""
    return float(np.rad2deg(np.arctan2(found[1, 0], found[0, 0])))
