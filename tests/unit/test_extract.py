"""From pictures to features: what is computed, what is not, and what no accident may cost."""

import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.decode import decode
from poets.errors import ModelError, OutputError
from poets.features.cache import CACHE_FILE, FeatureCache
from poets.features.extract import Extraction
from tests.support.backbones import FEATURE_SIZE, tiny_backbone, tiny_features
from tests.support.commands import TOP
from tests.support.extraction import SMALL, extract
from tests.support.pictures import encoded, gradient, paint_folders
from tests.support.reporters import Recorder

AT_ONCE = 64  # pictures that a kill may cost


class Place:
    """A folder of pictures, a backbone and a cache."""

    def __init__(self, folder: Path, count: int) -> None:
        self.images, self.cache = folder / "images", folder / "cache"
        self.backbone = tiny_backbone(folder / "backbone", SMALL)
        paint_folders(self.images, count)

    def extract(self) -> tuple[Extraction, Recorder]:
        recorder = Recorder()
        return extract(self.images, self.backbone, self.cache, recorder), recorder

    def start(self, *limit: str) -> subprocess.Popen[str]:
        program = [sys.executable, "-m", "tests.support.extraction"]
        places = (self.images, self.backbone.folder, self.cache)
        return subprocess.Popen(
            [*program, *map(str, places), *limit],
            cwd=TOP,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def known(self) -> int:
        with FeatureCache(self.cache) as cache:
            return len(cache.known_content(self.backbone.digest))


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


# Accidents


def kill_after(place: Place, pictures: int) -> None:
    """Kill an extraction when it has said that so many pictures are done."""
    with place.start() as process:
        assert process.stdout is not None
        for _ in range(pictures):
            assert process.stdout.readline().startswith("done")
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def check_kill(place: Place, pictures: int) -> None:
    kill_after(place, pictures)

    kept = place.known()
    extraction, recorder = place.extract()

    assert kept >= pictures - pictures % AT_ONCE
    assert recorder.cached == kept
    assert len(extraction.images) == 300
    assert not (place.cache / "features.damaged").exists()


@pytest.fixture
def many(tmp_path: Path) -> Place:
    """300 pictures: several batches."""
    return Place(tmp_path, 100)


@pytest.mark.parametrize("pictures", [1, 150])
def test_a_kill_costs_a_batch_at_most_and_the_cache_goes_on(many: Place, pictures: int) -> None:
    check_kill(many, pictures)


@pytest.mark.slow
def test_kills_at_any_moment_cost_a_batch_at_most(many: Place) -> None:
    rng = random.Random(0)
    for _ in range(30):
        shutil.rmtree(many.cache, ignore_errors=True)
        check_kill(many, rng.randrange(1, 250))


@pytest.mark.slow
def test_one_kill_after_another_gets_there_in_the_end(many: Place) -> None:
    for _ in range(3):
        kill_after(many, AT_ONCE)

    assert many.known() >= 3 * AT_ONCE
    assert len(many.extract()[0].images) == 300


def test_two_processes_may_fill_one_cache(many: Place) -> None:
    processes = [many.start(), many.start()]
    said = [process.communicate(timeout=120) for process in processes]

    assert [error for _, error in said] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    together, recorder = many.extract()
    assert recorder.new == 0
    many.cache = many.cache.with_name("alone")
    alone, _ = many.extract()
    assert together.values.tobytes() == alone.values.tobytes()


def test_a_full_disk_is_named_and_what_is_kept_stays(many: Place) -> None:
    with many.start("140000") as process:
        out, error = process.communicate(timeout=120)

    assert process.returncode == 1
    assert str(many.cache / CACHE_FILE) in error
    assert "cannot be written" in error
    assert out.count("done") >= AT_ONCE
    extraction, recorder = many.extract()
    assert recorder.cached > 0
    assert len(extraction.images) == 300


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
