"""Contact sheets: small pictures in rows, each with a line or two beneath."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageDraw

from poets.features.thumbnails import SIDE
from poets.summaries.lettering import font_for, shortened

_GAP, _LETTERS, _LINE = 10, 15, 19  # pixels; TensorBoard shows a sheet at two thirds
_PAPER, INK = "white", "black"


class Line(NamedTuple):
    """Words and their colour."""

    text: str
    colour: str = INK


@dataclass(frozen=True)
class Tile:
    """A picture and what is written beneath."""

    jpeg: bytes
    lines: tuple[Line, ...] = ()


def sheet(tiles: Sequence[Tile], columns: int, heading: Sequence[Line] = ()) -> Image.Image:
    """Draw pictures of at most 128 pixels a side in rows of `columns`, below a heading."""
    rows = -(-len(tiles) // columns)
    columns = min(columns, len(tiles))
    width = SIDE + _GAP
    height = SIDE + _GAP + _LINE * max(len(tile.lines) for tile in tiles)
    top = _GAP + len(heading) * _LINE
    longest = max((font_for(*_set(line)).getlength(line.text) for line in heading), default=0)
    sides = (max(columns * width, round(longest) + _GAP) + _GAP, top + rows * height)
    paper = Image.new("RGB", sides, _PAPER)
    pen = ImageDraw.Draw(paper)
    for number, line in enumerate(heading):
        pen.text((_GAP, _GAP // 2 + number * _LINE), line.text, line.colour, font_for(*_set(line)))
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        _draw(tile, paper, (_GAP + column * width, top + row * height))
    return paper


def _draw(tile: Tile, paper: Image.Image, corner: tuple[int, int]) -> None:
    left, top = corner
    image = _large(tile.jpeg)
    # Centred, and on the line of its words.
    paper.paste(image, (left + (SIDE - image.width) // 2, top + SIDE - image.height))
    pen = ImageDraw.Draw(paper)
    for number, line in enumerate(tile.lines):
        text = shortened(line.text, _LETTERS, SIDE)
        place = (left + SIDE // 2, top + SIDE + 2 + number * _LINE)
        pen.text(place, text, line.colour, font_for(text, _LETTERS), anchor="ma")


def _large(jpeg: bytes) -> Image.Image:
    """Enlarge a picture of few pixels: each is seen."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        times = SIDE // max(image.size)
        size = (image.width * times, image.height * times)
        return image.resize(size, Image.Resampling.NEAREST)


def _set(line: Line) -> tuple[str, int]:
    return line.text, _LETTERS
