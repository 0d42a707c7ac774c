"""The whole of `retrain`, with a backbone so small that it takes half a second."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.config import RetrainConfig, SplitConfig
from poets.errors import DataError, ModelError, OutputError, UsageError
from poets.export.frozen_graph import manifest_of, read_graph
from poets.labels import read_labels
from poets.manifest import read_zip_manifest
from poets.pipeline import RetrainResult, retrain
from poets.report import Reporter
from poets.split import assign_split
from tests.support.events import steps_by_tag
from tests.support.pictures import COLOURS, encoded, gradient, paint_folders
from tests.support.reporters import Recorder
from tests.support.retraining import config_in, retrain_in

LABELS = tuple(sorted(COLOURS))
Change = Callable[[RetrainConfig], RetrainConfig]


def with_output(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, output=replace(config.output, **values))  # type: ignore[arg-type]


def with_train(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, train=replace(config.train, **values))  # type: ignore[arg-type]


def with_split(config: RetrainConfig, testing: int, validation: int) -> RetrainConfig:
    split = SplitConfig(testing_percentage=testing, validation_percentage=validation)
    return replace(config, data=replace(config.data, split=split))


def with_backbone(config: RetrainConfig, **values: object) -> RetrainConfig:
    return replace(config, backbone=replace(config.backbone, **values))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `retrain` ran once."""
    folder = tmp_path_factory.mktemp("retrained")
    retrain_in(folder)
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_colours_are_told_apart(tmp_path: Path) -> None:
    result = retrain_in(tmp_path)

    assert result.evaluation.labels == LABELS
    assert result.evaluation.accuracy == 1.0
    assert result.evaluation.n == len(result.testing) > 0


def test_it_leaves_a_graph_its_twin_for_phones_and_its_labels(place: Path) -> None:
    assert {"graph.pb", "graph.tflite", "labels.txt"} <= set(names_in(place))
    assert read_labels(place / "labels.txt") == LABELS
    assert [name for name in names_in(place) if name.startswith(".")] == []


def test_the_graphs_say_what_they_are_and_belong_together(place: Path) -> None:
    of_graph = manifest_of(read_graph(place / "graph.pb"))
    of_tflite = read_zip_manifest(place / "graph.tflite")

    assert of_graph is not None
    assert of_graph.labels == LABELS
    assert of_graph.test_accuracy == 1.0
    assert of_graph.training["how_many_training_steps"] == 30
    assert of_graph.training["testing_percentage"] == 10
    digest = hashlib.sha256((place / "graph.pb").read_bytes()).hexdigest()
    assert of_tflite == replace(of_graph, graph_sha256=digest)


def test_the_test_pictures_were_not_trained_on(tmp_path: Path) -> None:
    result = retrain_in(tmp_path)

    parts = [assign_split(image.path.name, SplitConfig()) for image in result.testing]
    assert parts.count("testing") >= len(parts) - len(LABELS)  # but for those that filled a gap


def test_the_same_seed_makes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    contents = []
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        config = with_train(config_in(tmp_path / folder), seed=seed)
        retrain(config, Reporter())
        contents.append(
            [(tmp_path / folder / name).read_bytes() for name in ("graph.pb", "graph.tflite")]
        )

    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_a_second_run_finds_the_features_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    retrain_in(tmp_path)
    first = (tmp_path / "graph.pb").read_bytes()
    recorder = Recorder()

    retrain_in(tmp_path, recorder)

    assert (recorder.cached, recorder.new) == (60, 0)
    assert (tmp_path / "graph.pb").read_bytes() == first


@pytest.mark.parametrize(("testing", "validation"), [(0, 10), (10, 0), (0, 0)])
def test_it_works_without_a_part(tmp_path: Path, testing: int, validation: int) -> None:
    result = retrain(with_split(config_in(tmp_path), testing, validation), Reporter())

    assert (result.evaluation.n > 0) == (testing > 0)
    manifest = manifest_of(read_graph(tmp_path / "graph.pb"))
    assert manifest is not None
    assert (manifest.test_accuracy is None) == (testing == 0)


def test_no_more_test_pictures_than_asked_for(tmp_path: Path) -> None:
    result = retrain(with_train(config_in(tmp_path), test_batch_size=2), Reporter())

    assert result.evaluation.n == 2


def test_the_output_has_the_name_that_was_asked_for(tmp_path: Path) -> None:
    retrain(with_output(config_in(tmp_path), final_tensor_name="my/result"), Reporter())

    graph = read_graph(tmp_path / "graph.pb")
    assert "my/result" in {node.name for node in graph.node}


def test_the_training_can_be_watched(place: Path) -> None:
    (events,) = (place / "summaries" / "train").iterdir()

    assert steps_by_tag(events)["accuracy_1"] == list(range(30))


def test_graphs_are_saved_on_the_way(tmp_path: Path) -> None:
    retrain(with_output(config_in(tmp_path), intermediate_store_frequency=10), Reporter())

    assert names_in(tmp_path / "intermediate") == ["intermediate_10.pb", "intermediate_20.pb"]
    for path in (tmp_path / "intermediate").iterdir():
        assert manifest_of(read_graph(path)) is not None


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


def test_progress_and_steps_are_told(tmp_path: Path) -> None:
    recorder = Recorder()

    result: RetrainResult = retrain_in(tmp_path, recorder)

    assert recorder.titles == [("Features", 60, "images"), ("Training", 30, "steps")]
    assert sum(recorder.advances) == 90
    assert np.isfinite(result.evaluation.cross_entropy)
