"""Inception v3 as the codelab has it: the archive of 2015, of old operations."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.compile import compile_backbone
from poets.backbones.compiled import GRAPH_FILE, TFLITE_FILE
from poets.backbones.inception import make
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.table import find_backbone
from poets.errors import ModelError
from poets.graph_ops import check_ops
from poets.preprocess import FloatArray
from tests.golden.test_backbones import run_tflite
from tests.support.archives import tgz_bytes
from tests.support.inception import FEATURE_SIZE, GraphDef, inception_graph

INCEPTION = find_backbone("inception_v3")
ARCHIVE = "inception-2015-12-05.tgz"
GRAPH = "classify_image_graph_def.pb"


def pictures(size: int = 299) -> FloatArray:
    return np.random.default_rng(1).uniform(-1, 1, (2, size, size, 3)).astype(np.float32)


def run(graph_def: GraphDef, fetch: str, images: FloatArray) -> FloatArray:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            values: FloatArray = session.run(fetch, {"Mul:0": images})
    return values


@pytest.fixture(scope="module")
def graph() -> GraphDef:
    return inception_graph()


@pytest.fixture(scope="module")
def expected(graph: GraphDef) -> FloatArray:
    """What the graph of 2015 itself computes, one picture at a time, as it then had to be."""
    return np.concatenate(
        [run(graph, "pool_3/_reshape:0", image[np.newaxis]) for image in pictures()]
    )


@pytest.fixture(scope="module")
def archive(graph: GraphDef, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / ARCHIVE
    files = {GRAPH: graph.SerializeToString(), "LICENSE": b"Apache", "cropped_panda.jpg": b"?"}
    path.write_bytes(tgz_bytes(files))
    return path


def test_the_archive_of_2015_gives_the_features_that_its_graph_does(
    archive: Path, expected: FloatArray, tmp_path: Path
) -> None:
    compile_backbone(INCEPTION, archive, tmp_path)

    graph = GraphDef.FromString((tmp_path / GRAPH_FILE).read_bytes())
    check_ops(graph, tmp_path)
    features = run(graph, "features:0", pictures())
    assert features.shape == (2, FEATURE_SIZE)
    assert expected.std() > 0.1
    np.testing.assert_allclose(features, expected, rtol=0, atol=1e-4)
    lite = run_tflite(tmp_path / TFLITE_FILE, pictures())
    np.testing.assert_allclose(lite, expected, rtol=0, atol=1e-4)


def test_the_graph_alone_gives_the_same(archive: Path, graph: GraphDef, tmp_path: Path) -> None:
    path = tmp_path / GRAPH
    path.write_bytes(graph.SerializeToString())
    assert make(INCEPTION, path) == make(INCEPTION, archive)


def test_its_input_keeps_its_name(archive: Path) -> None:
    frozen = make(INCEPTION, archive)
    (entry,) = [node for node in frozen.graph.node if node.op == "Placeholder"]
    assert entry.name == frozen.input_node == "Mul"


# Files that are something else


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        (GRAPH, b"", "has no node 'Mul'"),
        (GRAPH, b"<html>blocked</html>", "holds no graph"),
        (ARCHIVE, b"<html>blocked</html>", "no .tgz archive"),
        (ARCHIVE, tgz_bytes({"LICENSE": b"Apache"}), f"no {GRAPH} in it"),
        (ARCHIVE, tgz_bytes({GRAPH: b"\xff" * 9}), "holds no graph"),
    ],
)
def test_a_file_without_the_graph_is_named(
    tmp_path: Path, file: str, content: bytes, reason: str
) -> None:
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ModelError, match=reason) as caught:
        make(INCEPTION, tmp_path / file)
    assert str(tmp_path / file) in str(caught.value)
    assert caught.value.hint.startswith("Delete it; Keras's weights are downloaded instead")


def test_weights_that_are_not_keras_s_are_named(tmp_path: Path) -> None:
    (tmp_path / "weights.h5").write_bytes(b"<html>blocked</html>")
    with pytest.raises(ModelError, match=r"weights\.h5: no weights of inception_v3"):
        make(find_backbone("inception_v3", 75), tmp_path / "weights.h5")


def test_another_size_than_299_is_refused(archive: Path) -> None:
    with pytest.raises(ModelError, match="its graph does not run at 96 pixels"):
        make(find_backbone("inception_v3", 96), archive)


def test_a_batch_norm_of_no_constants_is_refused(graph: GraphDef, tmp_path: Path) -> None:
    changed = GraphDef()
    changed.CopyFrom(graph)
    for node in changed.node:
        if node.name == "conv/batchnorm":
            node.input[1] = "Mul"
    path = tmp_path / GRAPH
    path.write_bytes(changed.SerializeToString())
    with pytest.raises(ModelError, match="does not run"):
        make(INCEPTION, path)


def test_a_graph_that_writes_files_never_runs(graph: GraphDef, tmp_path: Path) -> None:
    changed = GraphDef()
    changed.CopyFrom(graph)
    changed.node.add(name="write", op="WriteFile", input=["DecodeJpeg/contents"] * 2)
    path = tmp_path / GRAPH
    path.write_bytes(changed.SerializeToString())
    with pytest.raises(ModelError, match="runs WriteFile, which can write"):
        make(INCEPTION, path)


def test_a_truncated_archive_is_named(archive: Path, tmp_path: Path) -> None:
    shutil.copy(archive, tmp_path)
    path = tmp_path / ARCHIVE
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="truncated"):
        make(INCEPTION, path)
