import hashlib
import os
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poets.config.data import SplitConfig
from poets.errors import DataError
from poets.images import LabeledImage
from poets.split import PARTS, assign_split, hash_percentage, split_images, wanted_parts

NAMES = [f"{number}_{number * 7919 % 10_007:x}.jpg" for number in range(2000)]
TENTHS = SplitConfig()

percentages = st.tuples(st.integers(0, 99), st.integers(0, 99)).filter(lambda p: sum(p) <= 99)


def config_of(testing: int, validation: int) -> SplitConfig:
    return SplitConfig(testing_percentage=testing, validation_percentage=validation)


def images_of(*names: str, label: str = "daisy", folder: str = "flowers") -> list[LabeledImage]:
    return [LabeledImage(label, Path(folder) / label / name) for name in names]


def codelab_percentage(name: str) -> float:
    """The codelab's own lines, given a file's name in the place of its path."""
    hash_name = re.sub(r"_nohash_.*$", "", name)
    hashed = hashlib.sha1(hash_name.encode()).hexdigest()
    return (int(hashed, 16) % 2**27) * (100.0 / (2**27 - 1))


@pytest.mark.parametrize("name", [*NAMES[:50], "tulipán.jpg", "a_nohash_1.jpg", "_nohash_", ""])
def test_the_formula_is_the_codelab_s(name: str) -> None:
    assert hash_percentage(name) == pytest.approx(codelab_percentage(name), abs=1e-12)


@pytest.mark.parametrize(
    ("name", "percentage", "part"),
    [
        ("3475870145_685a19116d.jpg", 84.27455264, "training"),
        ("100080576_f52e8ee070_n.jpg", 8.57536054, "validation"),
        ("12548574923_5e90f4ceea.jpg", 17.35441772, "testing"),
        ("116343334_9cb4acdc57_n.jpg", 21.50945828, "training"),
    ],
)
def test_known_names_fall_where_they_always_did(name: str, percentage: float, part: str) -> None:
    assert hash_percentage(name) == pytest.approx(percentage, abs=1e-7)  # from sha1sum and bc
    assert assign_split(name, TENTHS) == part


def test_the_parts_are_as_large_as_asked_for() -> None:
    counts = Counter(assign_split(name, config_of(20, 10)) for name in NAMES)

    assert counts["training"] / len(NAMES) == pytest.approx(0.7, abs=0.03)
    assert counts["validation"] / len(NAMES) == pytest.approx(0.1, abs=0.02)
    assert counts["testing"] / len(NAMES) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("testing", "validation"), [(0, 0), (0, 10), (10, 0)])
def test_a_part_of_no_percent_stays_empty(testing: int, validation: int) -> None:
    parts = split_images(images_of(*NAMES), config_of(testing, validation))

    assert set(parts) == set(wanted_parts(config_of(testing, validation)))


def test_a_picture_keeps_its_part_when_its_folder_moves_or_others_come() -> None:
    here = split_images(images_of(*NAMES), TENTHS)
    there = split_images(images_of(*NAMES, label="roses", folder="/elsewhere"), TENTHS)
    fewer = split_images(images_of(*NAMES[::2]), TENTHS)

    assert here == there
    assert here[::2] == fewer


def test_a_name_counts_the_same_in_every_spelling_of_unicode() -> None:
    spelled = [unicodedata.normalize(form, "Gänseblümchen.jpg") for form in ("NFC", "NFD")]

    assert spelled[0] != spelled[1]
    assert hash_percentage(spelled[0]) == hash_percentage(spelled[1])


def test_a_name_that_is_no_text_has_a_part_too() -> None:
    assert 0 <= hash_percentage(os.fsdecode(b"\xff\xfe.jpg")) <= 100


def test_pictures_that_belong_together_stay_together() -> None:
    names = [f"plant{plant}_nohash_{n}.jpg" for plant in range(40) for n in range(5)]

    parts = split_images(images_of(*names), TENTHS)

    for start in range(0, len(names), 5):
        assert len(set(parts[start : start + 5])) == 1


@pytest.mark.parametrize("groups", [3, 4, 6])
def test_pictures_that_belong_together_stay_together_in_small_sets_too(groups: int) -> None:
    for base in range(20):
        names = [f"p{base + g}_nohash_{n}.jpg" for g in range(groups) for n in range(4)]

        parts = split_images(images_of(*names), TENTHS)

        assert set(parts) == set(PARTS)
        torn = [g for g in range(groups) if len(set(parts[4 * g : 4 * g + 4])) > 1]
        assert torn == []


def test_a_set_of_one_group_is_torn_rather_than_refused() -> None:
    parts = split_images(images_of(*(f"film_nohash_{n}.jpg" for n in range(9))), TENTHS)

    assert set(parts) == set(PARTS)


@given(
    names=st.lists(st.text(max_size=8), min_size=3, max_size=12, unique=True),
    shares=percentages,
)
def test_no_part_that_is_wanted_is_empty(names: list[str], shares: tuple[int, int]) -> None:
    config = config_of(*shares)
    safe = [f"{index}{name}".replace("/", "").replace("\0", "") for index, name in enumerate(names)]

    parts = split_images(images_of(*safe), config)

    assert set(parts) == set(wanted_parts(config))


def test_only_what_must_moves_and_the_rest_stays_where_its_name_says() -> None:
    for start in range(0, 400, 20):
        images = images_of(*NAMES[start : start + 20])
        named = [assign_split(image.path.name, TENTHS) for image in images]

        parts = split_images(images, TENTHS)

        moved = sum(own != part for own, part in zip(named, parts, strict=True))
        assert moved == len(PARTS) - len(set(named))


def test_the_order_of_the_pictures_does_not_matter() -> None:
    images = images_of(*NAMES[:7])

    forth = dict(zip(images, split_images(images, TENTHS), strict=True))
    back = dict(zip(images[::-1], split_images(images[::-1], TENTHS), strict=True))

    assert forth == back


def test_every_label_is_split_for_itself() -> None:
    images = images_of("1.jpg", "2.jpg", "3.jpg") + images_of("1.jpg", "2.jpg", "3.jpg", label="b")

    parts = split_images(images, TENTHS)

    assert set(parts[:3]) == set(parts[3:]) == set(PARTS)


@pytest.mark.parametrize(
    ("count", "shares", "said"),
    [
        (2, (10, 10), "daisy: 2 readable pictures, 3 are needed"),
        (1, (0, 10), "daisy: 1 readable picture, 2 are needed"),
    ],
)
def test_a_label_with_too_few_pictures_is_named(
    count: int, shares: tuple[int, int], said: str
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        split_images(images_of(*NAMES[:count]), config_of(*shares))

    assert "Add pictures" in caught.value.hint


def test_one_picture_is_enough_to_train_on_alone() -> None:
    assert split_images(images_of("1.jpg"), config_of(0, 0)) == ("training",)


def test_nothing_splits_into_nothing() -> None:
    assert split_images([], TENTHS) == ()
