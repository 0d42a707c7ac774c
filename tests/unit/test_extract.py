"""From pictures to features: what is computed, what is not, and what no accident may cost."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.decode import decode
from poets.errors import ModelError, OutputError
from poets.features.cache import CACHE_FILE
from tests.support.backbones import FEATURE_SIZE, tiny_features
from tests.support.extraction import SMALL
from tests.support.pictures import encoded, gradient
from tests.support.places import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """30 pictures of three colours."""
    return Place(tmp_path, 10)


def test_every_picture_has_the_features_that_the_backbone_gives_it(place: Place) -> None:
    extraction, _ = place.extract()

    assert [image.path for image in extraction.images] == sorted(place.images.glob("*/*"))
    assert extraction.values.shape == (30, FEATURE_SIZE)
    assert extraction.values.dtype == np.float32
    for image, row in zip(extraction.images, extraction.values, strict=True):
        pixels = decode(image.path.read_bytes(), (SMALL.height, SMALL.width))
        assert np.abs(row - tiny_features((pixels - 127.5) / 127.5)).max() < 1e-5


def test_a_second_run_computes_nothing_and_gives_the_same_bits(place: Place) -> None:
    first, cold = place.extract()
    second, warm = place.extract()

    assert (cold.cached, cold.new) == (0, 30)
    assert (warm.cached, warm.new) == (30, 0)
    assert first.images == second.images
    assert first.values.tobytes() == second.values.tobytes()


def test_progress_is_told_picture_by_picture_and_only_where_there_is_work(place: Place) -> None:
    _, cold = place.extract()
    _, warm = place.extract()

    assert cold.titles == [("Features", 30, "images")]
    assert sum(cold.advances) == 30
    assert warm.titles == []


def test_a_warm_run_opens_no_picture(place: Place) -> None:
    first, _ = place.extract()
    for path in place.images.glob("*/*"):  # other bytes, of which neither size nor time tells
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    second, warm = place.extract()

    assert warm.new == 0
    assert first.values.tobytes() == second.values.tobytes()


def test_pictures_that_are_renamed_moved_copied_or_touched_cost_no_forward_pass(
    place: Place,
) -> None:
    place.extract()
    red = sorted((place.images / "red").iterdir())
    red[0].rename(red[0].with_name("renamed.png"))
    red[1].rename(place.images / "blue" / "moved.png")
    shutil.copyfile(red[2], place.images / "green" / "copied.png")
    red[3].touch()
    red[4].write_bytes(red[4].read_bytes())

    extraction, recorder = place.extract()

    assert recorder.new == 0
    assert recorder.cached == len(extraction.images) == 31


def test_a_folder_that_moved_costs_no_forward_pass(place: Place) -> None:
    first, _ = place.extract()
    place.images = place.images.rename(place.images.with_name("moved"))

    second, warm = place.extract()

    assert warm.new == 0
    assert first.values.tobytes() == second.values.tobytes()


def test_known_content_under_another_name_is_known_to_other_backbones_as_new(place: Place) -> None:
    place.extract()
    path = place.images / "red" / "red_000.png"
    path.rename(path.with_name("renamed.png"))
    place.extract()
    place.backbone = replace(place.backbone, digest="another")

    extraction, recorder = place.extract()

    assert recorder.new == 30
    assert len(extraction.images) == 30
    assert extraction.skipped == ()


def test_changed_pictures_are_computed_anew(place: Place) -> None:
    before, _ = place.extract()
    changed = place.images / "red" / "red_003.png"
    changed.write_bytes(encoded(gradient()))

    after, recorder = place.extract()

    row = [image.path for image in after.images].index(changed)
    differs = (before.values != after.values).any(axis=1)
    assert np.flatnonzero(differs).tolist() == [row]
    assert (recorder.cached, recorder.new) == (29, 1)


def test_the_same_picture_twice_in_one_run_has_the_same_features(place: Place) -> None:
    shutil.copyfile(place.images / "red" / "red_000.png", place.images / "red" / "a_copy.png")

    extraction, _ = place.extract()

    names = [image.path.name for image in extraction.images]
    copy, original = (extraction.values[names.index(n)] for n in ("a_copy.png", "red_000.png"))
    assert copy.tobytes() == original.tobytes()
    assert place.known() == 30


# Files that are no pictures


def spoil(folder: Path) -> dict[str, str]:
    """Put unreadable files into a label's folder; return their names with what is wrong."""
    folder.joinpath("cut.png").write_bytes(encoded(gradient())[:300])
    folder.joinpath("empty.png").touch()
    folder.joinpath("notes.txt").write_text("not a picture")
    folder.joinpath("nowhere.png").symlink_to("missing")
    os.mkfifo(folder / "pipe.png")
    return {
        "cut.png": "truncated",
        "empty.png": "an empty file",
        "notes.txt": "not a picture",
        "nowhere.png": "no such file",
        "pipe.png": "not a file",
    }


def test_unreadable_files_are_skipped_each_with_its_reason_and_in_order(place: Place) -> None:
    wrong = spoil(place.images / "green")

    extraction, recorder = place.extract()

    assert [skipped.path.name for skipped in extraction.skipped] == sorted(wrong)
    for skipped in extraction.skipped:
        assert skipped.reason.startswith(wrong[skipped.path.name])
    assert len(extraction.images) == len(extraction.values) == 30
    assert list(recorder.skipped) == list(extraction.skipped)


def test_unreadable_pictures_are_remembered_and_what_is_no_file_is_asked_again(
    place: Place,
) -> None:
    spoil(place.images / "green")
    first, _ = place.extract()
    (place.images / "green" / "missing").write_bytes(encoded(gradient()))  # mends the link

    second, recorder = place.extract()

    assert recorder.new == 2  # the link and its target; the pipe has nothing to compute
    assert {one.path.name for one in first.skipped} - {one.path.name for one in second.skipped} == {
        "nowhere.png"
    }


def test_a_picture_that_was_mended_is_read(place: Place) -> None:
    path = place.images / "red" / "red_000.png"
    content = path.read_bytes()
    path.write_bytes(content[:200])
    broken, _ = place.extract()
    path.write_bytes(content)

    mended, recorder = place.extract()

    assert len(broken.images) == 29
    assert len(mended.images) == 30
    assert recorder.new == 1


def test_a_folder_without_any_picture_gives_no_features_of_the_right_size(tmp_path: Path) -> None:
    place = Place(tmp_path, 0)
    (place.images / "red" / "notes.txt").write_text("none")

    extraction, _ = place.extract()

    assert extraction.values.shape == (0, FEATURE_SIZE)
    assert extraction.values.dtype == np.float32
    assert len(extraction.skipped) == 1


def test_a_backbone_that_cannot_be_run_is_named_and_nothing_is_kept(place: Place) -> None:
    place.backbone.tflite_path.write_bytes(b"no flatbuffer")

    with pytest.raises(ModelError, match=r"backbone\.tflite"):
        place.extract()
    assert place.known() == 0


def test_a_damaged_cache_costs_no_more_than_its_features(place: Place) -> None:
    first, _ = place.extract()
    path = place.cache / CACHE_FILE
    path.write_bytes(path.read_bytes()[:-20_000] + bytes(20_000))

    second, _ = place.extract()
    third, warm = place.extract()

    assert warm.new == 0
    assert first.values.tobytes() == second.values.tobytes() == third.values.tobytes()


def test_a_cache_that_cannot_be_made_is_named(place: Place) -> None:
    place.cache.write_bytes(b"a file")

    with pytest.raises(OutputError, match="cannot be written"):
        place.extract()
