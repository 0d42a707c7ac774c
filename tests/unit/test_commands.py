"""The commands on a folder of painted pictures, with a backbone that needs no TensorFlow."""

import os
import re
import shutil
from pathlib import Path

import pytest

from poets.cli import label_image
from poets.labels import read_labels
from tests.support.calling import Called, call
from tests.support.commands import run_in
from tests.support.pictures import COLOURS, encoded, gradient
from tests.support.retraining import run_retrain

LABELS = tuple(sorted(COLOURS))


# retrain


def test_retrain_prints_what_it_found_and_made(said: Called) -> None:
    assert said.code == 0
    assert re.search(r"^Test accuracy 100.0 % \(N=\d+\), 95 % interval ", said.out)
    assert re.search(r"^blue +\d+ +\. +\. +100\.0$", said.out, re.MULTILINE)
    for name in ("graph.pb", "graph.tflite", "labels.txt"):
        assert name in said.out
    assert "label-image --graph " in said.out


def test_retrain_tells_the_codelab_s_lines_on_standard_error(said: Called) -> None:
    for pattern in (
        r"^Looking for images in '.*images'$",
        r": Step 0: Train accuracy = \d+\.\d%$",
        r": Step 29: Cross entropy = \d\.\d{6}$",
        r": Step 29: Validation accuracy = \d+\.\d% \(N=100\)$",
        r": Final test accuracy = 100\.0% \(N=\d+\)$",
    ):
        assert re.search(pattern, said.err, re.MULTILINE), pattern
        assert not re.search(pattern, said.out, re.MULTILINE)


def test_retrain_says_less_when_asked(tmp_path: Path) -> None:
    called = run_retrain(tmp_path, "--logging_verbosity", "error")

    assert (called.code, called.err) == (0, "")
    assert called.out


@pytest.mark.parametrize(
    ("flags", "code", "error"),
    [
        (("--image_dir", "IN/imags"), 3, "no such folder. Did you mean 'images'?"),
        (("--architecture", "mobilnet_0.25_128"), 2, "Did you mean 'mobilenet_0.25_128'?"),
        (("--how_many_training_step", "5"), 2, "Did you mean '--how_many_training_steps'?"),
        (("--testing_percentage", "60", "--validation-percentage", "60"), 2, "leave no training"),
        (("--output_graph", "."), 2, "is a folder"),
        (("--learning_rate", "nan"), 2, "--learning_rate nan"),
        (("--image_size", "64"), 2, "takes pictures of 128 pixels only"),
        (("--image_dir",), 2, "requires an argument"),
    ],
)
def test_retrain_refuses_in_one_line_with_a_remedy(
    place: Path, flags: tuple[str, ...], code: int, error: str
) -> None:
    before = (place / "graph.pb").read_bytes()

    called = run_retrain(place, *(flag.replace("IN", str(place)) for flag in flags))

    assert called.code == code
    assert called.out == ""
    assert called.err.count("Error: ") == 1
    assert error in called.err
    assert "Traceback" not in called.err
    assert (place / "graph.pb").read_bytes() == before


# label-image


def label(place: Path, *arguments: object) -> Called:
    return call(label_image.command, "--graph", place / "graph.pb", *arguments, folder=place)


def test_one_picture_is_labelled_as_the_codelab_does(place: Path) -> None:
    called = label(place, "images/red/red_000.png")

    assert called.code == 0
    first_line, time, empty, *scores = called.out.splitlines()
    assert (first_line, empty) == ("", "")
    assert re.fullmatch(r"Evaluation time \(1-image\): \d+\.\d{3}s", time)
    assert re.fullmatch(r"red \(score=\d\.\d{5}\)", scores[0])
    assert len(scores) == len(LABELS)


def test_the_codelab_s_flag_names_a_picture_too(place: Path) -> None:
    flagged = label(place, "--image", "images/red/red_000.png")
    plain = label(place, "images/red/red_000.png")

    assert flagged.out.splitlines()[3:] == plain.out.splitlines()[3:]


def test_many_pictures_are_a_line_each_in_order(place: Path) -> None:
    paths = [f"images/{name}/{name}_00{n}.png" for name in LABELS for n in range(5)]

    called = label(place, *paths)

    lines = called.out.splitlines()
    assert called.code == 0
    assert [line.split()[0] for line in lines] == paths
    assert [line.split()[1] for line in lines] == [name for name in LABELS for _ in range(5)]


def test_unreadable_pictures_stop_no_others(place: Path) -> None:
    (place / "cut.png").write_bytes(encoded(gradient())[:200])

    os.mkfifo(place / "pipe.png")

    called = label(place, "images/red/red_000.png", "cut.png", "missing.png", "pipe.png")

    lines = called.out.splitlines()
    assert called.code == 3
    assert lines[0].split()[1] == "red"
    assert [line.partition("cannot be read: ")[2] for line in lines[1:]] == [
        "truncated: the file ends before the picture does",
        "no such file or directory",
        "not a file",
    ]
    assert "1 labelled, 3 could not be read" in called.err


def test_one_unreadable_picture_is_an_error(place: Path) -> None:
    (place / "empty.png").touch()

    called = label(place, "empty.png")

    assert (called.code, called.out) == (3, "")
    assert called.err.startswith("Error: empty.png: an empty file.\n")


def test_no_picture_is_an_error_with_the_remedy(place: Path) -> None:
    called = label(place)

    assert called.code == 2
    assert "label-image PHOTO ..." in called.err


def test_a_flag_that_says_otherwise_is_answered(place: Path) -> None:
    called = label(place, "--input_height", "224", "images/red/red_000.png")

    assert called.code == 0
    assert "--input_height 224 is not used: the graph itself says 128" in called.err


def test_pictures_of_any_name_are_labelled(place: Path) -> None:
    names = [b"\xff\xfe.png", b"a\nb.png", "ромашка 1.png".encode(), b"\x1b[2J.png"]
    for name in names:
        shutil.copy(place / "images/red/red_000.png", place / os.fsdecode(name))

    ended = run_in(place, "label-image", "--graph", "graph.pb", *map(os.fsdecode, names))

    assert ended.returncode == 0
    assert len(ended.stdout.splitlines()) == len(names)
    assert "\x1b" not in ended.stdout
    assert "ромашка 1.png" in ended.stdout


def test_labels_stand_in_the_order_of_the_scores(place: Path) -> None:
    assert read_labels(place / "labels.txt") == LABELS
