"""What TensorBoard is given to read: every tag of the codelab, at the right steps."""

import os
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.errors import DataLossError

from poets.config.head import HeadConfig
from poets.config.train import TrainConfig
from poets.dataset import Dataset
from poets.errors import OutputError
from poets.summaries.events import last_event_file
from poets.summaries.training import training_summaries
from poets.train import StepState, TrainingData, fit
from tests.support.backbones import tiny_backbone
from tests.support.events import events_in, steps_by_tag
from tests.support.features import dataset_of, features_of
from tests.support.processes import python

SCALARS = {"accuracy_1", "cross_entropy_1"} | {
    f"final_training_ops/{variable}/summaries/{statistic}"
    for variable in ("weights", "biases")
    for statistic in ("mean", "stddev", "max", "min")
}
HISTOGRAMS = {
    "final_training_ops/weights/summaries/histogram",
    "final_training_ops/biases/summaries/histogram",
    "final_training_ops/Wx_plus_b/pre_activations",
    "activations",
}
STEPS, EVALUATED = 25, [0, 10, 20, 24]

FULL = """
import resource
from pathlib import Path
from tensorboard.compat.proto.graph_pb2 import GraphDef
from poets.config.train import TrainConfig
from poets.errors import OutputError
from poets.summaries.training import training_summaries
from poets.train import TrainingData, fit
from tests.support.features import dataset_of
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with training_summaries(Path("SUMMARIES"), GraphDef()) as summaries:
        fit(TrainingData.of(dataset_of()), TrainConfig(), [summaries])
except OutputError as error:
    print(error)
"""


def write(
    folder: Path, dataset: Dataset | None = None, graph: GraphDef | None = None, steps: int = STEPS
) -> list[StepState]:
    """Train, with the summaries listening; return all that they heard."""
    states: list[StepState] = []
    config = TrainConfig(how_many_training_steps=steps)
    with training_summaries(folder, graph or GraphDef()) as summaries:
        fit(TrainingData.of(dataset or dataset_of()), config, [summaries, states.append])
    return states


def event_file(folder: Path, part: str) -> Path:
    (path,) = (folder / part).glob("events.out.tfevents.*")
    return path


def values_of(path: Path, tag: str) -> list[Summary.Value]:
    return [value for event in events_in(path) for value in event.summary.value if value.tag == tag]


def test_training_has_its_scalars_at_every_step_and_histograms_at_evaluations(
    tmp_path: Path,
) -> None:
    write(tmp_path)

    steps = steps_by_tag(event_file(tmp_path, "train"))
    assert steps.keys() == SCALARS | HISTOGRAMS
    assert all(steps[tag] == list(range(STEPS)) for tag in SCALARS)
    assert all(steps[tag] == EVALUATED for tag in HISTOGRAMS)


def test_validation_has_all_of_it_at_evaluations(tmp_path: Path) -> None:
    write(tmp_path)

    steps = steps_by_tag(event_file(tmp_path, "validation"))
    assert steps == dict.fromkeys(SCALARS | HISTOGRAMS, EVALUATED)


def test_the_numbers_are_those_of_the_training(tmp_path: Path) -> None:
    states = write(tmp_path)

    train = event_file(tmp_path, "train")
    written = {tag: [v.simple_value for v in values_of(train, tag)] for tag in SCALARS}
    weights = [state.head.weights for state in states]
    scope = "final_training_ops/weights/summaries"
    assert written["accuracy_1"] == pytest.approx([state.batch.accuracy for state in states])
    losses = [state.batch.cross_entropy for state in states]
    assert written["cross_entropy_1"] == pytest.approx(losses)
    assert written[f"{scope}/mean"] == pytest.approx([w.mean() for w in weights], abs=1e-7)
    assert written[f"{scope}/stddev"] == pytest.approx([w.std() for w in weights], rel=1e-4)
    assert written[f"{scope}/max"] == pytest.approx([w.max() for w in weights])
    assert written[f"{scope}/min"] == pytest.approx([w.min() for w in weights])
    validation = values_of(event_file(tmp_path, "validation"), "accuracy_1")
    heard = [
        s.evaluation.validation.accuracy for s in states if s.evaluation and s.evaluation.validation
    ]
    assert [value.simple_value for value in validation] == pytest.approx(heard)


@pytest.mark.parametrize("tag", sorted(HISTOGRAMS))
def test_a_histogram_counts_every_number_between_its_ends(tmp_path: Path, tag: str) -> None:
    states = write(tmp_path)

    arrays = {
        "final_training_ops/weights/summaries/histogram": states[-1].head.weights,
        "final_training_ops/biases/summaries/histogram": states[-1].head.bias,
        "final_training_ops/Wx_plus_b/pre_activations": states[-1].batch.logits,
    }
    histogram = values_of(event_file(tmp_path, "train"), tag)[-1].histo
    assert sum(histogram.bucket) == histogram.num
    assert len(histogram.bucket) == len(histogram.bucket_limit)
    assert list(histogram.bucket_limit) == sorted(histogram.bucket_limit)
    if tag in arrays:
        assert histogram.num == arrays[tag].size
        assert histogram.sum == pytest.approx(float(arrays[tag].sum()), abs=1e-4)
        assert histogram.min == pytest.approx(arrays[tag].min())
        assert histogram.max == pytest.approx(arrays[tag].max())


def test_a_hidden_layer_has_tags_of_its_own(tmp_path: Path) -> None:
    config = TrainConfig(how_many_training_steps=2)
    with training_summaries(tmp_path, GraphDef()) as summaries:
        data = TrainingData.of(dataset_of())
        fit(data, config, [summaries], settings=HeadConfig(hidden_units=4))

    tags = set(steps_by_tag(event_file(tmp_path, "train"))) - SCALARS - HISTOGRAMS
    assert tags == {
        f"final_training_ops/{variable}/summaries/{statistic}"
        for variable in ("hidden_weights", "hidden_biases")
        for statistic in ("mean", "stddev", "max", "min", "histogram")
    }


def test_the_graph_is_drawn_without_its_weights(tmp_path: Path) -> None:
    graph = GraphDef.FromString(tiny_backbone(tmp_path / "tiny").graph_path.read_bytes())
    large = graph.node.add(name="large", op="Const")
    large.attr["value"].tensor.tensor_content = bytes(1_000_000)

    write(tmp_path, graph=graph)

    (drawn,) = (e.graph_def for e in events_in(event_file(tmp_path, "train")) if e.graph_def)
    nodes = {node.name: node for node in GraphDef.FromString(drawn).node}
    assert nodes.keys() == {node.name for node in graph.node}
    assert list(nodes["pool"].input) == ["input"]
    assert nodes["shape"].attr["value"].tensor.int_val
    assert len(drawn) < 10_000


def test_without_validation_pictures_its_file_is_empty_but_whole(tmp_path: Path) -> None:
    dataset = dataset_of()
    nothing = features_of(np.empty((0, 8)), [])

    write(tmp_path, Dataset(dataset.labels, dataset.training, nothing, nothing))

    events = list(events_in(event_file(tmp_path, "validation")))
    assert [event.file_version for event in events] == ["brain.Event:2"]


def test_a_damaged_file_would_not_go_unnoticed_here(tmp_path: Path) -> None:
    write(tmp_path, steps=2)
    path = event_file(tmp_path, "train")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(DataLossError):
        list(events_in(path))


# What was there


def test_a_new_training_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    write(tmp_path)
    for part in ("train", "validation"):  # as another process leaves it
        path = event_file(tmp_path, part)
        path.rename(path.with_name("events.out.tfevents.1500000000.host.1.poets"))

    write(tmp_path, steps=3)

    assert steps_by_tag(event_file(tmp_path, "train"))["accuracy_1"] == [0, 1, 2]
    assert steps_by_tag(event_file(tmp_path, "validation"))["accuracy_1"] == [0, 2]


def test_what_this_tool_did_not_write_stays(tmp_path: Path) -> None:
    others = [
        "train/events.out.tfevents.1500000000.host",
        "train/notes.txt",
        "validation/events.out.tfevents.1500000000.host.1234.0.v2",
        "another_run/events.out.tfevents.1500000000.host.1.poets",
        "photo.jpg",
    ]
    for name in others:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"mine")

    write(tmp_path)

    assert [(tmp_path / name).read_bytes() for name in others] == [b"mine"] * len(others)


def test_a_training_that_goes_on_keeps_its_beginning(tmp_path: Path) -> None:
    write(tmp_path, steps=3)
    path = event_file(tmp_path, "train")
    path.rename(path.with_name("events.out.tfevents.1500000000.host.1.poets"))

    with training_summaries(tmp_path, GraphDef(), resumed=True):
        pass

    assert len(list((tmp_path / "train").iterdir())) == 2


def test_what_comes_after_the_training_goes_on_in_its_file(tmp_path: Path) -> None:
    write(tmp_path, steps=3)
    earlier = tmp_path / "train" / "events.out.tfevents.1500000000.host.1.poets"
    earlier.write_bytes(b"of another process")
    before = event_file_of_mine(tmp_path).read_bytes()

    with last_event_file(tmp_path / "train") as events:
        events.summary(2, [Summary.Value(tag="after", simple_value=1)])

    assert event_file_of_mine(tmp_path).read_bytes().startswith(before)
    assert steps_by_tag(event_file_of_mine(tmp_path))["after"] == [2]
    versions = [event.file_version for event in events_in(event_file_of_mine(tmp_path))]
    assert [version for version in versions if version] == ["brain.Event:2"]
    assert earlier.read_bytes() == b"of another process"


def test_without_a_file_of_this_process_one_is_begun(tmp_path: Path) -> None:
    with last_event_file(tmp_path / "new" / "train") as events:
        events.summary(2, [Summary.Value(tag="after", simple_value=1)])

    assert steps_by_tag(event_file(tmp_path / "new", "train")) == {"after": [2]}


def event_file_of_mine(folder: Path) -> Path:
    (path,) = (folder / "train").glob(f"events.out.tfevents.*.{os.getpid()}.poets")
    return path


def test_files_have_names_that_tensorboard_looks_for(tmp_path: Path) -> None:
    write(tmp_path, steps=1)

    names = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert len(names) == 2
    assert all("tfevents" in name for name in names)


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written") as caught:
        write(tmp_path / name)

    assert str(tmp_path / name) in str(caught.value)


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    program = FULL.replace("SUMMARIES", str(tmp_path))

    said = python(program, folder=Path(__file__).parents[2])

    assert said.stdout == f"{tmp_path}/train cannot be written: file too large.\n"
    assert said.stderr == ""


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "summaries").symlink_to(tmp_path / "elsewhere")

    write(tmp_path / "summaries", steps=1)

    assert (tmp_path / "elsewhere" / "train").is_dir()
