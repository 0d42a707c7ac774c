"""The confusion matrix as a picture: readable with few labels and with many."""

import numpy as np
import pytest
from PIL import Image

from poets.dataset import IntArray
from poets.summaries.confusion import confusion_picture


def counts(n: int, wrong: int = 3) -> IntArray:
    matrix = np.diag(np.full(n, 20))
    matrix[0, n - 1] = wrong
    return matrix


def names(n: int) -> list[str]:
    return [f"label {number}" for number in range(n)]


def tinted(picture: Image.Image) -> tuple[int, int]:
    """Return how many pixels are blue and how many orange."""
    pixels = np.asarray(picture).astype(int)
    difference = pixels[..., 2] - pixels[..., 0]
    return int((difference > 20).sum()), int((difference < -20).sum())


@pytest.mark.parametrize("n", [2, 5, 30, 100, 101, 1000])
def test_it_is_of_a_size_that_can_be_looked_at(n: int) -> None:
    picture = confusion_picture(counts(n), names(n))

    assert 100 < picture.width < 2100
    assert 100 < picture.height < 2100


@pytest.mark.parametrize("n", [2, 5, 30, 100, 1000])
def test_right_ones_are_blue_and_wrong_ones_orange(n: int) -> None:
    blue, orange = tinted(confusion_picture(counts(n), names(n)))

    assert blue > orange > 0
    assert tinted(confusion_picture(counts(n, wrong=0), names(n)))[1] == 0


def test_more_mistakes_are_darker() -> None:
    few, many = (
        np.asarray(confusion_picture(counts(200, wrong), names(200))).astype(int)
        for wrong in (1, 15)
    )

    changed = few.sum(axis=2) != many.sum(axis=2)
    assert changed.any()
    orange = changed & (many[..., 0] > many[..., 2])
    assert (many.sum(axis=2)[orange] < few.sum(axis=2)[orange]).all()


def test_a_count_is_written_into_its_cell() -> None:
    one, other = (np.asarray(confusion_picture(counts(5, w), names(5))) for w in (3, 4))

    assert one.shape == other.shape
    assert (one != other).any()


@pytest.mark.parametrize(
    "labels",
    [
        ["a" * 1000, "b"],
        ["蒲公英", "薔薇"],
        ["ромашка", "μαργαρίτα"],
        ["a\tb", "\x1b[31m"],
        ["", " "],
        ["أقحوان", "🌼"],
    ],
)
def test_any_labels_are_drawn_within_the_picture(labels: list[str]) -> None:
    picture = confusion_picture(counts(2), labels)

    assert picture.width < 600
    pixels = np.asarray(picture)
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 255).all()


def test_a_label_without_pictures_has_an_empty_row() -> None:
    assert tinted(confusion_picture(np.zeros((3, 3), np.int64), names(3))) == (0, 0)


def test_the_same_counts_make_the_same_picture() -> None:
    one, other = (confusion_picture(counts(7), names(7)).tobytes() for _ in range(2))

    assert one == other
