"""From a picture's file to a network's input: one way for training, evaluation and labelling."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from poets.decode import ByteArray, Resize, decode, read_file

FloatArray: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Preprocess:
    """What a network expects: (pixel - mean) / std, float32 [height, width, 3]."""

    height: int
    width: int
    mean: float
    std: float
    resize: Resize = "antialiased"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    def load(self, source: Path | bytes) -> FloatArray:
        """Read a picture, a path or a file's bytes, as float32 [height, width, 3].

        Raises UnreadableImageError with the reason.
        """
        content = source if isinstance(source, bytes) else read_file(source)
        return self.normalize(decode(content, (self.height, self.width), self.resize))

    def normalize(self, pixels: ByteArray | FloatArray) -> FloatArray:
        """Turn pixel values [..., 3], 0 to 255, into what the network expects."""
        values = pixels.astype(np.float32)
        values -= np.float32(self.mean)
        values /= np.float32(self.std)
        return values
