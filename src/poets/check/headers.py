"""What the beginning of each file says: format, size, EXIF. No picture is decoded for it."""

import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from poets.check.exif import Turn, read_turn
from poets.check.extensions import format_by_name, one_format
from poets.check.findings import Finding
from poets.decode import HEIC_BRANDS, IMAGE_FORMATS, MAX_PIXELS
from poets.images import LabeledImage
from poets.parallel import map_on_cores
from poets.report import Reporter

LARGE_PIXELS = 25_000_000  # what a camera makes by itself is below; networks take 0.05 to 0.4
LARGE_BYTES = 25_000_000
_TAIL = 64  # bytes of zeros at the end that are no accident
_JPEG_END = b"\xff\xd9"
_BRANDS = dict.fromkeys(HEIC_BRANDS, "HEIC") | {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"crx ": "a camera's raw picture",
}


@dataclass(frozen=True)
class Header:
    """What is known of a file without decoding it."""

    image: LabeledImage
    n_bytes: int = 0
    format: str = ""  # "" where it is no picture's
    size: tuple[int, int] = (0, 0)  # width and height of the stored pixels
    turn: Turn | None = None  # None without an EXIF tag that turns the picture
    is_cut: bool = False  # a JPEG whose end is missing, though it can be decoded


def read_headers(images: Sequence[LabeledImage], reporter: Reporter) -> tuple[Header, ...]:
    """Read the headers of all files, in their order; what cannot be opened has no format."""
    headers = []
    with reporter.progress("Files", len(images), "files") as advance:
        for header in map_on_cores(lambda: _read, images):
            headers.append(header)
            advance(1)
    return tuple(headers)


def header_findings(
    headers: Sequence[Header], readable: Collection[LabeledImage]
) -> Iterator[Finding]:
    """Find files that are named wrong, too large, turned twice, or cut off and still `readable`."""
    for header in headers:
        is_cut = header.is_cut and header.image in readable
        found = {
            "truncated": "its end is zeros: an unfinished download" if is_cut else "",
            "wrong-rotation": header.turn.why_stale if header.turn else "",
            "mis-named": _why_misnamed(header),
            "oversized": _why_oversized(header),
        }
        for kind, message in found.items():
            if message:
                yield Finding(kind, message, (header.image.path,), (header.image.label,))


def _read(image: LabeledImage) -> Header:
    # Whatever is wrong with a file, here or in a hostile header, is said when it is decoded.
    try:
        status = image.path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would block
            return Header(image)
        with image.path.open("rb") as file:
            return _read_open(image, file, status.st_size)
    except Exception:
        return Header(image)


def _read_open(image: LabeledImage, file: BinaryIO, n_bytes: int) -> Header:
    try:
        with Image.open(file, formats=IMAGE_FORMATS) as picture:
            kind = one_format(str(picture.format))
            size, turn = picture.size, _turn_of(picture)
            return Header(image, n_bytes, kind, size, turn, kind == "JPEG" and _is_cut(file))
    except Exception:
        return Header(image, n_bytes, _other_format(file))


def _turn_of(picture: Image.Image) -> Turn | None:
    if picture.width * picture.height > MAX_PIXELS:
        return None
    try:
        return read_turn(picture)
    except Exception:  # a broken tag turns nothing
        return None


def _is_cut(file: BinaryIO) -> bool:
    """Tell whether a file ends in zeros that no JPEG ends with."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - _TAIL))
    if file.read().strip(b"\0"):
        return False
    file.seek(0)
    return not file.read().rstrip(b"\0").endswith(_JPEG_END)


def _other_format(file: BinaryIO) -> str:
    """Name what people take for pictures; "" for what nobody can tell."""
    file.seek(0)
    start = file.read(512)
    signs = {
        b"%PDF": "a PDF",
        b"PK\x03\x04": "a zip archive",
        b"\x1f\x8b": "a gzip archive",
        b"8BPS": "a Photoshop picture",
        b"version https://git-lfs": "a Git LFS pointer",
    }
    named = next((name for sign, name in signs.items() if start.startswith(sign)), "")
    if named or not start:
        return named
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "a video")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        return "a web page or SVG"
    return "text" if _is_text(start) else ""


def _is_text(start: bytes) -> bool:
    try:
        text = start[:500].decode(errors="strict")
    except UnicodeDecodeError as error:
        if error.start < 496:  # else a letter is cut in two
            return False
        text = start[: error.start].decode()
    return all(char.isprintable() or char.isspace() for char in text)


def _why_misnamed(header: Header) -> str:
    path, by_name = header.image.path, format_by_name(header.image.path)
    if not header.format or header.format == by_name:
        return ""
    if header.format not in IMAGE_FORMATS:
        return f"named {path.suffix}, but {header.format}" if by_name else ""
    if by_name:
        return f"named {path.suffix}, but {header.format}"
    what = f"{path.suffix} is no picture's extension" if path.suffix else "no extension"
    return f"{what}, but {header.format}"


def _why_oversized(header: Header) -> str:
    width, height = header.size
    if width * height > MAX_PIXELS:
        return ""  # it cannot even be read, and that is said
    if width * height > LARGE_PIXELS:
        return f"{width:,} x {height:,} pixels"
    if header.n_bytes > LARGE_BYTES:
        return f"{header.n_bytes / 1e6:,.0f} MB"
    return ""
