"""What a file's name says that is in it."""

from functools import cache
from pathlib import Path

from PIL import Image

from poets.decode import IMAGE_FORMATS

_UNREADABLE = {".heic": "HEIC", ".heif": "HEIC"}  # pictures, too, that Pillow cannot open
_ONE = {"MPO": "JPEG", "DIB": "BMP"}  # read alike, and named alike


def format_by_name(path: Path) -> str:
    """Return the format that the extension stands for; "" where it stands for no picture's."""
    return _formats().get(path.suffix.lower(), "")


def one_format(name: str) -> str:
    """Return Pillow's name for a format, the same for those that share their extensions."""
    return _ONE.get(name, name)


@cache
def _formats() -> dict[str, str]:
    known = {suffix: one_format(name) for suffix, name in Image.registered_extensions().items()}
    known[".dib"] = "BMP"
    return {suffix: name for suffix, name in known.items() if name in IMAGE_FORMATS} | _UNREADABLE
