"""Contrast, colours and noise of a distorted picture: no further than asked for."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from poets.decode import ByteArray
from poets.distort import Distortion
from poets.preprocess import FloatArray
from tests.support.distorting import variants
from tests.support.pictures import gradient

COUNT = 200
MILD: ByteArray = 96 + np.asarray(gradient(32, 24)) // 4  # far from black and white
GRAY: ByteArray = MILD[..., :1]
RED: ByteArray = np.full((8, 8, 3), (190, 90, 80), np.uint8)


def luma(pixels: ByteArray | FloatArray) -> FloatArray:
    weights = np.array([0.299, 0.587, 0.114] if pixels.shape[-1] == 3 else [1.0])
    return np.asarray(pixels @ weights, dtype=np.float32)


def hue(variant: FloatArray) -> float:
    """The mean colour's direction from gray, in degrees: red 0, green 120, blue 240."""
    red, green, blue = variant.mean(axis=(0, 1))
    return float(np.rad2deg(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)))


def assert_spread(found: Sequence[float], lowest: float, highest: float) -> None:
    """All lie in a range, and come near both of its ends and its middle."""
    tenth = (highest - lowest) / 10
    assert lowest - tenth / 4 <= min(found) < lowest + tenth
    assert highest - tenth < max(found) <= highest + tenth / 4
    assert np.mean(found) == pytest.approx((lowest + highest) / 2, abs=tenth)


@pytest.mark.parametrize("pixels", [MILD, GRAY])
def test_contrast_stretches_about_the_mean(pixels: ByteArray) -> None:
    before = luma(pixels)
    drawn = list(variants(Distortion(random_contrast=40), pixels, COUNT))

    assert_spread([float(luma(v).std() / before.std()) for v in drawn], 0.6, 1.4)
    assert [luma(v).mean() for v in drawn] == pytest.approx([before.mean()] * COUNT, abs=0.5)


def test_saturation_stretches_colours_about_their_gray() -> None:
    chroma = (MILD - luma(MILD)[..., np.newaxis]).std()
    drawn = list(variants(Distortion(random_saturation=50), MILD, COUNT))

    shares = [float((v - luma(v)[..., np.newaxis]).std() / chroma) for v in drawn]
    assert_spread(shares, 0.5, 1.5)
    assert max(np.abs(luma(v) - luma(MILD)).max() for v in drawn) < 1


def test_hues_turn_both_ways_and_keep_their_brightness() -> None:
    drawn = list(variants(Distortion(random_hue=20), RED, COUNT))

    turned = [hue(v) - hue(RED.astype(np.float32)) for v in drawn]
    assert_spread(turned, -20, 20)
    assert max(np.abs(luma(v) - luma(RED)).max() for v in drawn) < 1


@pytest.mark.parametrize("distortion", [Distortion(random_saturation=100, random_hue=180)])
@pytest.mark.parametrize("pixels", [GRAY, np.repeat(GRAY, 3, axis=-1)])
def test_gray_stays_gray(distortion: Distortion, pixels: ByteArray) -> None:
    for variant in variants(distortion, pixels, 20):
        assert np.abs(variant - pixels).max() <= 1


def colourfulness(variant: FloatArray) -> float:
    return float(np.ptp(variant, axis=-1).max())


def test_no_saturation_is_gray_as_pillow_makes_it() -> None:
    gray = np.asarray(Image.fromarray(MILD).convert("L"), np.float32)[..., np.newaxis]
    palest = min(variants(Distortion(random_saturation=100), MILD, 1000), key=colourfulness)

    assert np.abs(palest - gray).max() <= 4


def test_noise_deviates_by_no_more_than_asked() -> None:
    drawn = list(variants(Distortion(random_noise=10), MILD, COUNT))

    assert_spread([float((v - MILD).std() / 255) for v in drawn], 0, 0.1)
    assert np.mean([(v - MILD).mean() for v in drawn]) == pytest.approx(0, abs=0.2)


def test_noise_is_of_its_own_in_every_channel_and_pixel() -> None:
    (variant,) = variants(Distortion(random_noise=20), np.full((64, 64, 3), 128, np.uint8), 1)

    noise = variant - 128
    channels = np.corrcoef(noise.reshape(-1, 3), rowvar=False)
    assert np.abs(channels - np.eye(3)).max() < 0.06
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("level", [0, 255])
def test_what_is_made_stays_between_black_and_white(level: int) -> None:
    """Brightness alone has no limit, as in the codelab."""
    most = Distortion(random_contrast=100, random_saturation=100, random_hue=180, random_noise=50)
    pixels: ByteArray = np.full((8, 8, 3), level, np.uint8)
    pixels[:4] = 255 - level
    drawn = np.stack(list(variants(most, pixels, 50)))

    assert drawn.min() == 0
    assert drawn.max() == 255


def test_brightness_comes_last_and_has_no_limit() -> None:
    white: ByteArray = np.full((4, 4, 3), 255, np.uint8)
    distortion = Distortion(random_brightness=50, random_contrast=10, random_noise=1)

    brightest = max(variant.max() for variant in variants(distortion, white, 50))

    assert 255 * 1.3 < brightest <= 255 * 1.5
