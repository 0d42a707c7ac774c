"""What the Images tab is given: sheets of pictures, and words that can be read."""

import io

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageFont

from poets.evaluation.scores import Evaluation
from poets.features.thumbnails import SIDE
from poets.summaries.lettering import font_for, legible, shortened
from poets.summaries.pictures import (
    evenly,
    image_summary,
    labelled_sheet,
    mistakes_sheet,
    variants_sheet,
)
from tests.support.pictures import encoded

LABELS = ("daisy", "roses", "tulips")


def jpeg(colour: str, size: tuple[int, int] = (SIDE, 96)) -> bytes:
    return encoded(Image.new("RGB", size, colour), "JPEG")


def evaluation_of(label_ids: list[int], seed: int = 0) -> Evaluation:
    scores = np.random.default_rng(seed).random((len(label_ids), len(LABELS))).astype(np.float32)
    return Evaluation(LABELS, scores / scores.sum(axis=1, keepdims=True), np.array(label_ids))


def share(sheet: Image.Image, colour: str) -> float:
    """Return which part of the sheet has nearly that colour."""
    difference = ImageChops.difference(sheet, Image.new("RGB", sheet.size, colour))
    return float((np.asarray(difference).max(axis=2) < 40).mean())


# Which pictures


def test_every_label_is_drawn_as_often_as_the_others() -> None:
    label_ids = np.repeat([0, 1, 2], [50, 20, 3])

    rows = evenly(label_ids, 15, np.random.default_rng(0))

    assert np.bincount(label_ids[rows]).tolist() == [6, 6, 3]
    assert label_ids[rows].tolist() == sorted(label_ids[rows])
    assert len(set(rows.tolist())) == 15


@pytest.mark.parametrize("count", [73, 100])
def test_all_are_drawn_where_there_are_no_more(count: int) -> None:
    label_ids = np.repeat([2, 0, 1], [50, 20, 3])

    rows = evenly(label_ids, count, np.random.default_rng(0))

    assert sorted(rows.tolist()) == list(range(73))


def test_with_more_labels_than_places_each_is_drawn_once_at_most() -> None:
    rows = evenly(np.repeat(np.arange(200), 3), 40, np.random.default_rng(0))

    assert len({row // 3 for row in rows.tolist()}) == 40


def test_the_seed_decides_which() -> None:
    label_ids = np.zeros(100, dtype=np.int64)
    drawn = [evenly(label_ids, 10, np.random.default_rng(seed)).tolist() for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_a_label_without_pictures_and_no_pictures_at_all_are_no_obstacle() -> None:
    assert sorted(evenly(np.array([0, 5, 5]), 9, np.random.default_rng(0))) == [0, 1, 2]
    assert evenly(np.empty(0, np.int64), 9, np.random.default_rng(0)).tolist() == []


# Sheets


def test_a_sheet_shows_every_picture_above_its_label() -> None:
    colours = ["red", "lime", "blue", "yellow", "magenta"]

    drawn = labelled_sheet([jpeg(colour) for colour in colours], ["a"] * 5)

    assert drawn is not None
    shares = [share(drawn, colour) for colour in colours]
    assert min(shares) == pytest.approx(SIDE * 96 / drawn.width / drawn.height, rel=0.05)
    assert drawn.width < 5 * SIDE  # in several rows


def test_other_words_make_another_sheet() -> None:
    one, other = (labelled_sheet([jpeg("red")], [name]) for name in ("daisy", "roses"))

    assert one is not None
    assert other is not None
    box = ImageChops.difference(one, other).getbbox()
    assert box is not None
    assert box[1] >= SIDE  # beneath the picture


def test_what_cannot_be_read_is_left_out() -> None:
    drawn = labelled_sheet([b"", jpeg("red"), b""], ["a", "b", "c"])

    assert drawn is not None
    assert drawn.size == (labelled_sheet([jpeg("red")], ["b"]) or drawn).size
    assert labelled_sheet([b""], ["a"]) is None
    assert labelled_sheet([], []) is None


def test_a_picture_of_few_pixels_is_shown_large() -> None:
    drawn = labelled_sheet([jpeg("red", (28, 20))], ["a"])

    assert drawn is not None
    assert share(drawn, "red") * drawn.width * drawn.height == pytest.approx(112 * 80, rel=0.05)


def test_variants_stand_in_a_row_each() -> None:
    drawn = variants_sheet([[jpeg("red"), jpeg("lime")], [jpeg("blue"), b""]], ["a", "b"])

    assert drawn is not None
    assert share(drawn, "red") > 0.1
    assert share(drawn, "blue") == pytest.approx(share(drawn, "red"), rel=0.05)
    assert share(drawn, "lime") == 0  # its row is not whole
    assert drawn.width > drawn.height
    assert variants_sheet([[b""]], ["a"]) is None


def test_mistakes_are_shown_with_what_they_are_and_what_they_were_named() -> None:
    evaluation = evaluation_of([0, 1, 2] * 5)
    rows = evaluation.mistakes

    drawn = mistakes_sheet([jpeg("lime")] * len(rows), rows, evaluation)

    assert drawn is not None
    assert share(drawn, "lime") * drawn.width * drawn.height == pytest.approx(
        len(rows) * SIDE * 96, rel=0.05
    )
    assert share(drawn, "#a8380a") > 0
    assert share(drawn, "#1f4f99") > 0
    assert mistakes_sheet([], np.empty(0, np.int64), evaluation) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_summary_holds_the_picture(kind: str) -> None:
    picture = Image.new("RGB", (30, 20), "red")

    value = image_summary("some/tag", picture, kind)

    assert value.tag == "some/tag"
    with Image.open(io.BytesIO(value.image.encoded_image_string)) as read:
        assert (read.format, read.size) == (kind, picture.size)
        assert (value.image.width, value.image.height) == picture.size
        assert share(read.convert("RGB"), "red") == 1


# Words


def test_labels_that_can_be_drawn_stay_as_they_are() -> None:
    assert legible(["daisy", "a b-c_d", "gänseblümchen"]) == ("daisy", "a b-c_d", "gänseblümchen")


@pytest.mark.parametrize("label", ["\ue000\ue001", "a\tb", "\u202egnp.exe", "\U0010fffd"])
def test_what_no_font_has_is_told_by_its_number(label: str) -> None:
    first, second = legible(["daisy", label])

    assert first == "daisy"
    assert second.startswith("2: ")
    assert "?" in second
    assert second.isprintable()


def test_labels_that_cannot_be_drawn_stay_apart() -> None:
    assert len(set(legible(["\ue000", "\ue001", "\ue000\ue001"]))) == 3


@pytest.mark.parametrize("text", ["daisy " * 20, "x" * 5000, "gänseblümchen" * 9])
def test_a_long_text_is_cut_off_to_fit(text: str) -> None:
    cut = shortened(text, 15, 128)

    assert cut.endswith("…")
    assert text.startswith(cut[:-1])
    assert 90 < font_for(cut, 15).getlength(cut) <= 128


def test_a_text_that_fits_is_whole() -> None:
    assert shortened("daisy", 15, 128) == "daisy"
    assert shortened("", 15, 128) == ""


def test_a_font_has_the_size_that_was_asked_for() -> None:
    font = font_for("daisy", 23)

    assert isinstance(font, ImageFont.FreeTypeFont)
    assert font.size == 23
