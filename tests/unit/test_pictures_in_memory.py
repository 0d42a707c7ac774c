"""`poets.load(...).label` takes pictures that Pillow opened, of any mode and any side up."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import poets
from poets.errors import DataError
from tests.support.pictures import COLOURS


def turned_jpeg() -> bytes:
    """A wide picture, red above and blue below, that its EXIF turns by a quarter."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:20, :, 0] = pixels[20:, :, 2] = 200
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "L", "P", "RGBA", "1"])
def test_a_picture_of_any_mode_is_labelled(place: Path, mode: str) -> None:
    classifier = poets.load(place / "graph.pb")
    with Image.open(next((place / "images" / "blue").iterdir())) as image:
        ((best, *_),) = classifier.label([image.convert(mode)])
    assert best.label in COLOURS


def test_an_opened_picture_is_turned_as_its_file_is(place: Path) -> None:
    classifier = poets.load(place / "graph.pb")
    content = turned_jpeg()
    with Image.open(io.BytesIO(content)) as opened:
        assert classifier.label([opened]) == classifier.label([content])


def test_what_holds_no_pixel_is_an_error(place: Path) -> None:
    with pytest.raises(DataError, match="a picture in memory"):
        poets.load(place / "graph.pb").label([np.zeros((0, 4), np.uint8)])
