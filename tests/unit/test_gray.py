"""Pictures for networks that see no colours, from the file to the score."""

import numpy as np
import pytest
from PIL import Image

from poets.decode import ByteArray, decode
from poets.distort import Distortion
from poets.export.noise import noise_pictures
from poets.export.tflite_metadata import encode_metadata
from poets.manifest import Manifest
from poets.preprocess import Preprocess
from tests.support.pictures import encoded, gradient

GRAY = Preprocess(12, 16, mean=0.0, std=255.0, channels=1)
PICTURE = gradient(64, 48)


def gray_of(content: bytes, size: tuple[int, int] = (48, 64)) -> ByteArray:
    pixels = decode(content, size, channels=1)
    assert pixels.shape == (*size, 1)
    assert pixels.dtype == np.uint8
    return pixels[..., 0]


def test_gray_is_pillow_s() -> None:
    assert (gray_of(encoded(PICTURE)) == np.asarray(PICTURE.convert("L"))).all()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_a_gray_file_keeps_its_values(kind: str) -> None:
    gray = PICTURE.convert("L")

    assert (gray_of(encoded(gray, kind)) == np.asarray(gray)).all()


def test_sixteen_bits_are_scaled_to_eight() -> None:
    deep = Image.fromarray(np.full((8, 8), 0x8000, np.uint16))

    assert set(gray_of(encoded(deep), (8, 8)).ravel()) == {128}


def test_what_is_transparent_is_white() -> None:
    assert gray_of(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0))), (8, 8)).min() == 255
    assert gray_of(encoded(Image.new("LA", (8, 8), (0, 0))), (8, 8)).min() == 255


def test_an_exif_turn_is_made() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise makes it right
    upright = np.asarray(PICTURE.convert("L").transpose(Image.Transpose.ROTATE_270))

    assert (gray_of(encoded(PICTURE, exif=exif), (64, 48)) == upright).all()


@pytest.mark.parametrize("resize", ["antialiased", "bilinear"])
def test_every_way_to_resize_has_gray(resize: str) -> None:
    gray = Preprocess(12, 16, 0.0, 255.0, resize, channels=1)  # type: ignore[arg-type]
    colour = Preprocess(12, 16, 0.0, 255.0, resize)  # type: ignore[arg-type]

    luma = colour.load(encoded(PICTURE)) @ np.array([0.299, 0.587, 0.114])
    assert np.abs(gray.load(encoded(PICTURE))[..., 0] - luma).max() < 1 / 255


@pytest.mark.parametrize(
    "distortion",
    [
        Distortion(flip_left_right=True),
        Distortion(random_crop=20, random_scale=30),
        Distortion(random_brightness=50, random_contrast=20),
        Distortion(random_saturation=50, random_hue=90),
        Distortion(random_rotation=30, random_zoom=20, random_shift=10, random_noise=5),
    ],
)
def test_a_distorted_picture_is_gray_too(distortion: Distortion) -> None:
    values = distortion.load(encoded(PICTURE), GRAY, np.random.default_rng(0))

    assert values.shape == GRAY.shape
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def test_pictures_of_nothing_fit() -> None:
    for picture in noise_pictures(GRAY):
        values = GRAY.load(picture)
        assert values.shape == GRAY.shape
        assert values.std() > 0.01


@pytest.mark.parametrize(
    ("channels", "word"), [(1, b"the picture, gray"), (3, b"the picture, RGB")]
)
def test_phones_are_told_the_colours(channels: int, word: bytes) -> None:
    preprocess = Preprocess(12, 16, 0.0, 255.0, channels=channels)
    manifest = Manifest(("a", "b"), preprocess, "input", "scores", "pixels", "digest", "0")

    assert word in encode_metadata(manifest, "labels.txt")


def test_a_manifest_keeps_the_channels() -> None:
    manifest = Manifest(("a", "b"), GRAY, "input", "scores", "pixels", "digest", "0")

    assert Manifest.from_json(manifest.to_json()) == manifest
