"""Reading a picture's pixels with Pillow: any format, within limits, the right way up."""

import io
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from poets.errors import DataError

ByteArray: TypeAlias = npt.NDArray[np.uint8]
Resize = Literal["antialiased", "bilinear"]

# Those that need no program outside this process (EPS would start Ghostscript).
# A name that Pillow cannot open by itself is a KeyError for all that follow: MPO comes with JPEG.
IMAGE_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "AVIF")
MAX_PIXELS = 178_956_970  # where Pillow itself calls a picture a decompression bomb
MAX_BYTES = 1 << 29
# ISO/IEC 23008-12, annex B: of pictures and of sequences of them.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}

# Pillow warns about odd pictures that it reads all the same; a picture is read or it is not.
warnings.filterwarnings("ignore", module=r"PIL\.")


class UnreadableImageError(DataError):
    """The file holds no picture that can be read; the message is the reason."""


def read_file(path: Path) -> bytes:
    """Return a regular file's bytes; raise UnreadableImageError with the reason."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would block, a device never end
            raise UnreadableImageError("not a file")
        if status.st_size > MAX_BYTES:
            raise UnreadableImageError(f"{status.st_size:,} bytes; the limit is {MAX_BYTES:,}")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImageError((error.strerror or str(error)).lower()) from error
    except ValueError as error:  # a zero byte, which no name has
        raise UnreadableImageError(str(error)) from error


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """Name the picture that was readable before and is not any more; raises DataError."""
    try:
        yield
    except UnreadableImageError as error:
        message = f"{path}: {error}"
        raise DataError(message, hint="It changed while it was in use: run again.") from error


def decode(
    content: bytes, size: tuple[int, int], resize: Resize = "antialiased", channels: int = 3
) -> ByteArray:
    """Decode a picture's file to uint8 [height, width, channels], scaled to `size` (height, width).

    One channel is gray: 0.299 red + 0.587 green + 0.114 blue (ITU-R 601-2 luma). Raises
    UnreadableImageError with the reason.
    """
    try:
        image = _decode(content, size, resize)
        return np.asarray(image if channels == 3 else image.convert("L")).reshape(*size, channels)
    except UnreadableImageError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImageError(_what_it_is(content)) from error
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(f"more than {MAX_PIXELS:,} pixels") from error
    # A hostile file makes Pillow's decoders raise nearly anything (SyntaxError, struct.error,
    # zlib.error, KeyError, MemoryError ...), and all of it means the same.
    except Exception as error:
        raise UnreadableImageError(_reason(error)) from error


def _decode(content: bytes, size: tuple[int, int], resize: Resize) -> Image.Image:
    height, width = size
    with Image.open(io.BytesIO(content), formats=IMAGE_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            pixels = f"{image.width:,} x {image.height:,} pixels"
            raise UnreadableImageError(f"{pixels}; the limit is {MAX_PIXELS:,}")
        turn = _TURNS.get(_orientation(image))
        if resize == "bilinear":  # not the same from every corner: turned before it is scaled
            return _plain_bilinear(_turned(to_rgb(image), turn), (width, height))
        if turn in _QUARTER_TURNS:  # scale to the box that the turn makes right
            height, width = width, height
        # A JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the time.
        image.draft(None, (2 * width, 2 * height))
        scaled = to_rgb(image).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return _turned(scaled, turn)


def _turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    return image if turn is None else image.transpose(turn)


def to_rgb(image: Image.Image) -> Image.Image:
    """Return 8-bit RGB: transparent parts on white, 16 bits scaled rather than cut off."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64).clip(0, 65535)
        return Image.fromarray((values >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise UnreadableImageError("floating-point pixels; save it with 8 or 16 bits")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _plain_bilinear(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale to `size` (width, height) between four neighbours, however far it shrinks.

    As tf.image.resize_bilinear of TensorFlow 1: the first pixel's corner stays in its place, not
    its centre. Half a pixel more or less changes what small networks see.
    """
    values = np.asarray(image)
    for axis, length in enumerate(reversed(size)):
        last = values.shape[axis] - 1
        at = np.arange(length, dtype=np.float32) * np.float32(values.shape[axis] / length)
        low = np.minimum(at.astype(np.int64), last)
        share = (at - low).reshape(-1, *(1,) * (2 - axis))
        high = values.take(np.minimum(low + 1, last), axis)
        values = values.take(low, axis) * (1 - share) + high * share
    return Image.fromarray(np.rint(values).astype(np.uint8))


def _orientation(image: Image.Image) -> int:
    if image.format == "TIFF":  # Pillow turns these by itself when it loads them
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        return 1


def _what_it_is(content: bytes) -> str:
    if not content:
        return "an empty file"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "a HEIC picture; convert it to JPEG"
    return "not a picture"


def _reason(error: Exception) -> str:
    text = str(error)
    if isinstance(error, EOFError) or "truncated" in text.lower():
        return "truncated: the file ends before the picture does"
    return f"broken: {text or type(error).__name__}"
