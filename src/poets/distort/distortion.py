"""What the flags ask for, what is drawn of it for one variant, and the variant."""

import hashlib
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from poets.config.distort import DistortConfig
from poets.decode import ByteArray
from poets.distort.colour import Light, add_noise
from poets.distort.pose import Pose, Size, fit
from poets.preprocess import FloatArray, Preprocess

_CODELAB_S = ("flip_left_right", "random_crop", "random_scale", "random_brightness")


@dataclass(frozen=True)
class Distortion:
    """How far a picture may be changed; docs/augmentation.md says what each amount means.

    The codelab's four alone give the same pixels to the bit as they did before there were others.
    """

    flip_left_right: bool = False
    random_crop: int = 0  # percent, as all without a unit
    random_scale: int = 0
    random_brightness: int = 0
    flip_up_down: bool = False
    random_zoom: int = 0
    random_rotation: int = 0  # degrees
    random_shift: int = 0
    random_contrast: int = 0
    random_saturation: int = 0
    random_hue: int = 0  # degrees
    random_noise: int = 0

    @classmethod
    def of(cls, config: DistortConfig) -> "Distortion":
        """Take what changes pixels from the flags."""
        return cls(**{field.name: getattr(config, field.name) for field in fields(cls)})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; those that came after the codelab's only where they act.

        Else all that was cached before there were such would have to be made anew.
        """
        return {name: value for name, value in asdict(self).items() if value or name in _CODELAB_S}

    def load(self, content: bytes, preprocess: Preprocess, rng: np.random.Generator) -> FloatArray:
        """Return one random variant of a picture's file, a network's input f32[*preprocess.shape].

        Raises UnreadableImageError.
        """
        drawn = self._draw((preprocess.height, preprocess.width), rng)
        pixels = preprocess.decode(content, drawn.pose.source_size)
        return preprocess.normalize(drawn.apply(pixels, rng))

    def apply(self, pixels: ByteArray, rng: np.random.Generator) -> FloatArray:
        """Return one random variant of uint8 [height, width, 1 or 3] as float32 of that shape.

        Values are those of pixels, 0 to 255; brightness alone, as in the codelab, has no limit.
        For training from memory: about 0.2 ms for 28 x 28 pixels, in any thread that has a
        generator of its own; one for many pictures does. `load`, which has the file, looks closer
        at the parts that it enlarges.
        """
        drawn = self._draw((pixels.shape[0], pixels.shape[1]), rng)
        return drawn.apply(fit(pixels, drawn.pose.source_size), rng)

    def _draw(self, frame: Size, rng: np.random.Generator) -> "_Drawn":
        """Draw one variant: the codelab's four as its script does, then as many for the others.

        All are always drawn: a further flag leaves what the others do to a picture as it was.
        """
        spread, corner = self._draw_part(frame, rng)
        mirrored = bool(rng.integers(2)) and self.flip_left_right
        brightness = self.random_brightness / 100
        factor = rng.uniform(1 - brightness, 1 + brightness)
        upside_down = bool(rng.integers(2)) and self.flip_up_down
        zoom, angle, down, right, contrast, saturation, hue = rng.uniform(-1, 1, 7).tolist()
        return _Drawn(
            pose=Pose(
                frame,
                spread,
                corner,
                angle=angle * self.random_rotation,
                zoom=(1 + self.random_zoom / 100) ** zoom,
                shift=(down * self.random_shift / 100, right * self.random_shift / 100),
            ),
            mirrored=mirrored,
            upside_down=upside_down,
            light=Light(
                contrast=1 + contrast * self.random_contrast / 100,
                saturation=1 + saturation * self.random_saturation / 100,
                hue=hue * self.random_hue,
            ),
            noise=rng.uniform(0, self.random_noise / 100),
            brightness=factor,
        )

    def _draw_part(self, frame: Size, rng: np.random.Generator) -> tuple[Size, Size]:
        """Draw the size of the whole picture, and where on it the part begins that is cropped."""
        scale = (1 + self.random_crop / 100) * rng.uniform(1, 1 + self.random_scale / 100)
        spread = (round(frame[0] * scale), round(frame[1] * scale))
        top = int(rng.integers(spread[0] - frame[0], endpoint=True))
        left = int(rng.integers(spread[1] - frame[1], endpoint=True))
        return spread, (top, left)


def generator(content: bytes, key: str) -> np.random.Generator:
    """Return the generator of one variant of a picture's file: the same one on any machine."""
    digest = hashlib.sha256(content + key.encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))


@dataclass(frozen=True)
class _Drawn:
    """One variant, as it was drawn."""

    pose: Pose
    mirrored: bool
    upside_down: bool
    light: Light
    noise: float  # its deviation; 1 is the pixels' range
    brightness: float

    def apply(self, pixels: ByteArray, rng: np.random.Generator) -> FloatArray:
        """Return f32[*frame, channels]; brightness comes last, as the others keep to 0 to 255."""
        seen = self.pose.look(pixels)
        seen = seen[:: -1 if self.upside_down else 1, :: -1 if self.mirrored else 1]
        if self.light.changes:
            seen = self.light.shine_on(seen)
        lit = add_noise(seen, 255 * self.noise, rng) if self.noise else seen
        values: FloatArray = lit * np.float32(self.brightness)
        return values
