"""Small pictures, kept in the cache of features: a warm run opens no picture to show it."""

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from poets.decode import IMAGE_FORMATS, UnreadableImageError, decode, read_file
from poets.errors import OutputError
from poets.features.cache import DECODER, FeatureCache, FileState, SmallPicture
from poets.parallel import map_on_cores

SIDE = 128  # pixels, of the longer side
_QUALITY = 85
_ORIENTATION = 0x0112  # the EXIF tag
_QUARTER_TURNS = (5, 6, 7, 8)
_STORED_AT_ONCE = 256


@dataclass(frozen=True)
class Kind:
    """A way to make a small picture of a picture's file."""

    name: str  # all that the JPEG depends on beside the file
    encode: Callable[[bytes], bytes]  # a file's bytes to a JPEG's; may raise UnreadableImageError


@dataclass(frozen=True)
class _Made:
    """A thumbnail; without `state` it is not to be kept."""

    path: Path
    jpeg: bytes = b""
    sha256: bytes = b""
    state: FileState | None = None


def thumbnails(cache: FeatureCache, paths: Sequence[Path]) -> tuple[bytes, ...]:
    """Return a JPEG of each picture, upright, its longer side at most 128 pixels.

    Empty for a file that cannot be read as a picture. Only what the cache does not know is decoded.
    """
    return small_pictures(cache, paths, _UPRIGHT)


def small_pictures(cache: FeatureCache, paths: Sequence[Path], kind: Kind) -> tuple[bytes, ...]:
    """Return a JPEG of that kind of each picture, empty for one that cannot be read."""
    known = {path: _look_up(cache, path, kind) for path in dict.fromkeys(paths)}
    missing = [path for path, jpeg in known.items() if jpeg is None]
    found = list(map_on_cores(lambda: partial(_make, kind), missing)) if missing else []
    kept = [
        SmallPicture(one.state, one.sha256, kind.name, one.jpeg)
        for one in found
        if one.state is not None
    ]
    # A cache that may only be read, or a full disk: they are made again the next time.
    with suppress(OutputError):
        for start in range(0, len(kept), _STORED_AT_ONCE):
            cache.store_thumbnails(kept[start : start + _STORED_AT_ONCE])
    known |= {one.path: one.jpeg for one in found}
    return tuple(known[path] or b"" for path in paths)


def _look_up(cache: FeatureCache, path: Path, kind: Kind) -> bytes | None:
    # OSError: the file is gone; OutputError: an old cache that may only be read.
    with suppress(OSError, OutputError):
        return cache.look_up_thumbnail(FileState.of(path), kind.name)
    return None


def _make(kind: Kind, path: Path) -> _Made:
    try:
        state = FileState.of(path)  # before reading: a later change is then seen
        content = read_file(path)
    except (OSError, UnreadableImageError):
        return _Made(path)
    sha256 = hashlib.sha256(content).digest()
    try:
        return _Made(path, kind.encode(content), sha256, state)
    except UnreadableImageError:
        return _Made(path, b"", sha256, state)


def _encoded(content: bytes) -> bytes:
    return encode_jpeg(upright(content, SIDE))


def upright(content: bytes, side: int) -> Image.Image:
    """Return a picture's file as it is shown, RGB, its longer side at most `side` pixels.

    Raises UnreadableImageError.
    """
    width, height = _upright_size(content)
    scale = min(1.0, side / max(width, height))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return Image.fromarray(decode(content, size))


def encode_jpeg(image: Image.Image) -> bytes:
    """Return the picture as a small JPEG's file."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _upright_size(content: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(content), formats=IMAGE_FORMATS) as image:
            width, height = image.size
            # Pillow turns a TIFF by itself, and says its upright size.
            turn = 1 if image.format == "TIFF" else image.getexif().get(_ORIENTATION, 1)
    except Exception as error:  # as in `decode`, a hostile file makes Pillow raise nearly anything
        raise UnreadableImageError(str(error)) from error
    return (height, width) if turn in _QUARTER_TURNS else (width, height)


_UPRIGHT = Kind(f"{SIDE} px, JPEG {_QUALITY}, {DECODER}", _encoded)
