"""Distortions of training pictures, with the meaning that the codelab's flags have."""

from dataclasses import dataclass

import numpy as np

from poets.config.distort import DistortConfig
from poets.decode import decode
from poets.preprocess import FloatArray, Preprocess


@dataclass(frozen=True)
class Distortion:
    """How far a picture may be changed."""

    flip_left_right: bool
    random_crop: int  # percent
    random_scale: int  # percent
    random_brightness: int  # percent

    @classmethod
    def of(cls, config: DistortConfig) -> "Distortion":
        """Take what changes pixels from the flags."""
        return cls(
            config.flip_left_right,
            config.random_crop,
            config.random_scale,
            config.random_brightness,
        )

    def load(self, content: bytes, preprocess: Preprocess, rng: np.random.Generator) -> FloatArray:
        """Return one random variant of a picture's file as f32[height, width, 3].

        Scaled by (1 + crop %) x U(1, 1 + scale %), cropped at random to the network's size,
        mirrored or not, brightness x U(1 - b %, 1 + b %) without a limit, as the codelab's
        script does. Raises UnreadableImageError.
        """
        scale = (1 + self.random_crop / 100) * rng.uniform(1, 1 + self.random_scale / 100)
        size = (round(preprocess.height * scale), round(preprocess.width * scale))
        pixels = decode(content, size, preprocess.resize)
        top = rng.integers(size[0] - preprocess.height, endpoint=True)
        left = rng.integers(size[1] - preprocess.width, endpoint=True)
        part = pixels[top : top + preprocess.height, left : left + preprocess.width]
        if rng.integers(2) and self.flip_left_right:
            part = part[:, ::-1]
        brightness = self.random_brightness / 100
        values = part * np.float32(rng.uniform(1 - brightness, 1 + brightness))
        return preprocess.normalize(values)
