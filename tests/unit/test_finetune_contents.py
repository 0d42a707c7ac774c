"""Which files are pictures, asked once."""

import hashlib
from pathlib import Path

import pytest

from poets.features.cache import FeatureCache
from poets.finetune.contents import Contents, find_readable
from poets.images import find_images
from poets.preprocess import Preprocess
from tests.support.pictures import paint_folders
from tests.support.reporters import Recorder

SMALL = Preprocess(28, 28, mean=127.5, std=127.5, channels=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    paint_folders(tmp_path / "images", 3)
    return tmp_path


def look(folder: Path, recorder: Recorder | None = None) -> Contents:
    with FeatureCache(folder / "cache") as cache:
        images = find_images(folder / "images")
        return find_readable(images, SMALL, cache, recorder or Recorder())


def test_each_picture_comes_with_its_hash(folder: Path) -> None:
    contents = look(folder)

    assert contents.images == find_images(folder / "images")
    assert contents.skipped == ()
    hashes = [hashlib.sha256(image.path.read_bytes()).digest() for image in contents.images]
    assert [*contents.hashes] == hashes


def test_what_is_no_picture_is_told_with_the_reason(folder: Path) -> None:
    first = find_images(folder / "images")[0]
    (first.path.parent / "broken.png").write_bytes(b"no picture")

    for _ in range(2):  # the second time from the cache
        contents = look(folder)

        assert [skipped.path.name for skipped in contents.skipped] == ["broken.png"]
        assert contents.skipped[0].reason == "not a picture"
        assert "broken.png" not in {image.path.name for image in contents.images}


def test_a_file_is_opened_once(folder: Path) -> None:
    first, second = Recorder(), Recorder()
    before = look(folder, first)

    assert look(folder, second) == before
    assert [total for _, total, _ in first.titles] == [len(before.images)]
    assert second.titles == []


def test_a_file_that_went_away_is_skipped(folder: Path) -> None:
    images = find_images(folder / "images")
    images[0].path.unlink()

    with FeatureCache(folder / "cache") as cache:
        contents = find_readable(images, SMALL, cache, Recorder())

    assert contents.images == images[1:]
    assert [skipped.path for skipped in contents.skipped] == [images[0].path]
