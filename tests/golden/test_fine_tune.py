"""Training the last blocks of a real network on real photos, made small."""

import json
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from poets.export.frozen_graph import manifest_of, read_graph
from poets.finetune.learned_file import read_learned
from poets.manifest import Manifest
from tests.support.commands import COMMANDS, Output, run_in
from tests.support.downloads import names_in
from tests.support.events import steps_by_tag
from tests.support.keras_weights import write_weights
from tests.support.processes import RETRAIN_WITHOUT_TENSORFLOW, python

LABELS = ("daisy", "rose", "sunflower")
# One step leaves the head with much to learn, so that tuning is sure to find something better.
QUICK = ("--image_size", "64", "--how_many_training_steps", "1", "--epochs", "2")
TUNED = "efficientnet_lite0-tuned-"


@dataclass(frozen=True)
class Room:
    """A working folder with photos."""

    folder: Path
    photos: Path

    def arguments(self, *more: str) -> list[str | Path]:
        return ["--image_dir", self.photos, *QUICK, *more]

    def retrain(self, *more: str) -> Output:
        return run_in(self.folder, "retrain", *self.arguments(*more))

    def said(self, *more: str) -> str:
        output = self.retrain(*more)
        assert output.returncode == 0, output.stderr
        return output.stderr

    @property
    def models(self) -> Path:
        return self.folder / "tf_files" / "models"

    @property
    def graph(self) -> Path:
        return self.folder / "tf_files" / "retrained_graph.pb"

    @property
    def manifest(self) -> Manifest:
        manifest = manifest_of(read_graph(self.graph))
        assert manifest is not None
        return manifest

    def learned(self) -> list[Path]:
        return sorted(self.models.glob("*.npz"))


@pytest.fixture(scope="module")
def photos(flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten photos a label."""
    folder = tmp_path_factory.mktemp("photos")
    for label in LABELS:
        (folder / label).mkdir()
        for photo in sorted((flowers / label).iterdir())[:10]:
            shutil.copy(photo, folder / label)
    return folder


@pytest.fixture(scope="module")
def first(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Room, str]:
    """A room where the last block was tuned, and what was said."""
    room = Room(tmp_path_factory.mktemp("room"), photos)
    return room, room.said("--fine_tune_blocks", "1")


@pytest.fixture
def used(first: tuple[Room, str], tmp_path: Path) -> Room:
    """A copy of that room."""
    shutil.copytree(first[0].folder, tmp_path, dirs_exist_ok=True)
    return Room(tmp_path, first[0].photos)


def test_it_tells_of_each_epoch_and_keeps_what_is_better(first: tuple[Room, str]) -> None:
    room, said = first

    assert "training pictures are few for it" in said
    assert re.search(r"Epoch 1/2: train accuracy .*, validation accuracy .*, cross entropy", said)
    assert "Epoch 2/2:" in said
    change = re.search(r"validation accuracy (\S+)% -> (\S+)%: the tuned network is used", said)
    assert change is not None
    assert float(change[2]) >= float(change[1])
    assert [path.name.startswith(TUNED) for path in room.learned()] == [True]
    assert len([*(room.models / "compiled").glob(f"{TUNED}*")]) == 1


def test_the_compiled_network_is_the_one_that_was_trained(first: tuple[Room, str]) -> None:
    room, said = first
    learned = read_learned(room.learned()[0])

    assert learned is not None
    assert learned.best in {1, 2}
    measured = re.search(r"-> (\S+)%", said)  # by LiteRT, from the compiled network
    assert measured is not None
    best = learned.epochs[learned.best - 1].validation
    assert float(measured[1]) == pytest.approx(100 * best.accuracy, abs=0.1)


def test_the_graph_says_how_it_was_made(first: tuple[Room, str]) -> None:
    manifest = first[0].manifest

    assert manifest.architecture == "efficientnet_lite0-tuned"
    assert manifest.training["fine_tune_blocks"] == "1"
    assert manifest.training["fine_tune_learning_rate"] == 1e-4
    assert manifest.training["epochs"] == 2
    assert manifest.labels == LABELS


def test_tensorboard_gets_the_epochs(first: tuple[Room, str]) -> None:
    for name in ("train", "validation"):
        folder = first[0].folder / "tf_files" / "training_summaries" / name
        steps: dict[str, list[int]] = {}
        for path in sorted(folder.iterdir()):
            steps |= steps_by_tag(path)
        assert steps["epoch_accuracy"] == [1, 2]
        assert steps["epoch_loss"] == [1, 2]


def test_the_same_again_needs_no_tensorflow_and_ends_the_same(used: Room) -> None:
    before = used.graph.read_bytes()

    words = used.arguments("--fine_tune_blocks", "1")
    output = python(RETRAIN_WITHOUT_TENSORFLOW, *words, folder=used.folder)

    assert output.returncode == 0, output.stderr
    assert "Epoch" not in output.stderr
    assert "the tuned network is used" in output.stderr
    assert used.graph.read_bytes() == before


def test_somewhere_else_it_is_the_same_to_the_byte(first: tuple[Room, str], tmp_path: Path) -> None:
    other = Room(tmp_path, first[0].photos)
    words = other.arguments("--fine_tune_blocks", "1")

    output = run_in(tmp_path, "retrain", *words, PYTHONHASHSEED="1")

    assert output.returncode == 0, output.stderr
    (one,), (two,) = first[0].learned(), other.learned()
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()
    assert first[0].graph.read_bytes() == other.graph.read_bytes()


def test_what_makes_it_worse_is_not_used_and_not_tried_again(used: Room) -> None:
    spoilt = ("--fine_tune_blocks", "1", "--fine_tune_learning_rate", "1")
    steps = ("--how_many_training_steps", "500")

    said = used.said(*spoilt, *steps)

    assert "the network stays as it was" in said
    page = used.graph.with_name("report.html").read_text("utf-8")
    assert "not used: it names the validation pictures no better" in page
    assert used.manifest.architecture == "efficientnet_lite0"
    learned = [read_learned(path) for path in used.learned()]
    assert min(one.best for one in learned if one is not None) == 0
    tuned = used.graph.read_bytes()
    again = used.said(*spoilt, *steps)
    assert "Epoch" not in again
    assert used.graph.read_bytes() == tuned


def test_a_head_with_a_hidden_layer_is_tuned_with_it_and_from_distorted_pictures(
    used: Room,
) -> None:
    said = used.said(
        *("--fine_tune_blocks", "2", "--hidden_units", "8"),
        *("--flip_left_right", "--distortion_variants", "2"),
    )

    assert "Epoch 2/2" in said
    found = [learned for path in used.learned() if (learned := read_learned(path))]
    assert sorted(len(learned.head) for learned in found) in ([2, 4], [0, 2])


def test_more_blocks_than_there_are_is_an_error_with_the_number(used: Room) -> None:
    output = used.retrain("--fine_tune_blocks", "17")

    assert output.returncode == 2
    assert "efficientnet_lite0 can be cut at 16 blocks" in output.stderr
    assert "Traceback" not in output.stderr


def test_a_damaged_file_is_made_again(used: Room) -> None:
    (path,) = used.learned()
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])

    said = used.said("--fine_tune_blocks", "1")

    assert "Epoch 1/2" in said
    assert path.read_bytes() == whole


def test_an_interrupted_training_goes_on_and_ends_the_same(used: Room) -> None:
    room, tune = used, ("--fine_tune_blocks", "1", "--epochs", "3")
    for path in (*room.learned(), room.graph):
        path.unlink()
    command = [str(COMMANDS / "retrain"), *map(str, room.arguments(*tune))]
    with subprocess.Popen(command, cwd=room.folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Epoch 2/" in line:  # what the first led to is written then
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert room.learned() == []
    assert not room.graph.exists()
    (left,) = [name for name in names_in(room.models) if name.startswith((".", TUNED))]
    assert left.endswith(".unfinished")

    assert re.search(r"goes on after epoch [12], where it was stopped", room.said(*tune))

    gone_on = [path.read_bytes() for path in (*room.learned(), room.graph)]
    assert [name for name in names_in(room.models) if name.endswith(".unfinished")] == []
    room.learned()[0].unlink()
    assert "goes on" not in room.said(*tune)
    assert [path.read_bytes() for path in (*room.learned(), room.graph)] == gone_on


def test_a_network_of_keras_is_tuned_as_well(photos: Path, tmp_path: Path) -> None:
    room = Room(tmp_path, photos)
    write_weights("mobilenet_v2_0.35", room.models, size=64)

    said = room.said("--architecture", "mobilenet_v2_0.35", "--fine_tune_blocks", "1")

    assert "Epoch 2/2" in said
    learned = read_learned(room.learned()[0])
    assert learned is not None
    assert json.dumps([epoch.to_dict() for epoch in learned.epochs])
    if learned.best:  # the weights are random: it may be
        assert all(np.isfinite(values).all() for values in learned.weights)
        assert room.manifest.architecture == "mobilenet_v2_0.35-tuned"
