"""`poets.load(...).label` takes pictures that Pillow opened, of any mode and any side up."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import poets
from poets.errors import DataError, UsageError
from tests.support.pictures import COLOURS


def turned_jpeg() -> bytes:
    """A wide picture, red above and blue below, that its EXIF turns by a quarter."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:20, :, 0] = pixels[20:, :, 2] = 200
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    "mode", ["CMYK", "YCbCr", "L", "P", "RGBA", "1", "RGBX", "RGBa", "LA", "PA"]
)
def test_a_picture_of_any_mode_is_labelled(place: Path, mode: str) -> None:
    classifier = poets.load(place / "graph.pb")
    with Image.open(next((place / "images" / "blue").iterdir())) as image:
        through = {"RGBa": "RGBA", "PA": "LA"}.get(mode, mode)  # the only way to it
        ((best, *_),) = classifier.label([image.convert(through).convert(mode)])
    assert best.label in COLOURS


def test_an_opened_picture_is_turned_as_its_file_is(place: Path) -> None:
    classifier = poets.load(place / "graph.pb")
    content = turned_jpeg()
    with Image.open(io.BytesIO(content)) as opened:
        assert classifier.label([opened]) == classifier.label([content])


def test_an_array_is_a_picture_with_or_without_an_axis_for_its_one_channel(place: Path) -> None:
    gray = np.random.default_rng(0).integers(0, 256, (2, 30, 40), np.uint8)
    classifier = poets.load(place / "graph.pb")

    first, *others = (classifier.label(many) for many in (gray, list(gray), gray[..., np.newaxis]))

    assert [len(first), *others] == [2, first, first]


def test_a_classifier_says_its_labels_and_not_its_manifest(place: Path) -> None:
    classifier = poets.load(place / "graph.pb")
    assert repr(classifier) == "<ImageClassifier: blue, green, red>"
    many = replace(classifier.model, labels=tuple("abcdefg"))
    assert repr(poets.ImageClassifier(many)) == "<ImageClassifier: a, b, c, d, e, ...>"


def test_a_bytearray_is_a_files_bytes(place: Path) -> None:
    classifier = poets.load(place / "graph.pb")
    assert classifier.label([bytearray(turned_jpeg())]) == classifier.label([turned_jpeg()])


@pytest.mark.parametrize(
    "single",
    [
        "rose.jpg",
        Path("rose.jpg"),
        turned_jpeg(),
        np.zeros((9, 9, 3), np.uint8),
        Image.new("L", (9, 9)),
    ],
    ids=["name", "path", "bytes", "array", "image"],
)
def test_one_picture_in_the_place_of_several_is_said(place: Path, single: object) -> None:
    with pytest.raises(UsageError, match="one picture is no list of pictures"):
        poets.load(place / "graph.pb").label(single)  # type: ignore[arg-type]


def test_pictures_are_taken_one_by_one_from_what_makes_them(place: Path) -> None:
    taken = []

    def pictures() -> Iterator[bytes]:
        for number in range(1000):
            taken.append(number)
            yield turned_jpeg() if number < 50 else b"no picture"

    with pytest.raises(DataError, match="not a picture"):
        poets.load(place / "graph.pb").label(pictures())
    assert len(taken) < 1000


@pytest.mark.parametrize("top_k", [0, -1])
def test_no_labels_at_all_cannot_be_asked_for(place: Path, top_k: int) -> None:
    with pytest.raises(UsageError, match="name one label or more"):
        poets.load(place / "graph.pb").label([turned_jpeg()], top_k)


def test_a_name_with_a_zero_byte_is_no_file(place: Path) -> None:
    with pytest.raises(DataError, match="null byte"):
        poets.load(place / "graph.pb").label(["rose\0.jpg"])


def test_what_holds_no_pixel_is_an_error(place: Path) -> None:
    with pytest.raises(DataError, match="a picture in memory"):
        poets.load(place / "graph.pb").label([np.zeros((0, 4), np.uint8)])
