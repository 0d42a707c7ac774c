"""Whether the tag that turns a picture still fits its pixels, as far as the file itself tells."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from PIL import Image
from PIL.ExifTags import IFD, Base

from poets.preprocess import FloatArray

Evidence = Literal["right", "stale", "none"]

QUARTERS = {3: 2, 6: 3, 8: 1}  # counter-clockwise quarter turns by which a tag rights the pixels
_SIDE = 32  # of the little pictures that are compared
_ALIKE = 0.85  # correlation of a picture and its own thumbnail, at least
_CLEAR = 0.3  # how much better one way round must be than another
_SAME_SHAPE = 0.05  # relative difference of two aspect ratios


@dataclass(frozen=True)
class Turn:
    """The tag of a picture that it turns."""

    quarters: int  # counter-clockwise quarter turns, 1 to 3
    evidence: Evidence
    why_stale: str = ""


def read_turn(picture: Image.Image) -> Turn | None:
    """Return how a picture's EXIF turns it; None where it does not, or only mirrors it.

    Programs that turn the pixels and forget the tag leave traces: the thumbnail that the camera
    wrote still lies as the pixels did, and the sizes that it noted are the other way round.
    """
    if picture.format == "TIFF":  # there the tag belongs to the pixels
        return None
    exif = picture.getexif()
    quarters = QUARTERS.get(int(exif.get(Base.Orientation, 1)))
    if quarters is None:
        return None
    evidence = _by_thumbnail(picture, quarters)
    if evidence == "stale":
        return Turn(quarters, "stale", "its thumbnail lies as the tag says, its pixels do not")
    if evidence == "none" and quarters % 2 and _is_other_way_round(picture, exif.get_ifd(IFD.Exif)):
        return Turn(quarters, "stale", "the camera noted its width and height the other way round")
    return Turn(quarters, evidence)


def _by_thumbnail(picture: Image.Image, quarters: int) -> Evidence:
    """Compare the pixels with the thumbnail, which the camera wrote before anybody turned them."""
    thumbnail = _thumbnail(picture)
    if thumbnail is None:
        return "none"
    own, small = _little(picture), _little(thumbnail)
    as_stored, turned = _correlation(own, small), _correlation(own, np.rot90(small, quarters))
    if max(as_stored, turned) < _ALIKE or abs(as_stored - turned) < _CLEAR:
        return "none"
    return "right" if as_stored > turned else "stale"


def _thumbnail(picture: Image.Image) -> Image.Image | None:
    content = picture.info.get("exif", b"").removeprefix(b"Exif\0\0")
    directory = picture.getexif().get_ifd(IFD.IFD1)
    start = directory.get(Base.JpegIFOffset)
    length = directory.get(Base.JpegIFByteCount)
    if not isinstance(start, int) or not isinstance(length, int) or not length:
        return None
    try:
        return Image.open(io.BytesIO(content[start : start + length]), formats=("JPEG",))
    except OSError:
        return None


def _is_other_way_round(picture: Image.Image, noted: Mapping[int, Any]) -> bool:
    width, height = noted.get(Base.ExifImageWidth), noted.get(Base.ExifImageHeight)
    if not isinstance(width, int) or not isinstance(height, int) or min(width, height) < 1:
        return False
    if abs(width / height - 1) < 2 * _SAME_SHAPE:  # a square is the same either way round
        return False
    return abs(picture.width / picture.height * width / height - 1) < _SAME_SHAPE


def _little(picture: Image.Image) -> FloatArray:
    """Return grey values f32[side, side], zero on the average and one in deviation."""
    picture.draft("L", (2 * _SIDE, 2 * _SIDE))
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    values: FloatArray = np.array(grey, dtype=np.float32)
    values -= values.mean()
    values /= np.float32(values.std() or 1.0)
    return values


def _correlation(one: FloatArray, other: FloatArray) -> float:
    return float((one * other).mean())
