"""What `retrain` does not take: it says so, early, and leaves what was there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from poets.config.head import HeadConfig
from poets.config.retrain import RetrainConfig
from poets.errors import DataError, ModelError, OutputError, UsageError
from poets.pipeline import retrain
from poets.report import Reporter
from tests.support.downloads import names_in
from tests.support.pictures import COLOURS, encoded, gradient, paint_folders
from tests.support.reporters import Recorder
from tests.support.retraining import config_in, retrain_in, with_backbone, with_output

LABELS = tuple(sorted(COLOURS))
Change = Callable[[RetrainConfig], RetrainConfig]


# Pictures that are not as they should be


def test_files_that_are_no_pictures_are_skipped(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (tmp_path / "images" / "red" / "notes.txt").write_text("not a picture")
    recorder = Recorder()

    result = retrain(config, recorder)

    assert result.evaluation.accuracy == 1.0
    assert [skipped.path.name for skipped in recorder.skipped] == ["notes.txt"]


def test_strictly_they_are_an_error_that_lists_them(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (tmp_path / "images" / "red" / "notes.txt").write_text("not a picture")
    (tmp_path / "images" / "blue" / "cut.png").write_bytes(encoded(gradient())[:200])
    strict = replace(config, data=replace(config.data, strict=True))

    with pytest.raises(
        DataError, match=r"cut\.png: truncated(.|\n)*notes\.txt: not a pic"
    ) as caught:
        retrain(strict, Reporter())

    assert "--strict" in caught.value.hint
    assert not (tmp_path / "graph.pb").exists()


def test_a_label_without_any_picture_is_left_out_with_a_warning(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (tmp_path / "images" / "yellow").mkdir()
    (tmp_path / "images" / "yellow" / "notes.txt").write_text("not a picture")
    recorder = Recorder()

    result = retrain(config, recorder)

    assert result.evaluation.labels == LABELS
    assert [warning for warning in recorder.warnings if warning.startswith("yellow")]


def test_few_pictures_are_warned_of(tmp_path: Path) -> None:
    recorder = Recorder()

    retrain(config_in(tmp_path, count=5), recorder)

    assert [warning.split(":")[0] for warning in recorder.warnings] == list(LABELS)
    assert all("fewer than 20" in warning for warning in recorder.warnings)


def test_enough_pictures_are_not_warned_of(tmp_path: Path) -> None:
    recorder = Recorder()

    retrain_in(tmp_path, recorder)

    assert recorder.warnings == []


def only_one_label(folder: Path) -> None:
    paint_folders(folder, 20, {"red": COLOURS["red"]})


def one_readable_label(folder: Path) -> None:
    only_one_label(folder)
    (folder / "blue").mkdir()
    (folder / "blue" / "notes.txt").write_text("not a picture")


def no_readable_picture(folder: Path) -> None:
    for label in LABELS:
        (folder / label).mkdir(parents=True)
        (folder / label / "notes.txt").write_text("not a picture")


def too_few(folder: Path) -> None:
    paint_folders(folder, 2)


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (only_one_label, "Only one valid folder of images found at"),
        (one_readable_label, "Only one valid folder of images found at"),
        (no_readable_picture, "No valid folders of images found at"),
        (too_few, "blue: 2 readable pictures, 3 are needed"),
        (Path.mkdir, "No valid folders of images found at"),
    ],
)
def test_pictures_that_cannot_be_learned_from_are_refused(
    tmp_path: Path, fill: Callable[[Path], None], said: str
) -> None:
    fill(tmp_path / "images")

    with pytest.raises(DataError, match=said) as caught:
        retrain_in(tmp_path)

    assert caught.value.hint
    assert not (tmp_path / "graph.pb").exists()


# What is refused before the work


def refused_before_the_work(config: RetrainConfig, error: type[Exception], said: str) -> str:
    recorder = Recorder()
    with pytest.raises(error, match=said) as caught:
        retrain(config, recorder)
    assert recorder.titles == []  # nothing was begun
    assert not config.backbone.bottleneck_dir.exists()
    return str(getattr(caught.value, "hint", ""))


def test_an_unknown_architecture_gets_a_suggestion(tmp_path: Path) -> None:
    config = with_backbone(config_in(tmp_path), architecture="mobilnet_0.25_128")

    hint = refused_before_the_work(config, UsageError, "Did you mean 'mobilenet_0.25_128'")

    assert "poets architectures" in hint


@pytest.mark.parametrize("architecture", ["cnn_28", "pixels_28_gray"])
def test_a_network_whose_name_is_its_size_takes_no_other(architecture: str, tmp_path: Path) -> None:
    config = with_backbone(config_in(tmp_path), architecture=architecture, image_size=32)

    refused_before_the_work(config, UsageError, f"{architecture} takes pictures of 28 pixels only")


def test_a_weight_of_no_label_is_told_before_anything_is_computed(tmp_path: Path) -> None:
    config = replace(config_in(tmp_path), head=HeadConfig(class_weights="bleu=2"))

    hint = refused_before_the_work(config, UsageError, "no label 'bleu'. Did you mean 'blue'")

    assert "red" in hint


@pytest.mark.parametrize(
    "values",
    [
        {"output_graph": Path("IN/graph.tflite")},
        {"output_graph": Path("IN/images")},
        {"output_graph": Path()},
        {"output_graph": Path("/")},
        {"output_labels": Path("IN/graph.pb")},
        {"output_labels": Path("IN/graph.tflite")},
        {"output_labels": Path("IN/images/../graph.pb")},
        {"output_graph": Path("IN/images/red/red_000.png/graph.pb")},
        {"summaries_dir": Path("IN/images/red/red_000.png")},
        {"final_tensor_name": "no name"},
        {"final_tensor_name": ""},
        {"final_tensor_name": "name:0"},
    ],
)
def test_outputs_that_cannot_be_are_refused(tmp_path: Path, values: dict[str, object]) -> None:
    placed = {
        name: Path(str(value).replace("IN", str(tmp_path))) if isinstance(value, Path) else value
        for name, value in values.items()
    }

    refused_before_the_work(with_output(config_in(tmp_path), **placed), UsageError, ".")


def test_another_node_s_name_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="another node"):
        retrain(with_output(config_in(tmp_path), final_tensor_name="features"), Reporter())

    assert not {"graph.pb", "graph.tflite", "labels.txt"} & set(names_in(tmp_path))


def test_a_graph_that_was_there_stays_when_the_training_fails(tmp_path: Path) -> None:
    config = config_in(tmp_path, count=2)
    for name in ("graph.pb", "graph.tflite", "labels.txt"):
        (tmp_path / name).write_bytes(b"of last week")

    with pytest.raises(DataError):
        retrain(config, Reporter())

    for name in ("graph.pb", "graph.tflite", "labels.txt"):
        assert (tmp_path / name).read_bytes() == b"of last week"


def test_a_damaged_backbone_is_named(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    (tflite,) = config.backbone.model_dir.rglob("*.tflite")
    tflite.write_bytes(bytes(tflite.stat().st_size))

    with pytest.raises(ModelError, match=r"backbone\.tflite"):
        retrain(config, Reporter())


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    config.backbone.bottleneck_dir.write_bytes(b"a file")

    with pytest.raises(OutputError, match="bottlenecks"):
        retrain(config, Reporter())
