"""Things that are wrong with pictures, planted."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from PIL.ExifTags import IFD, Base

from tests.support.pictures import encoded

# What cameras write: how the pixels must be turned to stand upright.
UPRIGHT = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_270,
    8: Image.Transpose.ROTATE_90,
}
_UNDONE = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}

Change = Callable[[Image.Image], Image.Image]


def _cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 20, height // 25, width - width // 40, height - height // 30))


CHANGES: dict[str, tuple[Change, int]] = {  # each with the quality that it is saved with
    "resized": (lambda image: image.resize((150, 150)), 85),
    "enlarged": (lambda image: image.resize((600, 600)), 85),
    "recompressed": (lambda image: image, 35),
    "cropped": (_cropped, 85),
    "brighter": (lambda image: ImageEnhance.Brightness(image).enhance(1.25), 85),
    "darker": (lambda image: ImageEnhance.Brightness(image).enhance(0.75), 85),
    "mirrored": (ImageOps.mirror, 85),
}


def changed(path: Path, change: str) -> bytes:
    """Return a picture's file, changed as one of CHANGES says."""
    make, quality = CHANGES[change]
    with Image.open(path) as image:
        return encoded(make(image.convert("RGB")), "JPEG", quality=quality)


def stored_as_tagged(image: Image.Image, orientation: int) -> Image.Image:
    """Return upright pixels as the camera stores them with that tag."""
    return image.transpose(_UNDONE[orientation])


def tagged(image: Image.Image, orientation: int, noted: tuple[int, int] | None = None) -> bytes:
    """Return a JPEG with that orientation tag, and the width and height that the camera noted."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    if noted is not None:
        details = exif.get_ifd(IFD.Exif)
        details[Base.ExifImageWidth], details[Base.ExifImageHeight] = noted
    return encoded(image, "JPEG", exif=exif, quality=90)


def tagged_with_thumbnail(image: Image.Image, orientation: int, thumbnail: Image.Image) -> bytes:
    """Return a JPEG with that orientation tag and a thumbnail in its EXIF, as cameras write it."""
    small = encoded(thumbnail.resize((80, 60)), "JPEG")
    # TIFF: header, a directory of the picture with its tag, one of the thumbnail, the thumbnail.
    header = struct.pack("<2sHI", b"II", 42, 8)
    first = struct.pack("<HHHIHHI", 1, Base.Orientation, 3, 1, orientation, 0, 8 + 18)
    start = 8 + 18 + 2 + 2 * 12 + 4
    entries = ((Base.JpegIFOffset, start), (Base.JpegIFByteCount, len(small)))
    second = struct.pack("<H", len(entries))
    second += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    content = header + first + second + struct.pack("<I", 0) + small
    return encoded(image, "JPEG", exif=b"Exif\0\0" + content, quality=90)


def cut(content: bytes, share: float = 0.5) -> bytes:
    """Return the beginning of a file."""
    return content[: int(len(content) * share)]


def with_a_tail_of_zeros(content: bytes, share: float = 0.6, length: int = 1) -> bytes:
    """Return a file of its full length, or a multiple of it, whose end never arrived."""
    return cut(content, share).ljust(length * len(content), b"\0")


def png_that_claims(width: int, height: int) -> bytes:
    """Return a little PNG whose header says how large it is."""
    content = bytearray(encoded(Image.new("L", (4, 4))))
    content[16:24] = struct.pack(">II", width, height)
    chunk = bytes(content[12:29])
    content[29:33] = struct.pack(">I", zlib.crc32(chunk))
    return bytes(content)


def scene(seed: int, width: int = 160, height: int = 120) -> Image.Image:
    """A landscape of blotches that no other seed draws, and that looks different upside down."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
