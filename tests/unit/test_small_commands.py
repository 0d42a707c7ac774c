"""The commands that list and bring things: split, architectures, fetch."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from poets.cli import architectures, fetch, split
from poets.datasets.flower_photos import LABELS as FLOWERS
from poets.datasets.table import DATASETS
from tests.support.calling import Called, call
from tests.support.commands import COMMANDS, TOP, run_in
from tests.support.pictures import COLOURS
from tests.support.retraining import run_retrain

LABELS = tuple(sorted(COLOURS))


# poets split


def run_split(place: Path, *more: object) -> Called:
    flags = ("--image_dir", place / "images", "--bottleneck_dir", place / "bottlenecks")
    return call(split.command, *flags, *more)


def listed(place: Path, part: str) -> list[str]:
    called = run_split(place, "--part", part)
    assert called.code == 0, called.err
    return called.out.splitlines()


def test_the_parts_are_all_the_pictures_each_once(place: Path) -> None:
    parts = {part: listed(place, part) for part in ("training", "validation", "testing")}

    together = sorted(path for part in parts.values() for path in part)
    assert together == sorted(map(str, (place / "images").glob("*/*.png")))
    assert all(parts.values())


def test_as_many_are_listed_for_testing_as_retrain_tested_with(place: Path, said: Called) -> None:
    tested = re.search(r"\(N=(\d+)\)", said.out)

    assert tested is not None
    assert len(run_split(place).out.splitlines()) == int(tested[1])


def test_files_that_retrain_could_not_read_are_in_no_part(place: Path) -> None:
    red = place / "images" / "red"
    (red / "notes.txt").write_text("not a picture")
    os.mkfifo(red / "pipe")
    (red / "broken").symlink_to("nowhere")
    run_retrain(place)

    everything = [
        path for part in ("training", "validation", "testing") for path in listed(place, part)
    ]

    assert sorted(everything) == sorted(map(str, (place / "images").glob("*/*.png")))


def test_percentages_count(place: Path) -> None:
    called = run_split(place, "--testing_percentage", "0")

    assert called.out == ""
    assert called.code == 0


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # as locales set them
def test_names_that_are_no_text_are_listed_as_they_are(place: Path, errors: str) -> None:
    shutil.copy(
        place / "images/red/red_000.png", place / "images" / "red" / os.fsdecode(b"\xff.png")
    )
    command = [str(COMMANDS / "poets"), "split", "--image_dir", "images", "--part"]

    listed = b""
    for part in ("training", "validation", "testing"):
        ended = subprocess.run(
            [*command, part],
            cwd=place,
            env=os.environ | {"PYTHONIOENCODING": f"utf-8:{errors}"},
            capture_output=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, b"")
        listed += ended.stdout

    assert b"images/red/\xff.png" in listed.splitlines()
    assert len(listed.splitlines()) == 61


def test_a_missing_folder_is_named(place: Path) -> None:
    called = run_split(place, "--image_dir", place / "nowhere")

    assert called.code == 3
    assert "no such folder" in called.err


# poets architectures


def test_every_architecture_is_listed_with_what_it_needs(tmp_path: Path) -> None:
    called = call(architectures.command, "--model_dir", tmp_path)

    lines = called.out.splitlines()
    assert called.code == 0
    lite0 = next(line for line in lines if line.startswith("efficientnet_lite0 "))
    assert "224 px" in lite0
    assert "pip" in lite0
    mobilenet = next(line for line in lines if line.startswith("mobilenet_0.25_128 "))
    assert "128 px" in mobilenet


# poets fetch


def test_fetch_lists_what_there_is(tmp_path: Path) -> None:
    called = call(fetch.command, "--list", folder=tmp_path)

    assert called.code == 0
    heading, *rows = called.out.splitlines()
    assert heading.startswith("data set ")
    assert [row.split()[0] for row in rows] == list(DATASETS)
    assert list(tmp_path.iterdir()) == []


def test_fetch_without_a_name_lists_too_and_is_an_error(tmp_path: Path) -> None:
    called = call(fetch.command, folder=tmp_path)

    assert called.code == 2
    assert "painted_flowers" in called.out
    assert "poets fetch DATASET" in called.err


def test_fetch_suggests_a_name(tmp_path: Path) -> None:
    called = call(fetch.command, "flower_fotos", folder=tmp_path)

    assert (called.code, called.out) == (2, "")
    assert "Did you mean 'flower_photos'?" in called.err


def make_flowers(folder: Path) -> None:
    for label in FLOWERS:
        (folder / label).mkdir(parents=True)
        (folder / label / "1.jpg").touch()


def test_fetch_prints_the_folder_and_nothing_else_on_standard_output(tmp_path: Path) -> None:
    make_flowers(tmp_path / "tf_files" / "flower_photos")

    called = call(fetch.command, "flower_photos", folder=tmp_path)

    assert (called.code, called.out) == (0, "tf_files/flower_photos\n")
    assert "5 pictures, 5 labels" in called.err


def test_fetch_brings_to_the_folder_that_was_named(tmp_path: Path) -> None:
    make_flowers(tmp_path / "mine")

    called = call(fetch.command, "flower_photos", "mine", folder=tmp_path)

    assert (called.code, called.out) == (0, "mine\n")


def test_fetch_takes_the_other_where_that_is_there_already(tmp_path: Path) -> None:
    make_flowers(tmp_path / "tf_files" / "painted_flowers")

    called = call(fetch.command, "flower_photos", "--else", "painted_flowers", folder=tmp_path)

    assert (called.code, called.out) == (0, "tf_files/painted_flowers\n")
    assert "to try flower_photos again, remove it" in called.err


def test_fetch_takes_the_other_where_the_first_cannot_be_had(tmp_path: Path) -> None:
    painted = tmp_path / "tf_files" / "painted_flowers"
    make_flowers(painted)
    note = "100 pictures a label, painted by poets with seed 0.\n"
    (painted / "painted_flowers.txt").write_text(note)
    (tmp_path / "tf_files" / "flower_photos" / "something else").mkdir(parents=True)

    called = call(fetch.command, "flower_photos", "--else", "painted_flowers", folder=tmp_path)

    assert (called.code, called.out) == (0, "tf_files/painted_flowers\n")
    assert "flower_photos is out of reach: " in called.err


def test_fetch_without_another_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "tf_files" / "flower_photos" / "something else").mkdir(parents=True)

    called = call(fetch.command, "flower_photos", folder=tmp_path)

    assert (called.code, called.out) == (3, "")
    assert "is there, but not with all of flower_photos" in called.err


def test_the_scripts_of_the_codelab_are_the_commands() -> None:
    for name in ("retrain", "label_image"):
        ended = run_in(TOP, "python", "-m", f"scripts.{name}", "--help")
        assert ended.returncode == 0
        assert "Usage: " in ended.stdout
