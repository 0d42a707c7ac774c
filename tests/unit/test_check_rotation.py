"""Pictures in four positions; what a network makes of tags is in the golden tests."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.check.exif import Turn
from poets.check.headers import Header
from poets.check.rotation import FEWEST, TurnedRecipe, Turner, rotation_findings, why_not_judged
from poets.decode import UnreadableImageError
from poets.errors import DataError
from poets.features.cache import FeatureCache
from poets.images import LabeledImage
from poets.preprocess import FloatArray, Preprocess
from poets.report import Reporter
from tests.support.backbones import FEATURE_SIZE, tiny_backbone
from tests.support.pictures import encoded
from tests.support.planting import scene, stored_as_tagged, tagged


def load(content: bytes, quarters: int, preprocess: Preprocess) -> FloatArray:
    return TurnedRecipe("digest", preprocess, quarters).load(content)


def header(number: int, turn: Turn | None = None) -> Header:
    return Header(LabeledImage("rose", Path(f"{number}.jpg")), turn=turn)


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("size", [(64, 64), (90, 64), (64, 200)])
def test_the_middle_of_the_picture_is_turned_and_nothing_is_squeezed(
    size: tuple[int, int], quarters: int
) -> None:
    picture = scene(1, *size)
    left, top = (size[0] - 64) // 2, (size[1] - 64) // 2
    middle = np.asarray(picture.crop((left, top, left + 64, top + 64)), dtype=np.float32)

    values = load(encoded(picture), quarters, Preprocess(64, 64, 0.0, 1.0))

    assert np.array_equal(values, np.rot90(middle, quarters))


@pytest.mark.parametrize("tag", [3, 6, 8])
def test_the_turn_begins_at_how_the_picture_is_shown(tag: int) -> None:
    upright = scene(2, 96, 64)
    stored = tagged(stored_as_tagged(upright, tag), tag)
    plain = encoded(upright, "JPEG", quality=90)

    shown, wanted = (load(one, 1, Preprocess(64, 64, 0.0, 1.0)) for one in (stored, plain))

    assert np.abs(shown - wanted).mean() < 3


def test_an_input_that_is_no_square_gets_its_shape() -> None:
    for quarters in range(4):
        values = load(encoded(scene(3)), quarters, Preprocess(32, 48, 127.5, 127.5))
        assert values.shape == (32, 48, 3)


def test_a_panorama_does_not_fill_the_memory() -> None:
    strip = Image.new("L", (60_000, 1))

    assert load(encoded(strip), 1, Preprocess(64, 64, 0.0, 1.0)).shape == (64, 64, 3)


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(UnreadableImageError, match="not a picture"):
        load(b"nothing", 1, Preprocess(64, 64, 0.0, 1.0))


def test_each_turn_has_its_place_in_the_cache() -> None:
    preprocess = Preprocess(64, 64, 0.0, 1.0)

    keys = {TurnedRecipe("digest", preprocess, quarters).key for quarters in range(4)}

    assert len(keys - {"digest"}) == 4


def test_tags_are_judged_where_enough_pictures_have_none() -> None:
    untagged = [header(number) for number in range(FEWEST)]
    doubtful = header(1000, Turn(1, "none"))

    assert why_not_judged([*untagged, doubtful]) == ""
    assert str(FEWEST) in why_not_judged([*untagged[1:], doubtful])


def test_without_tags_to_judge_there_is_nothing_to_say() -> None:
    assert why_not_judged([header(1), header(2, Turn(1, "right"))]) == ""


@pytest.fixture
def turner(tmp_path: Path) -> Turner:
    """What runs the tiny backbone."""
    backbone = tiny_backbone(tmp_path / "backbone")
    return Turner(backbone, FeatureCache(tmp_path / "cache"), Reporter())


def test_the_views_come_picture_by_picture(turner: Turner, tmp_path: Path) -> None:
    images = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        path.write_bytes(encoded(scene(number, 128, 128)))
        images.append(LabeledImage("rose", path))

    views = turner.views(images)

    assert views.shape == (3, 4, FEATURE_SIZE)
    quarters = views.reshape(3, 4, 2, 2, 3)
    for turn in range(4):
        expected = np.rot90(quarters[:, 0], turn, axes=(1, 2))
        assert np.allclose(quarters[:, turn], expected, atol=1e-5)


def test_a_picture_that_is_gone_meanwhile_is_named(turner: Turner) -> None:
    with pytest.raises(DataError, match=r"gone\.jpg"):
        turner.views([LabeledImage("rose", Path("gone.jpg"))])


def test_a_tag_that_everything_speaks_against_is_doubted(turner: Turner, tmp_path: Path) -> None:
    def sky_above(number: int, tag: int | None = None, *, is_upright: bool = True) -> Header:
        rng = np.random.default_rng(number)
        sky = Image.new("RGB", (128, 64), (110 + int(rng.integers(40)), 160, 230))
        picture = Image.new("RGB", (128, 128), (40, 90 + int(rng.integers(40)), 30))
        picture.paste(sky)
        pixels = picture if is_upright or tag is None else stored_as_tagged(picture, tag)
        content = encoded(picture) if tag is None else tagged(pixels, tag)
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        turn = None if tag is None else Turn({3: 2, 6: 3, 8: 1}[tag], "none")
        return Header(LabeledImage("rose", path), turn=turn)

    untagged = [sky_above(number) for number in range(FEWEST)]
    wrong = [sky_above(100 + tag, tag) for tag in (3, 6, 8)]
    right = [sky_above(200 + tag, tag, is_upright=False) for tag in (3, 6, 8)]

    found = rotation_findings([*untagged, *wrong, *right], turner)

    assert {one.paths[0] for one in found} == {one.image.path for one in wrong}
