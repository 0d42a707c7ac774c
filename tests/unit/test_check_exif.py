import io
import struct

import numpy as np
import pytest
from PIL import Image

from poets.check.exif import Turn, read_turn
from tests.support.pictures import encoded
from tests.support.planting import scene, stored_as_tagged, tagged, tagged_with_thumbnail

QUARTERS = {3: 2, 6: 3, 8: 1}
TAGS = pytest.mark.parametrize("tag", QUARTERS)


def turn_of(content: bytes) -> Turn | None:
    with Image.open(io.BytesIO(content)) as picture:
        return read_turn(picture)


@TAGS
def test_the_turn_is_the_one_that_rights_the_pixels(tag: int) -> None:
    upright = scene(1)
    stored = stored_as_tagged(upright, tag)

    turn = turn_of(tagged(stored, tag))

    assert turn == Turn(QUARTERS[tag], "none")
    assert np.array_equal(np.rot90(np.asarray(stored), turn.quarters), np.asarray(upright))


@pytest.mark.parametrize("tag", [0, 1, 2, 4, 5, 7, 9, 60_000])
def test_what_turns_nothing_or_mirrors_is_not_looked_at(tag: int) -> None:
    assert turn_of(tagged(scene(1), tag)) is None


def test_a_picture_without_exif_is_not_turned() -> None:
    assert turn_of(encoded(scene(1), "JPEG")) is None


def test_in_a_tiff_the_tag_belongs_to_the_pixels() -> None:
    assert turn_of(encoded(scene(1), "TIFF", tiffinfo={274: 6})) is None


@TAGS
def test_a_thumbnail_that_lies_as_the_pixels_do_says_that_the_tag_is_right(tag: int) -> None:
    stored = stored_as_tagged(scene(2), tag)

    turn = turn_of(tagged_with_thumbnail(stored, tag, stored))

    assert turn == Turn(QUARTERS[tag], "right")


@TAGS
def test_a_thumbnail_that_still_lies_as_the_camera_was_held_gives_the_pixels_away(
    tag: int,
) -> None:
    upright = scene(3)

    turn = turn_of(tagged_with_thumbnail(upright, tag, stored_as_tagged(upright, tag)))

    assert turn is not None
    assert turn.evidence == "stale"
    assert "thumbnail" in turn.why_stale


def test_a_thumbnail_of_another_picture_says_nothing() -> None:
    turn = turn_of(tagged_with_thumbnail(scene(4), 6, scene(5)))

    assert turn == Turn(3, "none")


def test_a_picture_of_one_colour_says_nothing() -> None:
    grey = Image.new("RGB", (120, 160), "grey")

    assert turn_of(tagged_with_thumbnail(grey, 6, grey)) == Turn(3, "none")


@pytest.mark.parametrize("tag", [6, 8])
def test_a_width_and_height_that_the_camera_noted_the_other_way_round_give_it_away(
    tag: int,
) -> None:
    turn = turn_of(tagged(scene(6, 160, 120), tag, noted=(1200, 1600)))

    assert turn is not None
    assert turn.evidence == "stale"


@pytest.mark.parametrize(
    ("tag", "noted"),
    [(6, (1600, 1200)), (6, (100, 100)), (6, (0, 5)), (6, (300, 1600)), (3, (1200, 1600))],
)
def test_a_width_and_height_that_prove_nothing_are_left_alone(
    tag: int, noted: tuple[int, int]
) -> None:
    turn = turn_of(tagged(scene(6, 160, 120), tag, noted))

    assert turn == Turn(QUARTERS[tag], "none")


def test_a_thumbnail_that_is_none_is_left_alone() -> None:
    whole = tagged_with_thumbnail(scene(7), 6, scene(7))
    start = whole.index(b"\xff\xd8", 20)  # behind the picture's own beginning
    broken = whole[:start] + b"no JPEG!" + whole[start + 8 :]

    assert turn_of(broken) == Turn(3, "none")


def test_a_thumbnail_beyond_the_end_is_left_alone() -> None:
    whole = tagged_with_thumbnail(scene(8), 6, scene(8))
    place = struct.pack("<I", 8 + 18 + 2 + 2 * 12 + 4)
    broken = whole.replace(place, struct.pack("<I", 1 << 30), 1)

    assert broken != whole
    assert turn_of(broken) == Turn(3, "none")
