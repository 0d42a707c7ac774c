"""One photo, one answer: in training, in the graph as scripts of 2017 run it, and on a phone."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from tensorboard.util.tensor_util import make_ndarray

from poets.backbones.quiet_tensorflow import tf
from poets.config.label import LabelConfig
from poets.export.frozen_graph import read_graph
from poets.features.cache import FeatureCache, FileState
from poets.heads.softmax import SoftmaxHead
from poets.labels import read_labels
from poets.manifest import read_zip_manifest
from poets.preprocess import FloatArray
from poets.runtimes.open import open_model
from tests.support.commands import Trained, run_in
from tests.support.labelling import label_images

TOLERANCE = 1e-4
Edit = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """Five photos, as files and as the network takes them."""

    paths: list[Path]
    values: FloatArray  # [5, height, width, 3]
    trained: Trained


@pytest.fixture(scope="module")
def case(trained: Trained) -> Case:
    manifest = read_zip_manifest(trained.tflite)
    assert manifest is not None
    paths = [sorted(folder.iterdir())[3] for folder in sorted(trained.image_dir.iterdir())]
    return Case(paths, np.stack([manifest.preprocess.load(path) for path in paths]), trained)


def in_training(case: Case) -> FloatArray:
    """The head on the features that the training kept."""
    manifest = read_zip_manifest(case.trained.tflite)
    assert manifest is not None
    nodes = {node.name: node for node in read_graph(case.trained.graph).node}
    weights, bias = (
        make_ndarray(nodes[f"final_training_ops/{name}"].attr["value"].tensor)
        for name in ("weights", "biases")
    )
    rows = []
    with FeatureCache(case.trained.folder / "tf_files" / "bottlenecks") as cache:
        for path in case.paths:
            entry = cache.look_up(FileState.of(path), manifest.backbone_digest)
            assert entry is not None
            assert entry.values is not None
            rows.append(entry.values)
    return SoftmaxHead(weights, bias).probabilities(np.stack(rows))


def in_a_session(graph: Path, values: FloatArray) -> FloatArray:
    """What a script of 2017 does with the graph."""
    with tf.Graph().as_default() as imported:
        definition = tf.compat.v1.GraphDef()
        definition.ParseFromString(graph.read_bytes())
        tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(graph=imported) as session:
            return np.asarray(session.run("final_result:0", {"input:0": values}))


def in_litert(tflite: Path, values: FloatArray) -> FloatArray:
    """What a program on a phone does with the model."""
    interpreter = Interpreter(model_path=str(tflite))
    interpreter.allocate_tensors()
    (source,), (sink,) = interpreter.get_input_details(), interpreter.get_output_details()
    rows = []
    for picture in values:
        interpreter.set_tensor(source["index"], picture[np.newaxis])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(sink["index"])[0])
    return np.stack(rows)


def test_the_photos_are_told_apart_at_all(case: Case) -> None:
    scores = in_training(case)

    assert scores.argmax(axis=1).tolist() == [0, 1, 2, 3, 4]
    assert scores.max(axis=1).min() > 0.5


def test_a_session_of_2017_gives_the_scores_of_the_training(case: Case) -> None:
    scores = in_a_session(case.trained.graph, case.values)

    assert scores.shape == (5, 5)
    assert np.abs(scores - in_training(case)).max() < TOLERANCE


def test_a_batch_of_one_gives_what_a_batch_of_five_gives(case: Case) -> None:
    together = in_a_session(case.trained.graph, case.values)
    alone = in_a_session(case.trained.graph, case.values[2:3])

    assert np.abs(together[2:3] - alone).max() < TOLERANCE


def test_the_tflite_gives_the_scores_of_the_training(case: Case) -> None:
    assert np.abs(in_litert(case.trained.tflite, case.values) - in_training(case)).max() < TOLERANCE


def test_label_image_prints_the_scores_of_the_training(case: Case) -> None:
    labels = read_labels(case.trained.folder / "tf_files" / "retrained_labels.txt")
    scores = in_training(case)

    said = run_in(case.trained.folder, "label-image", case.paths[1])

    best = scores[1].argmax()
    assert f"{labels[best]} (score={scores[1][best]:.3f}" in said.stdout


def leave_alone(folder: Path) -> None:
    """Take the .tflite away, as one does who copies the .pb only."""
    (folder / "graph.tflite").unlink()


def spoil_the_twin(folder: Path) -> None:
    """Leave a .tflite that speaks for another graph."""
    content = bytearray((folder / "graph.tflite").read_bytes())
    digest = read_zip_manifest(folder / "graph.tflite")
    assert digest is not None
    at = content.rindex(digest.graph_sha256.encode())
    content[at : at + 64] = b"0" * 64
    start = content.rindex(b"PK\x03\x04", 0, at)
    (folder / "graph.tflite").write_bytes(content[:start])


@pytest.mark.parametrize("edit", [leave_alone, spoil_the_twin])
def test_the_graph_alone_gives_the_scores_of_the_training_in_tensorflow(
    case: Case, tmp_path: Path, edit: Edit
) -> None:
    shutil.copy(case.trained.graph, tmp_path / "graph.pb")
    shutil.copy(case.trained.tflite, tmp_path / "graph.tflite")
    edit(tmp_path)

    model = open_model(LabelConfig(graph=tmp_path / "graph.pb"))
    labeled = list(label_images(model, case.paths, k=5))

    expected = in_training(case)
    for picture, row in zip(labeled, expected, strict=True):
        found = {prediction.label: prediction.score for prediction in picture.predictions}
        assert np.abs([found[label] for label in model.labels] - row).max() < TOLERANCE


def test_a_twin_of_another_graph_does_not_speak_for_this_one(case: Case, tmp_path: Path) -> None:
    graph = read_graph(case.trained.graph)
    (bias,) = (node for node in graph.node if node.name == "final_training_ops/biases")
    bias.attr["value"].tensor.tensor_content = np.array([99, 0, 0, 0, 0], "<f4").tobytes()
    (tmp_path / "graph.pb").write_bytes(graph.SerializeToString())
    shutil.copy(case.trained.tflite, tmp_path / "graph.tflite")

    model = open_model(LabelConfig(graph=tmp_path / "graph.pb"))

    best = {picture.predictions[0].label for picture in label_images(model, case.paths)}
    assert best == {model.labels[0]}
