"""A camera that was held sideways says so in the file: pictures stand upright all the same."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from poets.decode import Resize, decode
from tests.support.pictures import encoded, gradient

UPRIGHT = gradient(64, 48)
ORIENTATION = 0x0112
# How the upright picture is stored under each orientation: what undoes the turn that is named.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(orientation: int, kind: str, **options: object) -> bytes:
    turn = STORED.get(orientation)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = UPRIGHT if turn is None else UPRIGHT.transpose(turn)
    return encoded(picture, kind, exif=exif, **options)


@pytest.mark.parametrize("resize", ["antialiased", "bilinear"])
@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_every_orientation_is_upright_to_the_pixel(
    orientation: int, kind: str, options: dict[str, Any], resize: Resize
) -> None:
    for size in ((48, 64), (24, 32), (33, 20)):
        expected = decode(encoded(UPRIGHT, "PNG"), size, resize).astype(int)
        pixels = decode(stored(orientation, kind, **options), size, resize).astype(int)

        assert pixels.shape == (*size, 3)
        assert np.abs(pixels - expected).max() <= 1  # a sum's order


@pytest.mark.parametrize("resize", ["antialiased", "bilinear"])
@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["JPEG", "MPO", "AVIF"])
def test_every_orientation_of_a_photo_is_upright(
    orientation: int, kind: str, resize: Resize
) -> None:
    pixels = decode(stored(orientation, kind, quality=95), (24, 32), resize).astype(int)

    expected = decode(encoded(UPRIGHT, "PNG"), (24, 32), resize).astype(int)
    assert np.abs(pixels - expected).mean() < 4


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    pixels = decode(stored(orientation, "PNG"), (48, 64))

    assert (pixels == np.asarray(UPRIGHT)).all()


@pytest.mark.parametrize("value", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"\xff" * 40])
def test_a_picture_with_broken_notes_is_read_as_it_stands(value: bytes) -> None:
    pixels = decode(encoded(UPRIGHT, "PNG", exif=value), (48, 64))

    assert (pixels == np.asarray(UPRIGHT)).all()


def test_a_quarter_turned_photo_that_is_decoded_small_is_scaled_by_the_right_sides() -> None:
    picture = gradient(1600, 400).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = encoded(picture, "JPEG", quality=95, exif=exif)

    pixels = decode(content, (50, 200)).astype(int)

    expected = decode(encoded(gradient(1600, 400)), (50, 200)).astype(int)
    assert np.abs(pixels - expected).max() <= 8
