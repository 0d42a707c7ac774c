from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from poets.datasets.making import Recipe, make_folder
from poets.datasets.painted_digits import LABELS, draw_painted_digits
from poets.datasets.painting.digit import SIZE, write_digit
from poets.errors import DataError
from poets.images import count_labels, find_images
from tests.support.archives import tree

Floats = npt.NDArray[np.float64]
MADE = Recipe("made", "things", ("a",), "one.\n", r"[a-z]+\.\n")


def written(count: int, seed: int) -> tuple[Floats, list[str]]:
    """So many of each digit: pixels [n, 784] in [0, 1], and labels."""
    rng = np.random.default_rng(seed)
    labels = list(LABELS) * count
    pictures = [np.asarray(write_digit(label, rng), np.float64).ravel() / 255 for label in labels]
    return np.stack(pictures), labels


def test_ten_digits_come_in_a_folder_each(tmp_path: Path) -> None:
    folder = draw_painted_digits(tmp_path / "digits", per_label=2)

    assert count_labels(find_images(folder)) == dict.fromkeys("0123456789", 2)
    for path in folder.rglob("*.png"):
        with Image.open(path) as picture:
            assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (SIZE, SIZE))


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    first, again, other = (
        tree(draw_painted_digits(tmp_path / name, per_label=1, seed=seed))
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )

    assert first == again
    pictures = {content for drawn in (first, other) for content in drawn.values() if content}
    assert len(pictures) == 2 * (10 + 1)  # with the notes, that name the seeds


def test_what_a_linear_classifier_learns_of_them_leaves_mistakes() -> None:
    learnt, tested = written(60, seed=0), written(30, seed=1)

    accuracy = LogisticRegression(C=0.05, max_iter=300).fit(*learnt).score(*tested)

    assert 0.55 < accuracy < 0.9


def test_they_can_be_told_apart() -> None:
    learnt, tested = written(100, seed=0), written(20, seed=1)
    # Without light and ground, a neighbour is one that is written alike.
    sharp = [np.clip(pixels * 2 - 0.6, 0, 1) for pixels in (learnt[0], tested[0])]

    accuracy = KNeighborsClassifier(1).fit(sharp[0], learnt[1]).score(sharp[1], tested[1])

    assert accuracy > 0.6


@pytest.mark.parametrize("label", LABELS)
def test_a_digit_is_light_on_dark_and_in_the_picture(label: str) -> None:
    rng = np.random.default_rng(int(label))
    for _ in range(30):
        pixels = np.asarray(write_digit(label, rng), np.float64)
        border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        assert pixels[4:-4, 4:-4].max() > border.mean() + 50


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    def fill(whole: Path) -> None:
        (whole / "a" / "1").write_bytes(b"1")
        assert not (tmp_path / "made").exists()

    assert tree(make_folder(tmp_path / "made", MADE, fill)) == {
        "a": None,
        "a/1": b"1",
        "made.txt": b"one.\n",
    }
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


def test_a_folder_that_cannot_be_filled_does_not_appear(tmp_path: Path) -> None:
    def fill(whole: Path) -> None:
        (whole / "a" / "1").write_bytes(b"1")
        raise DataError("no more")

    with pytest.raises(DataError, match="no more"):
        make_folder(tmp_path / "made", MADE, fill)
    assert not list(tmp_path.iterdir())


def test_what_somebody_else_named_alike_is_not_cleared_away(tmp_path: Path) -> None:
    mine = (tmp_path / ".making.mine", tmp_path / ".making.link", tmp_path / ".making.file")
    mine[0].mkdir()
    mine[1].symlink_to(tmp_path)
    mine[2].write_bytes(b"")

    make_folder(tmp_path / "made", MADE, lambda _: None)

    assert all(path.exists() for path in mine)
