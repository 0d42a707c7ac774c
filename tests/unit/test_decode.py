"""What a picture looks like once it is read, whatever it was saved as."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from poets.decode import decode
from poets.preprocess import Preprocess
from tests.support.pictures import encoded, gradient

SIZE = (48, 64)
PICTURE = gradient(64, 48)
PIXELS = np.asarray(PICTURE).astype(int)
GREY = np.asarray(PICTURE.convert("L")).astype(int)
NEAR = 8  # levels that lossy formats may be off


def pixels_of(content: bytes, size: tuple[int, int] = SIZE) -> npt.NDArray[np.int64]:
    pixels = decode(content, size)
    assert pixels.shape == (*size, 3)
    assert pixels.dtype == np.uint8
    return pixels.astype(np.int64)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("PNG", {"bits": 8, "optimize": True}),
        ("BMP", {}),
        ("PPM", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_every_pixel_is_as_it_was_saved(kind: str, options: dict[str, Any]) -> None:
    assert (pixels_of(encoded(PICTURE, kind, **options)) == PIXELS).all()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"quality": 95}),
        ("AVIF", {"quality": 95}),
    ],
)
def test_pictures_that_lost_a_little_are_near(kind: str, options: dict[str, Any]) -> None:
    difference = np.abs(pixels_of(encoded(PICTURE, kind, **options)) - PIXELS)

    assert difference.mean() < 3
    assert difference.max() < 4 * NEAR


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM", "BMP"])
def test_greyscale_is_grey_in_every_channel(kind: str) -> None:
    assert (pixels_of(encoded(PICTURE.convert("L"), kind)) == GREY[..., np.newaxis]).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "GIF", "BMP", "PPM"])
def test_one_bit_is_black_and_white(kind: str) -> None:
    picture = PICTURE.convert("1")

    pixels = pixels_of(encoded(picture, kind))

    assert (pixels == np.asarray(picture.convert("RGB"))).all()
    assert set(np.unique(pixels)) == {0, 255}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_keep_their_upper_eight(kind: str) -> None:
    values = np.linspace(0, 65535, 48 * 64).reshape(SIZE).astype(np.uint16)

    pixels = pixels_of(encoded(Image.fromarray(values), kind))

    assert (pixels == (values >> 8)[..., np.newaxis]).all()


def test_a_palette_gives_its_colours() -> None:
    picture = PICTURE.quantize(32)

    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        assert (pixels_of(encoded(picture, kind)) == np.asarray(picture.convert("RGB"))).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_what_is_transparent_is_white(kind: str) -> None:
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    picture = PICTURE.convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((64, 48)))
    alpha = np.asarray(picture)[..., 3:].astype(float) / 255

    pixels = pixels_of(encoded(picture, kind, **options))

    assert np.abs(pixels - (alpha * PIXELS + (1 - alpha) * 255)).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_transparent_grey_is_white(kind: str) -> None:
    picture = PICTURE.convert("LA")
    picture.putalpha(0)

    assert (pixels_of(encoded(picture, kind)) == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_s_transparent_colour_is_white(kind: str) -> None:
    picture = Image.new("P", (64, 48), 1)
    picture.putpalette([0, 0, 0, 200, 10, 20])
    picture.paste(0, (0, 0, 32, 48))

    pixels = pixels_of(encoded(picture, kind, transparency=0))

    assert (pixels[:, :32] == 255).all()
    assert (pixels[:, 32:] == [200, 10, 20]).all()


@pytest.mark.parametrize(("mode", "transparent"), [("RGB", (255, 0, 0)), ("L", 76)])
def test_the_one_colour_that_a_png_calls_transparent_is_white(
    mode: str, transparent: object
) -> None:
    picture = Image.new("RGB", (64, 48), (255, 0, 0)).convert(mode)
    picture.paste(0, (0, 0, 32, 48))

    pixels = pixels_of(encoded(picture, "PNG", transparency=transparent))

    assert (pixels[:, :32] == 0).all()
    assert (pixels[:, 32:] == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_printers_colours_become_those_of_screens(kind: str) -> None:
    options = {"quality": 95} if kind == "JPEG" else {}

    difference = np.abs(pixels_of(encoded(PICTURE.convert("CMYK"), kind, **options)) - PIXELS)

    assert difference.mean() < 3


def test_of_an_animation_the_first_picture_counts() -> None:
    others = [Image.new("RGB", PICTURE.size, colour) for colour in ("red", "blue")]
    first = PICTURE.quantize(64)

    for kind in ("GIF", "WEBP", "PNG"):
        options = {"lossless": True} if kind == "WEBP" else {}
        content = encoded(
            first, kind, save_all=True, append_images=others, duration=100, loop=0, **options
        )
        difference = np.abs(pixels_of(content) - np.asarray(first.convert("RGB")))
        assert difference.mean() < 3, kind


@pytest.mark.parametrize("kind", ["MPO", "TIFF"])
def test_of_several_pictures_in_a_file_the_first_counts(kind: str) -> None:
    other = Image.new("RGB", PICTURE.size, "red")

    content = encoded(PICTURE, kind, save_all=True, append_images=[other])

    assert np.abs(pixels_of(content) - PIXELS).mean() < 4


@pytest.mark.parametrize("name", ["PHOTO.JPG", "photo.png", "photo.txt", "photo", "p.tar.gz"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_the_content_counts_not_the_name(tmp_path: Path, name: str, kind: str) -> None:
    content = encoded(PICTURE, kind)
    (tmp_path / name).write_bytes(content)
    preprocess = Preprocess(*SIZE, mean=0, std=1)

    assert (preprocess.load(tmp_path / name) == decode(content, SIZE)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (500, 3), (224, 224)])
@pytest.mark.parametrize("side", [(1, 1), (2, 700), (640, 480)])
def test_any_picture_scales_to_any_size(size: tuple[int, int], side: tuple[int, int]) -> None:
    pixels = pixels_of(encoded(Image.new("RGB", side, (10, 200, 90)), "PNG"), size)

    assert (pixels == [10, 200, 90]).all()


def test_shrinking_averages_what_it_leaves_out() -> None:
    board = np.indices((256, 256)).sum(axis=0) % 2 * 255
    content = encoded(Image.fromarray(board.astype(np.uint8)))

    assert np.abs(pixels_of(content, (16, 16)) - 127.5).max() <= 4


def test_a_large_jpeg_that_is_decoded_small_looks_the_same() -> None:
    large = gradient(1600, 1200)

    small = pixels_of(encoded(large, "JPEG", quality=95), (60, 80))

    expected = pixels_of(encoded(large, "PNG"), (60, 80))
    assert np.abs(small - expected).max() <= NEAR


def test_the_same_file_gives_the_same_pixels() -> None:
    content = encoded(gradient(500, 400), "JPEG")

    assert (decode(content, (99, 99)) == decode(content, (99, 99))).all()
