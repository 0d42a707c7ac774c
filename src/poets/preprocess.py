"""From a picture's file to a network's input: one way for training, evaluation and labelling."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from poets.config.label import MAX_SIDE
from poets.decode import ByteArray, Resize, decode, read_file

FloatArray: TypeAlias = npt.NDArray[np.float32]
_LARGEST = 1e30
_CHANNELS = (1, 3)  # gray, and red, green, blue


@dataclass(frozen=True)
class Preprocess:
    """What a network expects: (pixel - mean) / std, float32 [height, width, channels]."""

    height: int
    width: int
    mean: float
    std: float
    resize: Resize = "antialiased"
    channels: int = 3  # 1 is gray

    def __post_init__(self) -> None:
        """Raise ValueError for what no network can be fed with."""
        sides = (self.height, self.width)
        if not all(isinstance(side, int) and 1 <= side <= MAX_SIDE for side in sides):
            raise ValueError(f"pictures of {self.width} x {self.height} pixels are no input")
        # What float32 can hold, as the pixels will be; NaN is in no range.
        if not (abs(self.mean) <= _LARGEST and 1 / _LARGEST <= abs(self.std) <= _LARGEST):
            raise ValueError(f"pixel values cannot be scaled by ({self.mean}, {self.std})")
        if self.resize not in get_args(Resize):
            raise ValueError(f"no way to resize is called {self.resize!r}")
        if not isinstance(self.channels, int) or self.channels not in _CHANNELS:
            raise ValueError(f"pixels of {self.channels} channels are no input")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the input."""
        return self.height, self.width, self.channels

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; what has 3 channels is told as it was before gray was."""
        values = asdict(self)
        if self.channels == 3:  # else each network and picture of before would be made anew
            del values["channels"]
        return values

    def load(self, source: Path | bytes) -> FloatArray:
        """Read a picture, a path or a file's bytes, as float32 [height, width, channels].

        Raises UnreadableImageError with the reason.
        """
        content = source if isinstance(source, bytes) else read_file(source)
        return self.normalize(self.decode(content))

    def decode(self, content: bytes, size: tuple[int, int] | None = None) -> ByteArray:
        """Decode a picture's file to uint8 [height, width, channels]; `size` may be another one.

        Raises UnreadableImageError with the reason.
        """
        return decode(content, size or (self.height, self.width), self.resize, self.channels)

    def normalize(self, pixels: ByteArray | FloatArray) -> FloatArray:
        """Turn pixel values [..., channels], 0 to 255, into what the network expects."""
        values = pixels.astype(np.float32)
        values -= np.float32(self.mean)
        values /= np.float32(self.std)
        return values
