"""Folders that no labels can be learned from, and labels that are odd but fine."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.desk import Desk, contents, refusal

LAYOUT = "One sub-folder of pictures a label is wanted: FOLDER/daisy/1.jpg, FOLDER/roses/2.jpg."


def empty(pictures: Path) -> None:
    shutil.rmtree(pictures)
    pictures.mkdir()


def only_files(pictures: Path) -> None:
    for path in list(pictures.rglob("*.png")):
        path.rename(pictures / path.name)


def one_label(pictures: Path) -> None:
    shutil.rmtree(pictures / "red")
    shutil.rmtree(pictures / "green")


def one_readable_label(pictures: Path) -> None:
    for label in ("red", "green"):
        for path in (pictures / label).iterdir():
            path.write_text("no picture")


def no_readable_label(pictures: Path) -> None:
    for path in pictures.rglob("*.png"):
        path.write_text("no picture")


def keep(count: int) -> Callable[[Path], None]:
    def keep_few(pictures: Path) -> None:
        for path in sorted((pictures / "red").iterdir())[count:]:
            path.unlink()

    return keep_few


def rename(name: str) -> Callable[[Path], object]:
    return lambda pictures: (pictures / "red").rename(pictures / name)


def twins(pictures: Path) -> None:
    (pictures / "red").rename(pictures / "caf\u00e9")
    (pictures / "blue").rename(pictures / "cafe\u0301")


@pytest.mark.parametrize(
    ("spoil", "phrases"),
    [
        (empty, ["No valid folders of images found at pictures", LAYOUT]),
        (only_files, ["No valid folders of images found at pictures", LAYOUT]),
        (no_readable_label, ["No valid folders of images found at pictures", LAYOUT]),
        (one_label, ["Only one valid folder of images found at pictures - multiple classes"]),
        (one_readable_label, ["Only one valid folder of images found at pictures - multiple"]),
        (keep(1), ["red: 1 readable picture, 3 are needed", "Add pictures"]),
        (keep(2), ["red: 2 readable pictures, 3 are needed", "Add pictures"]),
        (twins, [r"'pictures/cafe\u0301' and 'pictures/caf\xe9' are one label", "Rename one"]),
        (rename("r\ned"), [r"'pictures/r\ned': the name has a line break", "Rename the folder"]),
        (rename(os.fsdecode(b"r\xe9d")), [r"'pictures/r\udce9d': the name is not UTF-8"]),
    ],
)
def test_it_is_refused_and_nothing_is_written(
    spoil: Callable[[Path], object], phrases: list[str], desk: Desk
) -> None:
    spoil(desk.pictures)
    before = contents(desk.pictures)
    message = refusal(desk.retrain(), 3)
    assert all(phrase in message for phrase in phrases), message
    assert desk.results() == {}
    assert contents(desk.pictures) == before


def test_three_pictures_a_label_are_enough_and_a_warning(desk: Desk) -> None:
    keep(3)(desk.pictures)
    output = desk.retrain()
    assert output.returncode == 0, output.stderr
    assert "WARNING: red: 3 pictures; fewer than 20 may cause trouble." in output.stderr


def test_a_folder_without_a_readable_picture_is_no_label(desk: Desk) -> None:
    (desk.pictures / "notes").mkdir()
    (desk.pictures / "notes" / "read me.txt").write_text("hello")
    output = desk.retrain()
    assert output.returncode == 0, output.stderr
    assert "WARNING: notes: no readable picture; it is not a label." in output.stderr
    assert (desk.tf_files / "retrained_labels.txt").read_text() == "blue\ngreen\nred\n"


@pytest.mark.parametrize(
    "label",
    [
        "Röd 🌹 色",
        " space at both ends ",
        "-x",
        "'quotes\" $(id)",
        "[bold]x",
        "L" * 255,
        "\x1b]0;title\x07",
        "\u2028\u202e",
        "con.txt",
    ],
)
def test_a_label_is_the_name_of_its_folder_whatever_that_is(label: str, desk: Desk) -> None:
    rename(label)(desk.pictures)
    picture = desk.pictures / label / "red_000.png"
    output = desk.retrain()
    assert output.returncode == 0, output.stderr
    labels = (desk.tf_files / "retrained_labels.txt").read_bytes().decode()
    assert labels == "".join(f"{name}\n" for name in sorted([label, "blue", "green"]))
    shown = label.replace("\x1b", r"\x1b").replace("\x07", r"\x07")
    assert desk.label(picture).stdout.split("\n")[3].startswith(f"{shown} (score=")
    assert "\x1b" not in output.stdout + output.stderr


def test_folders_and_pictures_may_be_links(desk: Desk) -> None:
    (desk.folder / "linked").mkdir()
    for label in ("blue", "red"):
        (desk.folder / "linked" / label).symlink_to(desk.pictures / label)
    (desk.folder / "linked" / "gone").symlink_to(desk.pictures / "gone")
    output = desk.retrain("--image_dir", "linked")
    assert output.returncode == 0, output.stderr
    assert (desk.tf_files / "retrained_labels.txt").read_text() == "blue\nred\n"
