import math
from pathlib import Path

import numpy as np
import pytest

from poets.decode import UnreadableImageError, decode
from poets.preprocess import Preprocess
from tests.support.pictures import encoded, gradient

LITE0 = Preprocess(24, 32, mean=127.0, std=128.0)
CONTENT = encoded(gradient())


def test_a_picture_becomes_what_the_network_expects() -> None:
    values = LITE0.load(CONTENT)

    assert values.shape == (24, 32, 3)
    assert values.dtype == np.float32
    expected = (decode(CONTENT, (24, 32)).astype(float) - 127) / 128
    assert np.abs(values - expected).max() < 1e-6


@pytest.mark.parametrize(
    ("mean", "std", "ends"),
    [(127.5, 127.5, (-1, 1)), (0, 255, (0, 1)), (0, 1, (0, 255)), (255, -255, (1, 0))],
)
def test_black_and_white_are_scaled_as_the_network_was_trained(
    mean: float, std: float, ends: tuple[float, float]
) -> None:
    pixels = np.array([[[0, 0, 0], [255, 255, 255]]], dtype=np.uint8)

    values = Preprocess(1, 2, mean, std).normalize(pixels)

    assert values[0, :, 0] == pytest.approx(ends)
    assert (pixels == [[[0, 0, 0], [255, 255, 255]]]).all()


def test_a_path_and_the_bytes_behind_it_are_one(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(CONTENT)

    assert (LITE0.load(tmp_path / "photo") == LITE0.load(CONTENT)).all()


def test_the_way_to_resize_is_part_of_it() -> None:
    plain = Preprocess(24, 32, 127.0, 128.0, resize="bilinear")

    assert (plain.load(CONTENT) != LITE0.load(CONTENT)).any()


def test_it_comes_back_from_plain_values() -> None:
    assert Preprocess(**LITE0.to_dict()) == LITE0
    assert LITE0.to_dict() == {
        "height": 24,
        "width": 32,
        "mean": 127.0,
        "std": 128.0,
        "resize": "antialiased",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("height", 0),
        ("width", -1),
        ("width", 10**9),
        ("height", 24.0),
        ("mean", math.nan),
        ("mean", 10**400),
        ("std", 0.0),
        ("std", math.inf),
        ("std", 1e-300),
        ("std", 1e39),
        ("resize", "nearest"),
        ("channels", 0),
        ("channels", 2),
        ("channels", 4),
        ("channels", 3.0),
        ("channels", "3"),
        ("channels", None),
    ],
)
def test_what_no_network_can_be_fed_with_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"pixel|resize"):
        Preprocess(**LITE0.to_dict() | {name: value})


def test_a_gray_network_s_input_has_one_channel() -> None:
    gray = Preprocess(24, 32, mean=0.0, std=255.0, channels=1)

    values = gray.load(CONTENT)

    assert gray.shape == values.shape == (24, 32, 1)
    luma = decode(CONTENT, (24, 32)) @ [0.299, 0.587, 0.114] / 255
    assert np.abs(values[..., 0] - luma).max() < 1 / 255


def test_what_was_written_before_there_was_gray_is_in_colour() -> None:
    assert "channels" not in LITE0.to_dict()
    assert LITE0.shape == (24, 32, 3)
    gray = Preprocess(24, 32, 127.0, 128.0, channels=1)
    assert gray.to_dict()["channels"] == 1
    assert Preprocess(**gray.to_dict()) == gray


def test_an_unreadable_picture_says_why() -> None:
    with pytest.raises(UnreadableImageError, match="not a picture"):
        LITE0.load(b"no picture")
