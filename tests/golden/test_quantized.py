"""The codelab's quantized networks: the archive's graph of 8-bit weights, or the float one."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.compile import compile_backbone
from poets.backbones.compiled import GRAPH_FILE, TFLITE_FILE
from poets.backbones.eight_bit import with_plain_weights
from poets.backbones.frozen_archive import POOL_NODE, QUANTIZED_MEMBER, make, read_archive
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.table import find_backbone
from poets.export.frozen_graph import read_graph
from poets.graph_ops import check_ops
from poets.preprocess import FloatArray
from tests.golden.test_backbones import photos, run_tflite

QUANTIZED = find_backbone("mobilenet_0.25_128_quantized")
PLAIN = find_backbone("mobilenet_0.25_128")


@pytest.fixture
def archive(shared: Path) -> Path:
    return shared / "models" / "mobilenet_v1_0.25_128_frozen.tgz"


def run(graph_def: tf.compat.v1.GraphDef, fetch: str, images: FloatArray) -> FloatArray:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            values: FloatArray = session.run(fetch, {"input:0": images})
    return values


def quantized_graph_of(archive: Path) -> tf.compat.v1.GraphDef:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(f"mobilenet_v1_0.25_128/{QUANTIZED_MEMBER}")
        assert isinstance(file, io.BufferedReader)
        return tf.compat.v1.GraphDef.FromString(file.read())


def test_the_features_are_those_of_the_archive_s_quantized_graph(
    archive: Path, shared: Path, tmp_path: Path
) -> None:
    images = photos(QUANTIZED.preprocess, shared)
    published = quantized_graph_of(archive)
    expected = np.stack(
        [run(published, f"{POOL_NODE}:0", image[np.newaxis])[0, 0, 0] for image in images]
    )

    compile_backbone(QUANTIZED, archive, tmp_path)

    ours = tf.compat.v1.GraphDef.FromString((tmp_path / GRAPH_FILE).read_bytes())
    one_by_one = [run(ours, "features:0", image[np.newaxis])[0] for image in images]
    np.testing.assert_array_equal(one_by_one, expected)
    lite = run_tflite(tmp_path / TFLITE_FILE, images)
    np.testing.assert_allclose(lite, expected, rtol=0, atol=1e-4)


def test_the_exported_graph_keeps_the_weights_in_8_bits(archive: Path, tmp_path: Path) -> None:
    quantized, plain = tmp_path / "quantized", tmp_path / "plain"
    for spec, folder in ((QUANTIZED, quantized), (PLAIN, plain)):
        folder.mkdir()
        compile_backbone(spec, archive, folder)
    graph = read_graph(quantized / GRAPH_FILE)
    check_ops(graph, quantized)
    assert [node.op for node in graph.node].count("Dequantize") == 1
    sizes = [(folder / GRAPH_FILE).stat().st_size for folder in (quantized, plain)]
    assert sizes[0] < 0.75 * sizes[1]


def test_an_archive_without_a_quantized_graph_gives_its_float_one(shared: Path) -> None:
    archive = shared / "models" / "mobilenet_v1_1.0_224_frozen.tgz"
    spec = find_backbone("mobilenet_1.0_224_quantized")
    assert make(spec, archive) == make(find_backbone("mobilenet_1.0_224"), archive)


def test_plain_weights_are_what_tensorflow_makes_of_the_8_bits(archive: Path) -> None:
    graph = read_archive(archive, quantized=True)
    (name,) = [n.name for n in graph.node if n.op == "Dequantize" and "Conv2d_13" in n.name]

    plain = with_plain_weights(graph)

    (weights,) = [node for node in plain.node if node.name == name]
    assert weights.op == "Const"
    values = tf.make_ndarray(weights.attr["value"].tensor)
    assert len(np.unique(values)) <= 256
    image = np.zeros((1, 128, 128, 3), np.float32)
    np.testing.assert_array_equal(values, run(graph, f"{name}:0", image))


def test_a_graph_without_8_bit_weights_is_left_as_it_is(archive: Path) -> None:
    graph = read_archive(archive)
    assert with_plain_weights(graph) is graph
