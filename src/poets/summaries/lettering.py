"""Words in pictures: Pillow brings a font of Latin letters, the system perhaps others."""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from PIL import ImageFont

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont

_OWN = ""  # Pillow's
# What systems commonly have, the one for most scripts first; the last ones know Han and Hangul.
_NAMES = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "Arial Unicode.ttf",
    "Arial.ttf",
    "arial.ttf",
    _OWN,
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
    "malgun.ttf",
)
_NO_CHARACTER = "\uffff"  # every font draws its box for this one
_UNKNOWN, _ELLIPSIS = "?", "\N{HORIZONTAL ELLIPSIS}"
_SIZE = 16  # pixels, to look at letters


def legible(labels: Sequence[str]) -> tuple[str, ...]:
    """Return each label as it can be drawn here: with its number where no font has its letters."""
    return tuple(
        label if label.isprintable() and _covering(label) is not None else _told(number, label)
        for number, label in enumerate(labels, start=1)
    )


def font_for(text: str, size: int) -> Font:
    """Return a font of `size` pixels that has every letter of the text, if there is one."""
    name = _covering(text)
    return _require(_first() if name is None else name, size)


def shortened(text: str, size: int, width: float) -> str:
    """Cut a text off so that it is at most `width` pixels wide."""
    font = font_for(text, size)
    if font.getlength(text) <= width:
        return text
    fits = (n for n in range(len(text), 0, -1) if font.getlength(text[:n] + _ELLIPSIS) <= width)
    return text[: next(fits, 0)].rstrip() + _ELLIPSIS


def _told(number: int, label: str) -> str:
    letters = (c if c.isprintable() and _has(_first(), c) else _UNKNOWN for c in label)
    return f"{number}: {''.join(letters)}"


@cache
def _first() -> str:
    return next(name for name in _NAMES if _load(name, _SIZE) is not None)


@cache
def _covering(text: str) -> str | None:
    """Return the first font that has every letter; those that come later are not looked for."""
    here = (name for name in _NAMES if _load(name, _SIZE) is not None)
    return next((name for name in here if all(_has(name, letter) for letter in text)), None)


@cache
def _has(name: str, letter: str) -> bool:
    mask = _require(name, _SIZE).getmask(letter)
    return letter.isspace() or bytes(mask) != _box(name)


@cache
def _box(name: str) -> bytes:
    return bytes(_require(name, _SIZE).getmask(_NO_CHARACTER))


def _require(name: str, size: int) -> Font:
    font = _load(name, size)
    assert font is not None
    return font


@cache
def _load(name: str, size: int) -> Font | None:
    try:
        return ImageFont.load_default(size) if name == _OWN else ImageFont.truetype(name, size)
    except OSError:
        return None
