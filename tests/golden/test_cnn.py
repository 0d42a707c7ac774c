"""A network from scratch on 2,000 real digits, and on a few coloured pictures."""

import re
from pathlib import Path

import numpy as np
import pytest

from poets.export.frozen_graph import manifest_of, read_graph
from poets.finetune.learned_file import read_learned
from poets.summaries.tags import DISTORTED_PICTURES
from tests.support.commands import Trained, run_in
from tests.support.events import steps_by_tag
from tests.support.pictures import noisy, paint_folders
from tests.support.processes import RETRAIN_WITHOUT_TENSORFLOW, python

DIGITS = ("--architecture", "cnn_28_gray", "--epochs", "10", "--how_many_training_steps", "500")
COLOURS = ("--architecture", "cnn_16", "--epochs", "2", "--how_many_training_steps", "50")


def accuracy_in(output: str) -> float:
    found = re.search(r"Test accuracy ([\d.]+) %", output)
    assert found is not None, output
    return float(found[1]) / 100


@pytest.fixture(scope="module")
def digits(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """`retrain` of a network from scratch on the digits, with half the epochs of the default."""
    folder = tmp_path_factory.mktemp("digits")
    image_dir = shared / "data" / "digits"
    output = run_in(folder, "retrain", "--image_dir", image_dir, *DIGITS)
    assert output.returncode == 0, output.stderr
    return Trained(folder, image_dir, output)


def test_digits_that_it_never_saw_are_read(digits: Trained) -> None:
    assert accuracy_in(digits.output.stdout) >= 0.95


def test_it_tells_of_each_epoch(digits: Trained) -> None:
    told = re.findall(r"Epoch (\d+)/10: .*validation accuracy ([\d.]+)%", digits.output.stderr)

    assert [int(number) for number, _ in told] == [*range(1, len(told) + 1)]
    assert float(told[-1][1]) > float(told[0][1])


def test_its_graph_is_like_any_other(digits: Trained) -> None:
    manifest = manifest_of(read_graph(digits.graph))

    assert manifest is not None
    assert manifest.architecture == "cnn_28_gray"
    assert manifest.preprocess.shape == (28, 28, 1)
    assert manifest.labels == tuple("0123456789")
    assert digits.tflite.exists()


def test_it_names_a_digit(digits: Trained) -> None:
    pictures = sorted((digits.image_dir / "4").iterdir())[:20]
    output = run_in(digits.folder, "label-image", "--graph", digits.graph, *pictures)

    assert output.returncode == 0, output.stderr
    assert len(re.findall(r"(?m)\.png +4 ", output.stdout)) >= 18


def test_tensorboard_gets_the_epochs(digits: Trained) -> None:
    folder = digits.folder / "tf_files" / "training_summaries" / "validation"
    steps: dict[str, list[int]] = {}
    for path in sorted(folder.iterdir()):
        steps |= steps_by_tag(path)
    assert (
        steps["epoch_loss"] == steps["epoch_accuracy"] == [*range(1, steps["epoch_loss"][-1] + 1)]
    )


def test_tensorboard_shows_what_it_saw_though_no_distortion_was_asked_for(digits: Trained) -> None:
    folder = digits.folder / "tf_files" / "training_summaries" / "train"

    assert DISTORTED_PICTURES in {tag for path in folder.iterdir() for tag in steps_by_tag(path)}


def test_the_same_again_needs_no_tensorflow_and_ends_the_same(digits: Trained) -> None:
    before = digits.graph.read_bytes()
    words = ("--image_dir", str(digits.image_dir), *DIGITS)

    output = python(RETRAIN_WITHOUT_TENSORFLOW, *words, folder=digits.folder)

    assert output.returncode == 0, output.stderr
    assert "Epoch" not in output.stderr
    assert digits.graph.read_bytes() == before


def paint(folder: Path) -> Path:
    """Paint twelve pictures a label, one of them broken."""
    images = paint_folders(folder / "images", 12)
    (min(images.iterdir()) / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """`retrain` on such pictures."""
    folder = paint(tmp_path_factory.mktemp("coloured"))
    output = run_in(folder, "retrain", "--image_dir", "images", *COLOURS)
    assert output.returncode == 0, output.stderr
    return Trained(folder, folder / "images", output)


def test_what_cannot_be_read_is_skipped_and_told(coloured: Trained) -> None:
    assert "1 skipped" in coloured.output.stderr
    assert "broken.png: not a picture" in coloured.output.stderr
    (path,) = (coloured.folder / "tf_files" / "models").glob("cnn_16-*.npz")
    learned = read_learned(path)
    assert learned is not None
    assert len(learned.epochs) == 2


def test_labels_count_as_class_weights_say(coloured: Trained, tmp_path: Path) -> None:
    words = ("--image_dir", coloured.image_dir, *COLOURS, "--class_weights", "red=3")
    output = run_in(tmp_path, "retrain", *words)
    assert output.returncode == 0, output.stderr

    weights = []
    for folder in (coloured.folder, tmp_path):
        (path,) = (folder / "tf_files" / "models").glob("cnn_16-*.npz")
        learned = read_learned(path)
        assert learned is not None
        weights.append(learned.weights)
    assert not all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


def test_strict_stops_before_the_training(tmp_path: Path) -> None:
    output = run_in(paint(tmp_path), "retrain", "--image_dir", "images", *COLOURS, "--strict")

    assert output.returncode == 3
    assert "broken.png" in output.stderr
    assert "Epoch" not in output.stderr


def test_the_same_seed_and_flags_are_the_same_bytes_and_other_flags_are_not(
    coloured: Trained, tmp_path: Path
) -> None:
    def graph_of(*more: str, **environment: str) -> bytes:
        words = ("retrain", "--image_dir", "images", *COLOURS, *more)
        output = run_in(tmp_path, *words, **environment)
        assert output.returncode == 0, output.stderr
        return (tmp_path / "tf_files" / "retrained_graph.pb").read_bytes()

    paint(tmp_path)
    first = coloured.graph.read_bytes()
    assert graph_of(PYTHONHASHSEED="1") == first
    assert graph_of("--flip_left_right") != first


def test_two_pictures_a_label_are_too_few_and_three_are_enough(tmp_path: Path) -> None:
    for label, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        folder = tmp_path / "images" / label
        folder.mkdir(parents=True)
        for number in range(2):
            noisy(colour, number).save(folder / f"{number}.png")
    words = ("retrain", "--image_dir", "images", *COLOURS)

    few = run_in(tmp_path, *words)
    for label in ("red", "blue"):
        noisy((99, 99, 99), 5).convert("L").save(tmp_path / "images" / label / "gray.jpg")
    enough = run_in(tmp_path, *words)

    assert few.returncode == 3
    assert "3 are needed" in few.stderr
    assert "Epoch" not in few.stderr
    assert enough.returncode == 0, enough.stderr
