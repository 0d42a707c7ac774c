"""MNIST, Fashion-MNIST and CIFAR-10: what is read from their files, and where it is put."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.datasets.cifar10 import CIFAR10
from poets.datasets.mnist import FASHION_MNIST, MNIST
from poets.datasets.png import png_of
from poets.datasets.published import Published, fetch_published
from poets.errors import DataError, UsageError
from poets.images import count_labels, find_images
from tests.support.archives import tree
from tests.support.http import Site
from tests.support.published import label_ids, pixels, small_cifar, small_mnist
from tests.support.reporters import Recorder

DIGITS = tuple("0123456789")


@pytest.fixture
def mnist() -> Iterator[tuple[Site, Published]]:
    with small_mnist() as served:
        yield served


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def pictures(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*.png"))


def test_the_digits_come_in_a_folder_a_label(mnist: tuple[Site, Published], tmp_path: Path) -> None:
    _, data = mnist
    recorder = Recorder()

    folder = fetch_published(data, tmp_path / "digits", reporter=recorder)

    assert count_labels(find_images(folder)) == dict.fromkeys(DIGITS, 4)
    assert names_in(folder / "3")[0] == "mnist_train_00003.png"
    assert [title for title, _, _ in recorder.titles] == [
        "Downloading train-images-idx3-ubyte.gz",
        "Downloading train-labels-idx1-ubyte.gz",
        "Writing pictures",
    ]
    assert recorder.titles[-1][1:] == (40, "pictures")


def test_every_pixel_is_the_published_one(mnist: tuple[Site, Published], tmp_path: Path) -> None:
    folder = fetch_published(mnist[1], tmp_path / "digits")

    for number, (values, label) in enumerate(
        zip(pixels("train", 28, 28), label_ids("train"), strict=True)
    ):
        with Image.open(folder / str(label) / f"mnist_train_{number:05}.png") as picture:
            assert (picture.format, picture.mode) == ("PNG", "L")
            assert np.array_equal(np.asarray(picture), values)


def test_colours_are_the_published_ones(tmp_path: Path) -> None:
    with small_cifar() as (_, data):
        folder = fetch_published(data, tmp_path / "cifar", part="test")

    for number, (values, label) in enumerate(
        zip(pixels("test", 32, 32, 3), label_ids("test"), strict=True)
    ):
        name = f"cifar10_test_{number:05}.png"
        with Image.open(folder / CIFAR10.labels[label] / name) as picture:
            assert np.array_equal(np.asarray(picture), values)


def test_another_part_needs_no_second_download_of_what_holds_both(tmp_path: Path) -> None:
    with small_cifar() as (site, data):
        train = fetch_published(data, tmp_path / "cifar")
        assert site.ranges == [None]
    (tmp_path / "cifar.files").rename(tmp_path / "both.files")

    both = fetch_published(data, tmp_path / "both", part="all")

    assert len(pictures(train)) == 40
    assert len(pictures(both)) == 60
    assert set(pictures(train)) < set(pictures(both))


def test_an_archive_of_two_parts_is_unpacked_once(tmp_path: Path) -> None:
    recorder = Recorder()
    with small_cifar() as (_, data):
        fetch_published(data, tmp_path / "cifar", part="all", reporter=recorder)

    titles = [title for title, _, _ in recorder.titles]
    assert titles.count("Unpacking cifar-10-binary.tar.gz") == 1


def test_a_part_is_brought_alone(mnist: tuple[Site, Published], tmp_path: Path) -> None:
    site, data = mnist

    folder = fetch_published(data, tmp_path / "digits", part="test")

    assert count_labels(find_images(folder)) == dict.fromkeys(DIGITS, 2)
    assert names_in(tmp_path / "digits.files") == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]
    assert len(site.ranges) == 2


def test_a_limit_keeps_so_many_a_label_and_a_larger_one_keeps_them_too(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    _, data = mnist
    chosen = {}
    for limit in (1, 3, 100):
        folder = fetch_published(data, tmp_path / str(limit), per_label=limit)
        assert count_labels(find_images(folder)) == dict.fromkeys(DIGITS, min(limit, 4))
        chosen[limit] = set(pictures(folder))

    assert chosen[1] < chosen[3] < chosen[100]


def test_another_seed_chooses_others_and_the_same_one_the_same(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    chosen = [
        pictures(fetch_published(mnist[1], tmp_path / str(n), per_label=1, seed=seed))
        for n, seed in enumerate((1, 1, 2))
    ]

    assert chosen[0] == chosen[1]
    assert chosen[0] != chosen[2]


def test_the_same_order_brings_the_same_bytes(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    first, again = (fetch_published(mnist[1], tmp_path / name) for name in ("first", "again"))

    assert tree(first) == tree(again)


def test_what_is_there_is_kept_as_the_user_left_it(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist
    folder = fetch_published(data, tmp_path / "digits")
    (folder / "1" / "mnist_train_00001.png").write_bytes(b"mine")
    (folder / "2" / "mnist_train_00002.png").unlink()
    before = tree(tmp_path)

    assert fetch_published(data, folder) == folder

    assert tree(tmp_path) == before
    assert len(site.ranges) == 2


@pytest.mark.parametrize("options", [{"part": "test"}, {"per_label": 2}, {"seed": 1}])
def test_another_order_into_the_same_folder_is_refused(
    options: dict[str, str], mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    _, data = mnist
    folder = fetch_published(data, tmp_path / "digits")
    before = tree(tmp_path)

    with pytest.raises(DataError, match="mnist, train: all pictures a label, seed 0") as caught:
        fetch_published(data, folder, **options)  # type: ignore[arg-type]

    assert "another folder" in caught.value.hint
    assert tree(tmp_path) == before


def test_a_folder_with_something_else_is_left_alone(
    mnist: tuple[Site, Published], tmp_path: Path
) -> None:
    site, data = mnist
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "mnist_train_00003.png").write_bytes(b"mine")
    before = tree(tmp_path)

    with pytest.raises(DataError, match="something else"):
        fetch_published(data, tmp_path)

    assert tree(tmp_path) == before
    assert site.ranges == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"part": "validation"}, "no part 'validation'"),
        ({"per_label": 0}, "0 pictures a label"),
        ({"seed": -1}, "with seed -1"),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    options: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=says):
        fetch_published(MNIST, tmp_path / "digits", **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("data", [MNIST, FASHION_MNIST, CIFAR10], ids=lambda data: data.name)
def test_the_published_files_are_pinned(data: Published) -> None:
    files = data.files_of(tuple(data.parts))

    assert len(data.labels) == len(set(data.labels)) == 10
    assert not any("/" in label for label in data.labels)
    assert all(len(file.sha256 or "") == 64 for file in files)
    assert len({file.sha256 for file in files}) == len(files)
    assert all(source.endswith("/") for source in data.sources)


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (5, 300), (3, 2, 3)])
def test_a_png_is_read_as_it_was_written(shape: tuple[int, ...], tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    (tmp_path / "a.png").write_bytes(png_of(values))

    with Image.open(tmp_path / "a.png") as picture:
        picture.verify()
    with Image.open(tmp_path / "a.png") as picture:
        assert np.array_equal(np.asarray(picture), values)
