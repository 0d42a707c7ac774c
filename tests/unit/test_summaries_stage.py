"""What `retrain` leaves for TensorBoard once the training is over."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from tensorboard.plugins.hparams import metadata as hparams

from poets.config.distort import DistortConfig
from poets.config.retrain import RetrainConfig
from poets.pipeline import retrain
from poets.report import Reporter
from poets.stages.hparams import settings_of, told_of
from poets.summaries.projector import CONFIG, FOLDER
from poets.summaries.tags import (
    CONFUSION,
    DISTORTED_PICTURES,
    MISTAKES,
    RESULTS,
    TRAINING_PICTURES,
    WEIGHTS,
    curve_tag,
)
from tests.support.events import events_in, steps_by_tag
from tests.support.pictures import COLOURS, paint_folders
from tests.support.retraining import config_in, with_backbone, with_output, with_split, with_train

LAST = 29
CURVES = {curve_tag(label) for label in COLOURS}


def tags(folder: Path, run: str = ".") -> dict[str, list[int]]:
    (path,) = (folder / "summaries" / run).glob("events.out.tfevents.*")
    return steps_by_tag(path)


def picture(folder: Path, run: str, tag: str) -> bytes:
    (path,) = (folder / "summaries" / run).glob("events.out.tfevents.*")
    values = (value for event in events_in(path) for value in event.summary.value)
    (found,) = (value.image.encoded_image_string for value in values if value.tag == tag)
    return bytes(found)


def distorted(config: RetrainConfig, variants: int) -> RetrainConfig:
    distort = DistortConfig(flip_left_right=True, random_crop=20, distortion_variants=variants)
    return replace(config, distort=distort)


def overwrite(folder: Path) -> None:
    """Put something else of the same size in the place of each picture, so that nobody can tell."""
    for path in folder.rglob("*.png"):
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retrained")
    retrain(config_in(folder), Reporter())
    return folder


def test_the_pictures_that_were_trained_on_are_shown_before_the_first_step(place: Path) -> None:
    assert tags(place, "train")[TRAINING_PICTURES] == [0]
    assert DISTORTED_PICTURES not in tags(place, "train")


def test_the_final_test_is_shown_at_the_last_step(place: Path) -> None:
    test = tags(place, "test")

    assert test.keys() - {MISTAKES} == CURVES | {CONFUSION}
    assert {step for steps in test.values() for step in steps} == {LAST}


def test_the_curves_of_validation_are_there_too(place: Path) -> None:
    validation = tags(place, "validation")

    assert validation.keys() >= CURVES
    assert validation[curve_tag("red")] == [LAST]


def test_the_run_has_its_row_and_its_results(place: Path) -> None:
    assert tags(place).keys() == {
        *(hparams.EXPERIMENT_TAG, hparams.SESSION_START_INFO_TAG, hparams.SESSION_END_INFO_TAG),
        *RESULTS.values(),
    }


def test_every_picture_is_a_point_with_what_is_known_of_it(place: Path) -> None:
    header, *rows = (place / "summaries" / FOLDER / "pictures.tsv").read_text().splitlines()

    assert header == "label\tnamed\tpart\tfile"
    cells = [row.split("\t") for row in rows]
    files = {(path.parent.name, path.name) for path in (place / "images").rglob("*.png")}
    assert {(label, file) for label, _, _, file in cells} == files
    assert {part for _, _, part, _ in cells} == {"training", "validation", "testing"}
    assert {named for _, named, _, _ in cells} == COLOURS.keys()


def test_pictures_that_are_named_wrong_are_shown(tmp_path: Path) -> None:
    config = with_train(config_in(tmp_path), how_many_training_steps=1, learning_rate=1e-9)

    result = retrain(config, Reporter())

    assert result.evaluation.accuracy < 1
    assert tags(tmp_path, "test")[MISTAKES] == [0]


@pytest.mark.parametrize("variants", [0, 2])
def test_distorted_pictures_are_shown_where_they_are_asked_for(
    tmp_path: Path, variants: int
) -> None:
    config = with_train(config_in(tmp_path), how_many_training_steps=2, train_batch_size=5)

    retrain(distorted(config, variants), Reporter())

    assert tags(tmp_path, "train")[DISTORTED_PICTURES] == [0]
    rows = (tmp_path / "summaries" / FOLDER / "pictures.tsv").read_text().splitlines()
    assert len(rows) == len(set(rows)) == 61  # no picture twice, though it has variants


def test_a_warm_run_opens_no_picture_and_shows_the_same(tmp_path: Path) -> None:
    config = distorted(config_in(tmp_path), 2)
    retrain(config, Reporter())
    runs = [("train", TRAINING_PICTURES), ("train", DISTORTED_PICTURES), ("test", CONFUSION)]
    shown = [picture(tmp_path, *one) for one in runs]
    sprite = (tmp_path / "summaries" / FOLDER / "pictures.jpg").read_bytes()
    overwrite(tmp_path / "images")

    retrain(with_output(config, summaries_dir=tmp_path / "again"), Reporter())
    (tmp_path / "summaries").rename(tmp_path / "before")
    (tmp_path / "again").rename(tmp_path / "summaries")

    assert [picture(tmp_path, *one) for one in runs] == shown
    assert (tmp_path / "summaries" / FOLDER / "pictures.jpg").read_bytes() == sprite


@pytest.mark.parametrize(("testing", "validation"), [(0, 10), (10, 0), (0, 0)])
def test_what_a_part_would_show_is_missing_without_it(
    tmp_path: Path, testing: int, validation: int
) -> None:
    retrain(config_in(tmp_path), Reporter())  # leaves the other parts' summaries there

    retrain(with_split(config_in(tmp_path), testing, validation), Reporter())

    assert bool(list((tmp_path / "summaries" / "test").iterdir())) == (testing > 0)
    assert (RESULTS["test accuracy"] in tags(tmp_path)) == (testing > 0)
    assert (RESULTS["validation accuracy"] in tags(tmp_path)) == (validation > 0)
    assert (curve_tag("red") in tags(tmp_path, "validation")) == (validation > 0)


def test_labels_may_be_anything_that_a_folder_can_be_called(tmp_path: Path) -> None:
    names = ["花 🌼", "a\tb", "\x1b[31m", "x" * 80]
    colours = dict(zip(names, [*COLOURS.values(), (250, 250, 20)], strict=True))
    paint_folders(tmp_path / "images", 20, colours)
    (tmp_path / "images" / "a\tb" / "broken\tpicture.png").write_bytes(b"no picture")

    retrain(config_in(tmp_path), Reporter())

    assert {curve_tag(name) for name in names} <= tags(tmp_path, "test").keys()
    rows = (tmp_path / "summaries" / FOLDER / "pictures.tsv").read_text().split("\n")
    assert [row.count("\t") for row in rows] == [3] * 81 + [0]


def test_a_head_of_pixels_shows_its_weights_and_another_does_not(
    tmp_path: Path, place: Path
) -> None:
    config = with_backbone(config_in(tmp_path), architecture="pixels_28_gray")

    retrain(config, Reporter())

    train = tags(tmp_path, "train")
    assert train[WEIGHTS] == [train["accuracy_1"][-1]]
    assert WEIGHTS not in tags(place, "train")


def test_a_second_training_replaces_what_the_first_one_left_and_nothing_else(
    tmp_path: Path,
) -> None:
    theirs = [
        "summaries/events.out.tfevents.1500000000.host",
        "summaries/test/events.out.tfevents.1500000000.host",
        "summaries/projector/notes.txt",
        "summaries/test/notes.txt",
    ]
    for name in theirs:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"mine")

    for _ in range(2):
        retrain(config_in(tmp_path), Reporter())

    assert [(tmp_path / name).read_bytes() for name in theirs] == [b"mine"] * len(theirs)
    ours = list((tmp_path / "summaries").rglob("*.poets"))
    assert sorted(path.parent.name for path in ours) == ["summaries", "test", "train", "validation"]


def test_another_tools_projector_stays(tmp_path: Path) -> None:
    (tmp_path / "summaries").mkdir()
    (tmp_path / "summaries" / CONFIG).write_text("# mine")

    retrain(config_in(tmp_path), Reporter())

    assert (tmp_path / "summaries" / CONFIG).read_text() == "# mine"


def test_settings_are_all_flags_that_change_what_is_learned(tmp_path: Path) -> None:
    settings = settings_of(config_in(tmp_path))

    learning = {"learning_rate", "how_many_training_steps", "train_batch_size", "seed"}
    others = {"architecture", "image_size", "testing_percentage", "flip_left_right", "strict"}
    assert learning | others <= settings.keys()
    assert not {"output_graph", "summaries_dir", "image_dir", "model_dir"} & settings.keys()
    assert settings["how_many_training_steps"] == 30
    assert all(isinstance(value, bool | float | int | str) for value in settings.values())


def test_what_was_told_otherwise_than_usual_is_shown_first(tmp_path: Path) -> None:
    config = distorted(config_in(tmp_path), 3)

    assert {"flip_left_right", "random_crop", "distortion_variants"} <= told_of(config)
    assert {"learning_rate", "architecture"} <= told_of(config)
    assert "random_scale" not in told_of(config)
