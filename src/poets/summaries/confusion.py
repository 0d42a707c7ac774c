"""The confusion matrix as a picture, for two labels or for hundreds."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from poets.dataset import IntArray
from poets.decode import ByteArray
from poets.summaries.lettering import Font, font_for, legible, shortened

_SIDE = 1400  # pixels that the cells together take at most
_LARGEST, _SMALLEST = 56, 2  # of a cell
_NAMED, _COUNTED = 9, 17  # the smallest cells that have room for names and for counts
_LONGEST_NAME, _GAP, _LETTERS = 220, 8, 14
_PAPER, _INK, _LINES = "white", "black", (225, 225, 225)
_RIGHT, _WRONG = np.array((31, 99, 184)), np.array((214, 81, 24))  # blue and orange: for all eyes


def confusion_picture(confusion: IntArray, labels: Sequence[str]) -> Image.Image:
    """Draw counts [true label, predicted label]: right ones blue, wrong ones orange.

    The darker, the larger the share of the true label's pictures.
    """
    n = len(labels)
    cell = max(_SMALLEST, min(_LARGEST, _SIDE // n))
    names = _names(labels, cell) if cell >= _NAMED else ("",) * n
    letters = _letters(cell)
    margin = max(round(font_for(name, letters).getlength(name)) for name in names) + 2 * _GAP
    words = f"Rows: true label. Columns: named as. {int(confusion.sum())} pictures."
    heading = font_for(words, _LETTERS)
    head = _LETTERS + 2 * _GAP
    width = max(margin + n * cell, round(heading.getlength(words)) + _GAP) + _GAP
    paper = Image.new("RGB", (width, head + margin + n * cell + _GAP), _PAPER)
    corner = (margin, head + margin)
    pen = ImageDraw.Draw(paper)
    pen.text((_GAP, _GAP), words, _INK, heading)
    paper.paste(_cells(confusion, cell), corner)
    _write_names(paper, names, corner, cell)
    if cell >= _COUNTED:
        _write_counts(pen, confusion, corner, cell)
    return paper


def _names(labels: Sequence[str], cell: int) -> tuple[str, ...]:
    return tuple(shortened(name, _letters(cell), _LONGEST_NAME) for name in legible(labels))


def _letters(cell: int) -> int:
    return max(7, min(_LETTERS, cell - 2))


def _cells(confusion: IntArray, cell: int) -> Image.Image:
    colours = _colours(confusion)
    pixels = colours.repeat(cell, axis=0).repeat(cell, axis=1)
    if cell >= _NAMED:  # with lines between them
        pixels[::cell] = pixels[:, ::cell] = _LINES
    return Image.fromarray(pixels)


def _colours(confusion: IntArray) -> ByteArray:
    """Return uint8 [n, n, 3]: white for none of a row's pictures, full colour for all of them."""
    totals = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    # The root: one mistake among a hundred is to be seen.
    share = np.sqrt(confusion / totals)[..., np.newaxis]
    full = np.where(np.eye(len(confusion), dtype=bool)[..., np.newaxis], _RIGHT, _WRONG)
    colours: ByteArray = np.rint(255 + share * (full - 255)).astype(np.uint8)
    return colours


def _write_names(
    paper: Image.Image, names: Sequence[str], corner: tuple[int, int], cell: int
) -> None:
    left, top = corner
    pen = ImageDraw.Draw(paper)
    for number, name in enumerate(names):
        if not name:
            continue
        font, middle = font_for(name, _letters(cell)), number * cell + cell // 2
        pen.text((left - _GAP, top + middle), name, _INK, font, anchor="rm")
        upright = _turned(name, font)
        paper.paste(upright, (left + middle - upright.width // 2, top - _GAP - upright.height))


def _turned(text: str, font: Font) -> Image.Image:
    """Draw a text that is read from below upwards."""
    _, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font)
    paper = Image.new("RGB", (round(right), round(bottom - top)), _PAPER)
    ImageDraw.Draw(paper).text((0, -top), text, _INK, font)
    return paper.transpose(Image.Transpose.ROTATE_90)


def _write_counts(
    pen: ImageDraw.ImageDraw, confusion: IntArray, corner: tuple[int, int], cell: int
) -> None:
    left, top = corner
    totals = np.maximum(confusion.sum(axis=1), 1)
    for row, column in np.argwhere(confusion).tolist():
        count = int(confusion[row, column])
        colour = _PAPER if count > 0.4 * totals[row] else _INK
        size = max(7, min(_LETTERS, cell * 3 // 2 // len(str(count)) - 2))
        place = (left + column * cell + cell // 2, top + row * cell + cell // 2)
        pen.text(place, str(count), colour, font_for(str(count), size), anchor="mm")
