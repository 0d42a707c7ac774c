"""The plain bilinear resize against the one that the codelab's scripts trained with."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.backbones.quiet_tensorflow import tf
from poets.decode import decode
from poets.preprocess import FloatArray
from tests.support.pictures import encoded, gradient

SIZES = [(224, 224), (128, 128), (299, 299), (300, 500), (7, 9), (1, 1), (48, 64)]


def in_tensorflow(picture: Image.Image, size: tuple[int, int]) -> FloatArray:
    """tf.image.resize_bilinear of TensorFlow 1, as it was: no half-pixel centres."""
    batch = np.asarray(picture)[np.newaxis]
    resized = tf.compat.v1.image.resize_bilinear(batch, size, half_pixel_centers=False)
    return np.asarray(resized[0], dtype=np.float32)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("side", [(64, 48), (500, 333), (33, 700), (1, 1), (2, 3)])
def test_a_drawn_picture_is_within_a_level(side: tuple[int, int], size: tuple[int, int]) -> None:
    picture = gradient(*side) if min(side) > 1 else Image.new("RGB", side, (10, 20, 30))

    pixels = decode(encoded(picture), size, "bilinear")

    assert np.abs(pixels - in_tensorflow(picture, size)).max() <= 1


@pytest.mark.parametrize("size", SIZES)
def test_noise_is_within_a_level(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (211, 173, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)

    pixels = decode(encoded(picture), size, "bilinear")

    assert np.abs(pixels - in_tensorflow(picture, size)).max() <= 1


def test_real_photos_are_within_a_level(flowers: Path) -> None:
    for path in sorted(flowers.glob("*/*.jpg"))[::60]:
        with Image.open(path) as picture:
            expected = in_tensorflow(picture.convert("RGB"), (128, 128))

        pixels = decode(path.read_bytes(), (128, 128), "bilinear")

        assert np.abs(pixels - expected).max() <= 1


def test_antialiasing_averages_as_tensorflow_does() -> None:
    picture = gradient(500, 333)
    expected = tf.image.resize(np.asarray(picture), (64, 96), antialias=True)

    pixels = decode(encoded(picture), (64, 96), "antialiased")

    assert np.abs(pixels - np.asarray(expected)).max() <= 3
