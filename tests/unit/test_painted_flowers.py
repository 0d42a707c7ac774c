from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from poets.datasets.painted_flowers import LABELS, draw_painted_flowers
from poets.datasets.painting.scene import paint
from poets.errors import DataError, OutputError, UsageError
from poets.images import count_labels, find_images
from poets.report import Advance, Reporter
from tests.support.archives import tree
from tests.support.reporters import Recorder


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures a label; tests only look at them."""
    return draw_painted_flowers(tmp_path_factory.mktemp("drawn") / "flowers", per_label=3)


def pictures(label: str, count: int, size: int = 64) -> list[Image.Image]:
    return [paint(label, np.random.default_rng(number), size) for number in range(count)]


def mean_colours(label: str) -> npt.NDArray[np.float64]:
    """Red, green and blue of each of a dozen pictures, [12, 3]."""
    return np.stack([np.asarray(p, np.float64).mean(axis=(0, 1)) for p in pictures(label, 12)])


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_codelabs_five_flowers_come_in_a_folder_a_label(flowers: Path) -> None:
    assert LABELS == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    assert count_labels(find_images(flowers)) == dict.fromkeys(LABELS, 3)
    assert (flowers / "roses" / "roses_0003.jpg").is_file()


def test_every_picture_is_a_jpeg_of_256_pixels(flowers: Path) -> None:
    for found in find_images(flowers):
        with Image.open(found.path) as picture:
            picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (256, 256))


def test_the_same_seed_gives_the_same_bytes_however_many_are_drawn(
    flowers: Path, tmp_path: Path
) -> None:
    fewer = draw_painted_flowers(tmp_path / "fewer", per_label=1)

    for found in find_images(fewer):
        assert found.path.read_bytes() == (flowers / found.path.relative_to(fewer)).read_bytes()


def test_another_seed_gives_other_pictures(flowers: Path, tmp_path: Path) -> None:
    others = draw_painted_flowers(tmp_path / "others", per_label=1, seed=2**63 - 1)

    for found in find_images(others):
        assert found.path.read_bytes() != (flowers / found.path.relative_to(others)).read_bytes()


def test_no_two_pictures_are_alike(flowers: Path) -> None:
    images = find_images(flowers)

    assert len({found.path.read_bytes() for found in images}) == len(images) == 15


@pytest.mark.parametrize("label", LABELS)
def test_a_labels_pictures_vary_in_brightness_and_in_colour(label: str) -> None:
    colours = mean_colours(label)

    assert colours.mean(axis=1).std() > 15
    assert (colours[:, 0] - colours[:, 2]).std() > 8


def test_the_mean_colour_does_not_give_the_label_away() -> None:
    colours = np.stack([mean_colours(label) for label in LABELS])
    centres = colours[:, ::2].mean(axis=1)
    distances = np.linalg.norm(colours[:, 1::2, None] - centres, axis=-1)

    told = distances.argmin(axis=-1) == np.arange(len(LABELS))[:, None]

    assert told.mean() < 0.6


def test_the_same_scene_with_another_flower_is_another_picture() -> None:
    drawn = [pictures(label, 1)[0].tobytes() for label in LABELS]

    assert len(set(drawn)) == len(LABELS)


@pytest.mark.parametrize("size", [16, 33, 200])
@pytest.mark.parametrize("label", LABELS)
def test_a_picture_has_the_size_asked_for(label: str, size: int) -> None:
    picture = paint(label, np.random.default_rng(5), size)

    assert picture.size == (size, size)
    assert np.ptp(np.asarray(picture)) > 30


def test_the_reporter_hears_of_every_picture(tmp_path: Path) -> None:
    recorder = Recorder()

    draw_painted_flowers(tmp_path / "flowers", per_label=1, reporter=recorder)

    assert recorder.titles == [("Painting flowers", 5, "pictures")]
    assert recorder.advances == [1] * 5


def test_what_was_drawn_before_is_kept_as_the_user_left_it(tmp_path: Path) -> None:
    folder = draw_painted_flowers(tmp_path / "flowers", per_label=1)
    (folder / "daisy" / "daisy_0001.jpg").write_bytes(b"retouched")
    (folder / "roses" / "roses_0001.jpg").unlink()
    (folder / "weeds").mkdir()
    before, recorder = tree(folder), Recorder()

    assert draw_painted_flowers(folder, per_label=1, reporter=recorder) == folder

    assert tree(folder) == before
    assert not recorder.titles


def test_pictures_drawn_with_other_numbers_are_left_alone(flowers: Path) -> None:
    before = tree(flowers)

    with pytest.raises(
        DataError, match="3 pictures a label, painted by poets with seed 0"
    ) as caught:
        draw_painted_flowers(flowers, per_label=3, seed=1)

    assert "another folder" in caught.value.hint
    assert tree(flowers) == before


def test_a_label_that_was_removed_is_not_drawn_again(tmp_path: Path) -> None:
    folder = draw_painted_flowers(tmp_path / "flowers", per_label=1)
    (folder / "tulips").rename(tmp_path / "tulips")

    with pytest.raises(DataError, match="no folder 'tulips'"):
        draw_painted_flowers(folder, per_label=1)


@pytest.mark.parametrize("note", [None, "", "\x1b[2Jpainted by poets", "x" * 10_000])
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, note: str | None) -> None:
    folder = tmp_path / "flowers"
    for label in LABELS:
        (folder / label).mkdir(parents=True)
        (folder / label / "mine.jpg").write_bytes(b"mine")
    if note is not None:
        (folder / "painted_flowers.txt").write_text(note)
    before = tree(tmp_path)

    with pytest.raises(DataError, match=r"not with these painted flowers: something else\."):
        draw_painted_flowers(folder, per_label=1)
    assert tree(tmp_path) == before


def test_a_file_or_a_broken_link_in_the_place_is_left_alone(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("mine")
    link.symlink_to("nowhere")

    for place in (file, link):
        with pytest.raises(DataError, match="is there"):
            draw_painted_flowers(place, per_label=1)

    assert file.read_text() == "mine"
    assert names_in(tmp_path) == ["file", "link"]


def test_an_empty_folder_or_a_link_to_one_is_filled(tmp_path: Path) -> None:
    empty, link = tmp_path / "empty", tmp_path / "link"
    empty.mkdir()
    link.symlink_to(empty)

    assert draw_painted_flowers(link, per_label=1) == link

    assert link.is_symlink()
    assert count_labels(find_images(empty)) == dict.fromkeys(LABELS, 1)


class Impatient(Reporter):
    """Stops the work as Ctrl-C does, at the third picture."""

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:
        done: list[int] = []

        def advance(count: int) -> None:
            done.append(count)
            if len(done) == 3:
                raise KeyboardInterrupt(f"{name} {total} {unit}")

        yield advance


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="Painting flowers 10 pictures"):
        draw_painted_flowers(tmp_path / "flowers", per_label=2, reporter=Impatient())

    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    place = tmp_path / "file" / "flowers"

    with pytest.raises(OutputError, match=f"{place} cannot be written"):
        draw_painted_flowers(place, per_label=1)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("place", ["ünïcode 花", "a/b/c", "x" * 255])
def test_the_folder_may_have_any_name(place: str, tmp_path: Path) -> None:
    folder = draw_painted_flowers(tmp_path / place, per_label=1)

    assert count_labels(find_images(folder)) == dict.fromkeys(LABELS, 1)
    assert names_in(folder.parent) == [folder.name]


class Overtaken(Reporter):
    """While one picture is painted, something else gets done."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:
        self._meanwhile()
        with super().progress(name, total, unit) as advance:
            yield advance


def test_of_two_at_once_the_faster_one_counts(tmp_path: Path) -> None:
    folder = tmp_path / "flowers"
    other = Overtaken(lambda: draw_painted_flowers(folder, per_label=1))

    assert draw_painted_flowers(folder, per_label=1, reporter=other) == folder

    assert names_in(tmp_path) == ["flowers"]
    assert count_labels(find_images(folder)) == dict.fromkeys(LABELS, 1)


def test_a_folder_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "flowers" / "mine.txt"

    def appear() -> None:
        mine.parent.mkdir()
        mine.write_text("mine")

    with pytest.raises(DataError, match="something else"):
        draw_painted_flowers(mine.parent, per_label=1, reporter=Overtaken(appear))
    assert names_in(tmp_path) == ["flowers"]
    assert tree(mine.parent) == {"mine.txt": b"mine"}


@pytest.mark.parametrize(("per_label", "seed"), [(0, 0), (-1, 0), (1, -1)])
def test_numbers_that_cannot_be_are_refused(per_label: int, seed: int, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be painted"):
        draw_painted_flowers(tmp_path / "flowers", per_label=per_label, seed=seed)
    assert not list(tmp_path.iterdir())
