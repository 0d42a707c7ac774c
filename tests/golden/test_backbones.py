"""Backbones made from the real weights: known classes, one answer from every file, same bytes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.backbones.compile import compile_backbone, freeze
from poets.backbones.compiled import GRAPH_FILE, TFLITE_FILE
from poets.backbones.efficientnet_lite import build_model
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.spec import BackboneSpec
from poets.backbones.table import find_backbone
from poets.errors import ModelError
from poets.graph_ops import check_ops
from poets.preprocess import FloatArray, Preprocess
from tests.support.lite import SOURCES, lite_weights

LITE0 = "efficientnet_lite0"
FEATURE_SIZES = {LITE0: 1280, "mobilenet_1.0_224": 1024, "mobilenet_0.25_128": 256}
DAISY = 985  # of ImageNet's 1,000 classes


@dataclass(frozen=True)
class Compiled:
    """A backbone in its folder, and what it was made from."""

    spec: BackboneSpec
    weights: Path
    folder: Path


def weights_of(name: str, shared: Path) -> Path:
    if name == LITE0:
        return lite_weights(name)
    return shared / "models" / f"{name.replace('mobilenet', 'mobilenet_v1')}_frozen.tgz"


@pytest.fixture(scope="module", params=FEATURE_SIZES)
def compiled(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Compiled:
    name = str(request.param)
    made = Compiled(find_backbone(name), weights_of(name, shared), tmp_path_factory.mktemp(name))
    assert compile_backbone(made.spec, made.weights, made.folder) == FEATURE_SIZES[name]
    return made


def photos(preprocess: Preprocess, shared: Path, label: str = "*", step: int = 60) -> FloatArray:
    paths = sorted((shared / "data" / "flowers").glob(f"{label}/*.jpg"))[::step]
    return np.stack([preprocess.load(path) for path in paths])


def run_pb(path: Path, batch: FloatArray) -> FloatArray:
    """Run a graph the way scripts of 2017 do."""
    graph_def = tf.compat.v1.GraphDef()
    graph_def.ParseFromString(path.read_bytes())
    with tf.Graph().as_default() as graph:
        tf.compat.v1.import_graph_def(graph_def, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            features: FloatArray = session.run("features:0", {"input:0": batch})
    return features


def run_tflite(path: Path, batch: FloatArray) -> FloatArray:
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    (entry,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    features = []
    for image in batch:
        interpreter.set_tensor(entry["index"], image[np.newaxis])
        interpreter.invoke()
        features.append(interpreter.get_tensor(output["index"])[0])
    return np.stack(features)


# Of 60 photos; Lite1 and Lite2 know all but two or three among their best five.
@pytest.mark.parametrize(
    ("name", "top_1", "top_5"),
    [(LITE0, 0.80, 0.88), ("efficientnet_lite1", 0.80, 0.92), ("efficientnet_lite2", 0.80, 0.92)],
)
def test_lite_knows_a_daisy(name: str, top_1: float, top_5: float, shared: Path) -> None:
    spec = find_backbone(name)
    model = build_model(spec, lite_weights(name), classifier=True)
    logits = model.predict(photos(spec.preprocess, shared, "daisy", step=2), verbose=0)
    best = np.argsort(-logits, axis=1)
    assert logits.shape == (60, 1000)
    assert np.mean(best[:, 0] == DAISY) >= top_1
    assert np.mean(np.any(best[:, :5] == DAISY, axis=1)) >= top_5


BLOCKS = {  # how many, and the shapes of the first, of one in the middle and of the last
    LITE0: (16, (112, 112, 16), (14, 14, 112), (7, 7, 320)),
    "efficientnet_lite1": (21, (120, 120, 16), (15, 15, 80), (8, 8, 320)),
    "efficientnet_lite2": (21, (130, 130, 16), (17, 17, 88), (9, 9, 352)),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_of_lite_can_be_cut_off_by_its_name(name: str) -> None:
    count, first, middle, last = BLOCKS[name]
    spec = find_backbone(name)
    model = build_model(spec, lite_weights(name))
    shapes = [model.get_layer(f"blocks.{i}").output.shape[1:] for i in range(count)]
    assert (shapes[0], shapes[10], shapes[-1]) == (first, middle, last)
    assert sum(weights.size for weights in model.get_weights()) == spec.parameters
    with pytest.raises(ValueError, match=f"blocks.{count}"):
        model.get_layer(f"blocks.{count}")


def test_the_graph_and_the_tflite_agree_on_real_photos(compiled: Compiled, shared: Path) -> None:
    batch = photos(compiled.spec.preprocess, shared)
    features = run_pb(compiled.folder / GRAPH_FILE, batch)
    assert features.shape == (10, FEATURE_SIZES[compiled.spec.name])
    assert features.std() > 0.1
    lite = run_tflite(compiled.folder / TFLITE_FILE, batch)
    np.testing.assert_allclose(lite, features, rtol=0, atol=1e-4)


def test_the_graph_takes_batches_of_any_size(compiled: Compiled, shared: Path) -> None:
    batch = photos(compiled.spec.preprocess, shared)[:5]
    together = run_pb(compiled.folder / GRAPH_FILE, batch)
    alone = [run_pb(compiled.folder / GRAPH_FILE, image[np.newaxis])[0] for image in batch]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-4)


def test_the_graph_needs_no_functions_and_no_variables(compiled: Compiled) -> None:
    graph = GraphDef.FromString((compiled.folder / GRAPH_FILE).read_bytes())
    preprocess = compiled.spec.preprocess
    check_ops(graph, compiled.folder / GRAPH_FILE)
    assert not graph.library.function
    (entry,) = [node for node in graph.node if node.op == "Placeholder"]
    assert entry.name == "input"
    shape = [dim.size for dim in entry.attr["shape"].shape.dim]
    assert shape == [-1, preprocess.height, preprocess.width, 3]
    (output,) = [node for node in graph.node if node.name == "features"]
    assert output.name not in {name for node in graph.node for name in node.input}


def test_the_tflite_takes_one_picture_and_gives_one_vector(compiled: Compiled) -> None:
    interpreter = Interpreter(str(compiled.folder / TFLITE_FILE))
    (entry,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    preprocess = compiled.spec.preprocess
    assert entry["shape"].tolist() == [1, preprocess.height, preprocess.width, 3]
    assert output["shape"].tolist() == [1, FEATURE_SIZES[compiled.spec.name]]
    assert entry["dtype"] == output["dtype"] == np.float32


COMPILE = """
import sys
from pathlib import Path
from poets.backbones.table import find_backbone
from poets.registry import load

name, weights, folder = sys.argv[1:]
compile_backbone = load("poets.backbones.compile:compile_backbone")
compile_backbone(find_backbone(name), Path(weights), Path(folder))
"""


def test_another_process_makes_the_same_bytes_and_says_nothing(
    compiled: Compiled, tmp_path: Path
) -> None:
    keras_json = {"backend": "jax", "floatx": "float16", "image_data_format": "channels_first"}
    (tmp_path / "keras.json").write_text(json.dumps(keras_json))
    (tmp_path / "out").mkdir()
    unset = {"TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND"}
    environment = {name: text for name, text in os.environ.items() if name not in unset}
    result = subprocess.run(
        [sys.executable, "-c", COMPILE, compiled.spec.name, compiled.weights, tmp_path / "out"],
        env=environment | {"KERAS_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    for file in (GRAPH_FILE, TFLITE_FILE):
        assert (tmp_path / "out" / file).read_bytes() == (compiled.folder / file).read_bytes()


def test_the_same_process_makes_the_same_bytes_again(compiled: Compiled, tmp_path: Path) -> None:
    compile_backbone(compiled.spec, compiled.weights, tmp_path)
    for file in (GRAPH_FILE, TFLITE_FILE):
        assert (tmp_path / file).read_bytes() == (compiled.folder / file).read_bytes()


@pytest.mark.parametrize("name", SOURCES)
def test_lite_takes_other_sizes_and_shapes(name: str, tmp_path: Path, shared: Path) -> None:
    preprocess = Preprocess(96, 160, mean=127.0, std=128.0)
    spec = replace(find_backbone(name), preprocess=preprocess)
    compile_backbone(spec, lite_weights(name), tmp_path)
    batch = photos(preprocess, shared)[:3]
    features = run_pb(tmp_path / GRAPH_FILE, batch)
    assert features.shape == (3, 1280)
    np.testing.assert_allclose(run_tflite(tmp_path / TFLITE_FILE, batch), features, atol=1e-4)


def test_any_function_of_tensorflow_can_be_frozen() -> None:
    weights = tf.Variable([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0]])

    def mean_colours(image: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(image, [1, 2]) @ weights

    compiled_inside = tf.function(mean_colours, jit_compile=True)
    frozen = freeze(lambda image: compiled_inside(image) + 1.0, Preprocess(4, 4, 0.0, 1.0))
    assert frozen.feature_size == 2
    assert not frozen.graph.library.function
    ops = {node.op for node in frozen.graph.node}
    assert ops <= {"Placeholder", "Const", "Identity", "Mean", "MatMul", "AddV2"}


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(lambda image: image, id="a picture"),
        pytest.param(lambda image: tf.reduce_mean(image, [1, 2, 3]), id="a number"),
        pytest.param(lambda image: tf.cast(image[:, 0, 0], tf.float16), id="half precision"),
    ],
)
def test_features_that_are_no_vector_are_refused(
    network: Callable[[tf.Tensor], tf.Tensor],
) -> None:
    with pytest.raises(ModelError, match="a vector a picture"):
        freeze(network, Preprocess(4, 4, 0.0, 1.0))
