"""TensorBoard's own machinery reads what `retrain` writes for it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from tests.support.commands import Trained
from tests.unit.test_summaries import HISTOGRAMS, SCALARS

STEPS = 4000
EVALUATED = [*range(0, STEPS, 10), STEPS - 1]


@pytest.fixture(scope="module")
def summaries(trained: Trained) -> Path:
    return trained.folder / "tf_files" / "training_summaries"


def accumulated(folder: Path) -> EventAccumulator:
    accumulator = EventAccumulator(str(folder), {"scalars": 0, "histograms": 0})
    accumulator.Reload()
    return accumulator


@pytest.mark.parametrize("part", ["train", "validation"])
def test_every_tag_of_the_codelab_is_there(summaries: Path, part: str) -> None:
    tags = accumulated(summaries / part).Tags()

    assert set(tags["scalars"]) == SCALARS
    assert set(tags["histograms"]) == HISTOGRAMS
    assert tags["graph"] == (part == "train")


def test_training_is_there_at_every_step_and_validation_at_every_evaluation(
    summaries: Path,
) -> None:
    train, validation = (accumulated(summaries / part) for part in ("train", "validation"))

    for tag in SCALARS:
        assert [event.step for event in train.Scalars(tag)] == list(range(STEPS))
        assert [event.step for event in validation.Scalars(tag)] == EVALUATED
    for tag in HISTOGRAMS:
        assert [event.step for event in train.Histograms(tag)] == EVALUATED
        assert [event.step for event in validation.Histograms(tag)] == EVALUATED


def test_the_curves_say_what_the_training_said(summaries: Path, trained: Trained) -> None:
    validation = accumulated(summaries / "validation").Scalars("accuracy_1")[-1]

    said = f"Step {STEPS - 1}: Validation accuracy = {100 * validation.value:.1f}% (N=100)"
    assert said in trained.output.stderr


def test_the_graph_is_the_network_s(summaries: Path) -> None:
    graph = accumulated(summaries / "train").Graph()

    names = {node.name for node in graph.node}
    assert {"input", "features"} <= names


@pytest.mark.parametrize(("part", "steps"), [("train", range(STEPS)), ("validation", EVALUATED)])
def test_tensorboard_s_loader_reads_every_step(
    summaries: Path, part: str, steps: Sequence[int]
) -> None:
    (path,) = (summaries / part).iterdir()

    seen = [
        event.step
        for event in EventFileLoader(str(path)).Load()
        if "accuracy_1" in {value.tag for value in event.summary.value}
    ]

    assert seen == list(steps)
