"""The whole of `retrain`, with a backbone so small that it takes half a second."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.config.data import SplitConfig
from poets.config.retrain import RetrainConfig
from poets.export.frozen_graph import manifest_of, read_graph
from poets.labels import read_labels
from poets.manifest import read_zip_manifest
from poets.pipeline import RetrainResult, retrain
from poets.report import Reporter, StepReport
from poets.split import assign_split
from tests.support.downloads import names_in
from tests.support.events import steps_by_tag
from tests.support.pictures import COLOURS
from tests.support.reporters import Recorder
from tests.support.retraining import (
    config_in,
    retrain_in,
    with_output,
    with_split,
    with_train,
)

LABELS = tuple(sorted(COLOURS))
Change = Callable[[RetrainConfig], RetrainConfig]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `retrain` ran once."""
    folder = tmp_path_factory.mktemp("retrained")
    retrain_in(folder)
    return folder


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


def test_progress_and_steps_are_told(tmp_path: Path) -> None:
    recorder = Recorder()

    result: RetrainResult = retrain_in(tmp_path, recorder)

    assert recorder.titles == [("Features", 60, "images"), ("Training", 30, "steps")]
    assert sum(recorder.advances) == 90
    assert np.isfinite(result.evaluation.cross_entropy)


class _Stopper(Reporter):
    """Presses Ctrl+C at the second evaluation."""

    def step(self, report: StepReport) -> None:
        if report.step:
            raise KeyboardInterrupt


def test_a_checkpoint_of_another_training_is_not_replaced_without_a_word(tmp_path: Path) -> None:
    config = with_output(config_in(tmp_path), checkpoint_path=tmp_path / "checkpoint")
    with pytest.raises(KeyboardInterrupt):
        retrain(config, _Stopper())
    recorder = Recorder()

    retrain(with_train(config, seed=1), recorder)

    (warning,) = recorder.warnings
    assert "checkpoint is of other pictures or settings" in warning
    assert not (tmp_path / "checkpoint").exists()
