"""Opening what `retrain` wrote, whole or not; foreign graphs have tests of their own."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from poets.errors import ModelError
from poets.manifest import Manifest, read_zip_manifest
from poets.runtimes.labels import labels_for, told_otherwise
from poets.runtimes.litert import LiteRTRunner
from poets.runtimes.open import open_model
from tests.support.backbones import tiny_backbone
from tests.support.labelling import label_images
from tests.support.pictures import COLOURS
from tests.support.processes import NO_RIGHTS, python
from tests.support.retraining import label_config, retrain_in

LABELS = tuple(sorted(COLOURS))

UNREADABLE = f"""
from pathlib import Path
from poets.config.label import LabelConfig
from poets.errors import ModelError
from poets.runtimes.open import open_model
{NO_RIGHTS}
try:
    open_model(LabelConfig(graph=Path("graph.pb")))
except ModelError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retrained")
    retrain_in(folder)
    return folder


@pytest.fixture
def place(trained: Path, tmp_path: Path) -> Path:
    """Copies that may be changed, and one picture."""
    for name in ("graph.pb", "graph.tflite", "labels.txt", "images/red/red_000.png"):
        shutil.copy(trained / name, tmp_path)
    return tmp_path


def manifest_in(path: Path) -> Manifest:
    manifest = read_zip_manifest(path)
    assert manifest is not None
    return manifest


@pytest.mark.parametrize("name", ["graph.pb", "graph.tflite"])
def test_a_graph_labels_a_picture_without_being_told_anything(place: Path, name: str) -> None:
    model = open_model(label_config(place / name))

    (labeled,) = label_images(model, [place / "red_000.png"])

    assert model.labels == LABELS
    assert model.assumed == ()
    assert labeled.predictions[0].label == "red"


def test_both_say_the_same_to_the_bit(place: Path) -> None:
    picture = place / "red_000.png"

    scores = []
    for name in ("graph.pb", "graph.tflite"):
        model = open_model(label_config(place / name))
        scores.append(model.make_runner().run(model.preprocess.load(picture)).tobytes())

    assert scores[0] == scores[1]


def test_a_tflite_is_known_by_its_content(place: Path) -> None:
    renamed = (place / "graph.tflite").rename(place / "model.bin")

    assert open_model(label_config(renamed)).labels == LABELS


def test_every_runner_is_another_and_says_the_same(place: Path) -> None:
    model = open_model(label_config(place / "graph.pb"))
    values = model.preprocess.load(place / "red_000.png")

    runners = [model.make_runner() for _ in range(3)]

    assert len({id(runner) for runner in runners}) == 3
    assert len({runner.run(values).tobytes() for runner in runners}) == 1


def test_flags_that_say_what_the_graph_says_are_no_news(place: Path) -> None:
    config = label_config(
        place / "graph.pb",
        input_height=128,
        input_width=128,
        input_mean=127.5,
        input_layer="import/input:0",
        output_layer="final_result",
    )

    assert open_model(config).assumed == ()


def test_flags_that_say_otherwise_are_named_with_what_is_used(place: Path) -> None:
    config = label_config(place / "graph.pb", input_height=224, input_std=128, input_layer="Mul")

    assert told_otherwise(config, manifest_in(place / "graph.tflite")) == (
        "--input_height 224 is not used: the graph itself says 128",
        "--input_std 128 is not used: the graph itself says 127.5",
        "--input_layer Mul is not used: the graph itself says input",
    )
    assert len(open_model(config).assumed) == 3


def test_labels_that_the_user_names_are_used(place: Path) -> None:
    (place / "mine.txt").write_text("bleu\nvert\nrouge\n")

    model = open_model(label_config(place / "graph.pb", labels=place / "mine.txt"))

    assert model.labels == ("bleu", "vert", "rouge")


@pytest.mark.parametrize("text", ["one\n", "one\ntwo\nthree\nfour\n"])
def test_labels_that_are_too_few_or_too_many_are_refused(place: Path, text: str) -> None:
    (place / "mine.txt").write_text(text)

    with pytest.raises(ModelError, match=rf"has 3 outputs, .*mine\.txt has {text.count(chr(10))}"):
        open_model(label_config(place / "graph.pb", labels=place / "mine.txt"))


def test_labels_inside_are_counted_too() -> None:
    with pytest.raises(ModelError, match="has 4 outputs, its manifest has 2 labels"):
        labels_for(label_config(Path("graph.pb")), ("a", "b"), 4)


def test_a_saved_model_is_told_from_other_folders(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"a model")

    with pytest.raises(ModelError, match="is a SavedModel"):
        open_model(label_config(tmp_path))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.pb", "no such graph"),
        ("grap.pb", r"Did you mean 'graph\.pb'"),
        (".", "is a folder"),
        ("pipe", "is no file"),
        ("labels.txt", "is no graph"),
        ("empty", "is no graph"),
        ("graph.pb/below", "no such graph|not a directory"),
        ("a" * 300, "too long"),
    ],
)
def test_what_is_no_graph_is_named(place: Path, name: str, reason: str) -> None:
    (place / "empty").touch()
    os.mkfifo(place / "pipe")

    with pytest.raises(ModelError, match=reason) as caught:
        open_model(label_config(place / name))

    assert caught.value.hint


def test_a_graph_that_may_not_be_read_is_named(place: Path) -> None:
    place.chmod(0o755)
    (place / "graph.pb").chmod(0)

    assert python(UNREADABLE, folder=place).stdout == "graph.pb: permission denied.\n"


@pytest.mark.parametrize("share", [0.001, 0.2, 0.6])
def test_a_tflite_that_was_cut_off_is_refused(place: Path, share: float) -> None:
    path = place / "graph.tflite"
    content = path.read_bytes()
    model = content.index(b"PK\x03\x04")  # behind it is the zip, which a runtime does not need
    path.write_bytes(content[: int(model * share)])

    with pytest.raises(ModelError, match=r"graph\.tflite"):
        open_model(label_config(path))


def test_a_manifest_of_another_graph_is_noticed(place: Path, tmp_path: Path) -> None:
    other = tiny_backbone(tmp_path / "other").tflite_path.read_bytes()
    zipped = (place / "graph.tflite").read_bytes()
    start = zipped.index(b"PK\x03\x04")
    (place / "mixed.tflite").write_bytes(other + zipped[start:])

    with pytest.raises(ModelError, match=r"mixed\.tflite"):
        open_model(label_config(place / "mixed.tflite"))


# One LiteRT interpreter


def test_a_runner_knows_its_sizes(place: Path) -> None:
    runner = LiteRTRunner(place / "graph.tflite")

    assert runner.input_shape == (128, 128, 3)
    assert runner.n_outputs == 3
    assert runner.pixel_scale is None


@pytest.mark.parametrize("shape", [(64, 64, 3), (128, 128), (128, 128, 4), (0, 0, 3)])
def test_a_picture_of_another_shape_is_an_error_of_the_model(
    place: Path, shape: tuple[int, ...]
) -> None:
    runner = LiteRTRunner(place / "graph.tflite")

    with pytest.raises(ModelError, match="cannot run on this picture"):
        runner.run(np.zeros(shape, np.float32))

    assert runner.run(np.zeros((128, 128, 3), np.float32)).shape == (3,)


def test_scores_do_not_change_when_the_next_picture_comes(place: Path) -> None:
    runner = LiteRTRunner(place / "graph.tflite")

    first = runner.run(np.ones((128, 128, 3), np.float32))
    before = first.tolist()
    runner.run(-np.ones((128, 128, 3), np.float32))

    assert first.tolist() == before
