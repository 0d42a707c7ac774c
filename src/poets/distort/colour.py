"""Contrast, colours and noise, within what a picture can hold."""

from dataclasses import dataclass

import numpy as np

from poets.decode import ByteArray
from poets.distort.pose import from_image, to_image
from poets.preprocess import FloatArray

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R 601-2, as Pillow makes gray of RGB
# Where a colour is from gray, on the circle of hues: red at 0 degrees, green at 120, blue at 240.
_CHROMA = np.array([[1, -0.5, -0.5], [0, 3**0.5 / 2, -(3**0.5) / 2]])
TO_CIRCLE = np.vstack([LUMA, _CHROMA])


@dataclass(frozen=True)
class Light:
    """How a picture's colours are changed."""

    contrast: float = 1.0  # times the difference from the mean gray
    saturation: float = 1.0  # times the difference from each pixel's gray
    hue: float = 0.0  # degrees on the colour circle

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self != Light()

    def shine_on(self, pixels: ByteArray) -> ByteArray:
        """Return uint8 [height, width, 1 or 3] with other colours; gray has no hue to change."""
        if pixels.shape[-1] == 1:
            table = self.contrast * np.arange(256) + (1 - self.contrast) * pixels.mean()
            changed: ByteArray = np.rint(table.clip(0, 255)).astype(np.uint8)[pixels]
            return changed
        image = to_image(pixels)
        offset = (1 - self.contrast) * float(np.asarray(image.convert("L")).mean())
        return from_image(image.convert("RGB", self._matrix(offset)))

    def _matrix(self, offset: float) -> tuple[float, ...]:
        """Return RGB to RGB, row by row: the circle of hues turned and stretched, luma kept."""
        radians = np.deg2rad(self.hue)
        cos, sin = self.saturation * np.cos(radians), self.saturation * np.sin(radians)
        turn = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])
        colours = self.contrast * np.linalg.inv(TO_CIRCLE) @ turn @ TO_CIRCLE
        return tuple(np.column_stack([colours, [offset] * 3]).ravel())


def add_noise(pixels: ByteArray, deviation: float, rng: np.random.Generator) -> FloatArray:
    """Return pixel values, 0 to 255, with normal noise of its own in each."""
    noise = rng.standard_normal(pixels.shape, dtype=np.float32)
    noise *= np.float32(deviation)
    noise += pixels
    return noise.clip(0, 255, out=noise)
