"""What the network sees, as pictures."""

from pathlib import Path

import numpy as np
import pytest

from poets.features.cache import FeatureCache
from poets.features.examples import examples, to_picture
from poets.features.recipe import Recipe
from poets.features.thumbnails import SIDE, thumbnails
from poets.preprocess import Preprocess
from tests.support.pictures import encoded, gradient


@pytest.mark.parametrize("channels", [1, 3])
def test_a_networks_input_is_turned_back_into_the_picture(channels: int) -> None:
    preprocess = Preprocess(48, 64, mean=127.0, std=128.0, channels=channels)
    content = encoded(gradient(64, 48))

    picture = to_picture(preprocess.load(content), preprocess)

    expected = preprocess.decode(content).squeeze()
    assert np.abs(np.asarray(picture).astype(int) - expected.astype(int)).max() <= 1


def test_what_is_brighter_than_white_is_white() -> None:
    preprocess = Preprocess(2, 2, mean=0.0, std=1.0)

    bright = to_picture(np.full((2, 2, 3), 900, np.float32), preprocess)
    dark = to_picture(np.full((2, 2, 3), -5, np.float32), preprocess)

    assert np.asarray(bright).min() == 255
    assert np.asarray(dark).max() == 0


def test_an_example_has_the_networks_shape_and_is_kept_beside_the_thumbnail(
    tmp_path: Path,
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(gradient(64, 48)))
    (tmp_path / "broken.png").touch()
    recipe = Recipe("digest", Preprocess(400, 200, mean=127.0, std=128.0))
    with FeatureCache(tmp_path) as cache:
        made = examples(cache, [path, tmp_path / "broken.png"], recipe)
        path.write_bytes(path.read_bytes())

        assert made[1] == b""
        assert thumbnails(cache, [path]) != made[:1]
        assert examples(cache, [path], recipe) == made[:1]
    preprocess = Preprocess(SIDE, SIDE // 2, mean=0.0, std=1.0)
    shown, expected = (preprocess.load(file) for file in (made[0], encoded(gradient(64, 48))))
    assert np.abs(shown - expected).mean() < 8
