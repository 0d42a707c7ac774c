"""Where the network looks on a picture, and what it sees where the picture ends."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from poets.decode import ByteArray

Size = tuple[int, int]  # height, width in pixels
_Matrix = npt.NDArray[np.float64]  # [3, 3], of (x, y, 1)
_FINEST = 4  # times the frame's side: how much of a picture that is enlarged is decoded
_SMALL = 64  # pixels: in a smaller frame each counts, and bicubic sampling takes no time
_REACH = 2  # pixels to either side that bicubic sampling looks at
_PLAIN = 16  # of 255: how far the pixels of a plain border may differ
_PLAIN_SHARE = 0.9  # of the border; a subject may touch it


@dataclass(frozen=True)
class Pose:
    """How a picture lies behind the frame through which the network looks at it."""

    frame: Size
    spread: Size  # of the whole picture, in the frame's pixels
    corner: Size  # top and left of the frame on it
    angle: float = 0.0  # degrees; the picture is turned counter-clockwise about the frame's middle
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)  # down and right, in frames

    @property
    def _moves(self) -> bool:
        """Whether the frame does not fall on whole pixels."""
        return self.angle != 0 or self.zoom != 1 or self.shift != (0, 0)

    @property
    def source_size(self) -> Size:
        """How large the picture is to be decoded, so that sampling shrinks nothing.

        Sampling between neighbours would skip pixels; decoding averages over them.
        """
        height, width = (
            max(1, round(spread * min(self.zoom, max(1.0, _FINEST * side / spread))))
            for spread, side in zip(self.spread, self.frame, strict=True)
        )
        return height, width

    def look(self, pixels: ByteArray) -> ByteArray:
        """Return uint8 [*frame, channels] of uint8 [height, width, channels], sampled once."""
        if not self._moves and pixels.shape[:2] == self.spread:
            (top, left), (height, width) = self.corner, self.frame
            return pixels[top : top + height, left : left + width]
        return _sample(pixels, self._to_source(pixels), self.frame)

    def _to_source(self, pixels: ByteArray) -> _Matrix:
        """Map a place in the frame to the one that is seen there."""
        height, width = self.frame
        down, right = self.shift
        radians = np.deg2rad(self.angle)
        cos, sin = np.cos(radians) / self.zoom, np.sin(radians) / self.zoom
        back = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        moved = _shift(-width * (0.5 + right), -height * (0.5 + down))
        place = _shift(self.corner[1] + width / 2, self.corner[0] + height / 2)
        scale = (pixels.shape[1] / self.spread[1], pixels.shape[0] / self.spread[0], 1)
        to_source: _Matrix = np.diag(scale) @ place @ back @ moved
        return to_source


def fit(pixels: ByteArray, size: Size) -> ByteArray:
    """Return a picture that is larger than `size` reduced to it, averaged; others as they are."""
    height, width = (min(old, new) for old, new in zip(pixels.shape[:2], size, strict=True))
    if (height, width) == pixels.shape[:2]:
        return pixels
    return from_image(to_image(pixels).resize((width, height), Image.Resampling.BILINEAR))


def to_image(pixels: ByteArray) -> Image.Image:
    """Return uint8 [height, width, 1 or 3] as Pillow's L or RGB."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def from_image(image: Image.Image) -> ByteArray:
    """Return Pillow's L or RGB as uint8 [height, width, 1 or 3]."""
    return np.asarray(image).reshape(image.height, image.width, -1)


def _shift(right: float, down: float) -> _Matrix:
    return np.array([[1.0, 0.0, right], [0.0, 1.0, down], [0.0, 0.0, 1.0]])


def _sample(pixels: ByteArray, to_source: _Matrix, frame: Size) -> ByteArray:
    """Look up each of the frame's pixels where the matrix says, between its neighbours.

    Outside, the ground goes on where it is plain (documents, digits); else the picture is mirrored
    at its edge, which is closer to what photos go on with than black corners or streaks.
    """
    ground = None
    before, after = _missing(pixels.shape[:2], to_source, frame)
    if any(before + after):
        ground = _plain_ground(pixels)
    if ground is None and any(before + after):
        around = ((before[0], after[0]), (before[1], after[1]), (0, 0))
        pixels = np.pad(pixels, around, mode="symmetric")
        to_source = _shift(before[1], before[0]) @ to_source
    resample = Image.Resampling.BICUBIC if max(frame) <= _SMALL else Image.Resampling.BILINEAR
    return from_image(
        to_image(pixels).transform(
            (frame[1], frame[0]),
            Image.Transform.AFFINE,
            tuple(to_source[:2].ravel()),
            resample=resample,
            fillcolor=ground,
        )
    )


def _missing(size: Size, to_source: _Matrix, frame: Size) -> tuple[Size, Size]:
    """Return how many rows and columns the frame shows before and after the picture's own."""
    height, width = frame
    corners = to_source @ [[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]]
    lowest, highest = corners[1::-1].min(axis=1), corners[1::-1].max(axis=1)
    before = [max(0, int(np.ceil(_REACH - end))) for end in lowest]
    after = [max(0, int(np.ceil(e + _REACH - s))) for e, s in zip(highest, size, strict=True)]
    return (before[0], before[1]), (after[0], after[1])


def _plain_ground(pixels: ByteArray) -> tuple[int, ...] | None:
    """Return the colour of a border that is of one colour, nearly."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).astype(np.int16)
    median = np.sort(border, axis=0)[len(border) // 2]
    plain = (np.abs(border - median) <= _PLAIN).all(axis=1)
    return tuple(int(c) for c in median) if plain.mean() >= _PLAIN_SHARE else None
