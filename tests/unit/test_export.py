"""The joined graph and its .tflite, as they are written without TensorFlow."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.classifier import Classifier
from poets.errors import ModelError, UsageError
from poets.export import frozen_graph, litert
from poets.export.frozen_graph import MANIFEST_NODE, check_name, manifest_of, read_graph
from poets.graph_ops import check_ops
from poets.heads.softmax import SoftmaxHead
from poets.manifest import Manifest, read_zip_manifest
from poets.preprocess import Preprocess
from poets.runtimes.litert import LiteRTRunner
from tests.support.backbones import FEATURE_SIZE, tiny_backbone, tiny_features
from tests.support.pictures import encoded, gradient

SMALL = Preprocess(16, 24, mean=127.5, std=127.5)
LABELS = ("daisy", "ромашка", "a\u2028b", "two words")
RNG = np.random.default_rng(0)
HEAD = SoftmaxHead(
    RNG.normal(0, 2, (FEATURE_SIZE, len(LABELS))).astype(np.float32),
    RNG.normal(0, 1, len(LABELS)).astype(np.float32),
)


@pytest.fixture
def classifier(tmp_path: Path) -> Classifier:
    backbone = tiny_backbone(tmp_path / "backbone", SMALL)
    manifest = Manifest(
        labels=LABELS,
        preprocess=SMALL,
        input_name="input",
        output_name="final_result",
        architecture=backbone.architecture,
        backbone_digest=backbone.digest,
        poets_version="0",
    )
    return Classifier(backbone, HEAD, manifest)


def with_output(classifier: Classifier, name: str) -> Classifier:
    return replace(classifier, manifest=replace(classifier.manifest, output_name=name))


def exported(classifier: Classifier, folder: Path) -> tuple[Path, Path]:
    graph, tflite = folder / "graph.pb", folder / "graph.tflite"
    frozen_graph.export(classifier, graph)
    litert.export(classifier, tflite)
    return graph, tflite


def test_the_tflite_says_what_the_head_says_of_the_features(
    classifier: Classifier, tmp_path: Path
) -> None:
    _, tflite = exported(classifier, tmp_path)
    values = SMALL.load(encoded(gradient()))

    scores = LiteRTRunner(tflite).run(values)

    features = np.array([tiny_features(values)], dtype=np.float32)
    assert np.abs(scores - HEAD.probabilities(features)[0]).max() < 1e-5
    assert scores.shape == (len(LABELS),)


def test_the_graph_has_the_codelab_s_nodes_and_no_operation_that_is_refused(
    classifier: Classifier, tmp_path: Path
) -> None:
    path, _ = exported(classifier, tmp_path)

    graph = read_graph(path)

    nodes = {node.name: node for node in graph.node}
    assert nodes["input"].op == "Placeholder"
    assert [dim.size for dim in nodes["input"].attr["shape"].shape.dim] == [-1, 16, 24, 3]
    assert nodes["final_result"].op == "Softmax"
    check_ops(graph, path)


def test_both_know_labels_and_preprocess(classifier: Classifier, tmp_path: Path) -> None:
    graph, tflite = exported(classifier, tmp_path)

    assert manifest_of(read_graph(graph)) == classifier.manifest
    assert read_zip_manifest(tflite) == classifier.manifest


def test_readers_on_phones_find_the_labels_in_the_tflite(
    classifier: Classifier, tmp_path: Path
) -> None:
    _, tflite = exported(classifier, tmp_path)

    with zipfile.ZipFile(tflite) as archive:
        text = archive.read("labels.txt").decode()

    assert text == "".join(f"{label}\n" for label in LABELS)


def test_the_same_classifier_makes_the_same_bytes(classifier: Classifier, tmp_path: Path) -> None:
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        contents.append([path.read_bytes() for path in exported(classifier, folder)])

    assert contents[0] == contents[1]


@pytest.mark.parametrize("n_labels", [2, 1000])
def test_few_and_many_labels_can_be_exported(
    classifier: Classifier, tmp_path: Path, n_labels: int
) -> None:
    head = SoftmaxHead(
        np.zeros((FEATURE_SIZE, n_labels), np.float32), np.zeros(n_labels, np.float32)
    )
    labels = tuple(f"label {number}" for number in range(n_labels))
    many = Classifier(classifier.backbone, head, replace(classifier.manifest, labels=labels))

    graph, tflite = exported(many, tmp_path)

    scores = LiteRTRunner(tflite).run(SMALL.load(encoded(gradient())))
    assert scores == pytest.approx([1 / n_labels] * n_labels)
    found = manifest_of(read_graph(graph))
    assert found is not None
    assert found.labels == labels


@pytest.mark.parametrize("name", ["my_result", "scope/result", "0", ".hidden", "A-b_c.d"])
def test_the_output_may_have_any_name_that_tensorflow_allows(
    classifier: Classifier, tmp_path: Path, name: str
) -> None:
    graph, tflite = exported(with_output(classifier, name), tmp_path)

    assert name in {node.name for node in read_graph(graph).node}
    assert LiteRTRunner(tflite).n_outputs == len(LABELS)


@pytest.mark.parametrize("name", ["", "two words", "_private", "a:0", "ромашка", "a\n", "-a"])
def test_a_name_that_tensorflow_refuses_is_refused_here(name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a node") as caught:
        check_name(name)

    assert "begins with a letter" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["input", "features", "pool", "final_training_ops/weights", MANIFEST_NODE]
)
def test_a_name_that_is_taken_is_refused_before_anything_is_written(
    classifier: Classifier, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="another node"):
        frozen_graph.export(with_output(classifier, name), tmp_path / "graph.pb")

    assert not (tmp_path / "graph.pb").exists()


# Reading a graph


@pytest.mark.parametrize("content", [b"", b"no graph", b"\xff" * 100, b"\n\x05"])
def test_a_file_that_is_no_graph_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "graph.pb").write_bytes(content)

    with pytest.raises(ModelError, match=r"graph\.pb is no graph") as caught:
        read_graph(tmp_path / "graph.pb")

    assert ".pb or .tflite" in caught.value.hint


def test_a_graph_that_was_cut_off_is_refused(classifier: Classifier, tmp_path: Path) -> None:
    path, _ = exported(classifier, tmp_path)
    content = path.read_bytes()

    for share in (0.1, 0.5, 0.9, 0.99):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(ModelError, match="is no graph"):
            read_graph(path)


@pytest.mark.parametrize(("name", "reason"), [("missing.pb", "no such file"), (".", "directory")])
def test_a_graph_that_cannot_be_opened_is_named(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        read_graph(tmp_path / name)


def test_a_graph_from_elsewhere_has_no_manifest(tmp_path: Path) -> None:
    graph = read_graph(tiny_backbone(tmp_path).graph_path)

    assert manifest_of(graph) is None


@pytest.mark.parametrize("values", [[], [b""], [b"{}"], [b"\xff"]])
def test_a_manifest_that_is_none_is_refused(values: list[bytes]) -> None:
    graph = GraphDef()
    node = graph.node.add(name=MANIFEST_NODE, op="Const")
    node.attr["value"].tensor.string_val.extend(values)

    with pytest.raises(ModelError, match="manifest"):
        manifest_of(graph)
