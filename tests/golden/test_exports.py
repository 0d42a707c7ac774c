"""One training, every row of the table of exports, each opened with the runtime a user would."""

import base64
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter

from poets.backbones.quiet_tensorflow import keras, tf
from poets.evaluation.scores import Evaluation
from poets.export.frozen_graph import manifest_of, read_graph
from poets.export.table import EXPORTERS
from poets.labels import read_labels
from poets.manifest import Manifest
from poets.preprocess import FloatArray
from tests.support.commands import TOP, Output, run_in
from tests.support.desk import NETWORK

STEPS = "500"
ACCURACY_DROP = "15"  # points: sixty test pictures are a coarse measure
FAR = 1e-3  # of a score, for exports that keep all numbers
LABELS = ("daisy", "dandelion", "rose", "sunflower", "tulip")


@dataclass(frozen=True)
class Exported:
    """What `retrain --export` with every name left behind, and what the trained head says."""

    folder: Path
    output: Output
    pictures: tuple[Path, ...]  # the test pictures
    label_ids: tuple[int, ...]

    def place(self, name: str) -> Path:
        """Where an export is."""
        return EXPORTERS[name].place(self.folder / "tf_files" / "retrained_graph.pb")

    def inputs(self) -> FloatArray:
        """The test pictures as networks take them."""
        preprocess = self.manifest("pb").preprocess
        return np.stack([preprocess.load(path) for path in self.pictures])

    def manifest(self, name: str) -> Manifest:
        """What an export says of itself."""
        path = self.place(name)
        if name == "pb":
            manifest = manifest_of(read_graph(path))
            assert manifest is not None
            return manifest
        return Manifest.from_json(MANIFESTS.get(name, from_zip)(path))


def from_zip(path: Path) -> bytes:
    return zipfile.ZipFile(path).read("manifest.json")


def from_folder(path: Path) -> bytes:
    return (path / "assets.extra" / "manifest.json").read_bytes()


def from_properties(path: Path) -> bytes:
    session = onnxruntime.InferenceSession(str(path))
    return str(session.get_modelmeta().custom_metadata_map["poets.manifest"]).encode()


MANIFESTS: dict[str, Callable[[Path], bytes]] = {
    "saved_model": from_folder,
    "onnx": from_properties,
}


@pytest.fixture(scope="module")
def exported(flowers: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("exported")
    models = folder / "tf_files" / "models"
    models.mkdir(parents=True)
    archive = shared / "models" / "mobilenet_v1_0.25_128_frozen.tgz"
    (models / archive.name).symlink_to(archive)
    flags = ["--image_dir", str(flowers), "--architecture", NETWORK]
    flags += ["--how_many_training_steps", STEPS, "--export", ",".join(EXPORTERS)]
    output = run_in(folder, "retrain", *flags, "--max_accuracy_drop", ACCURACY_DROP)
    assert output.returncode == 0, output.stderr
    listed = run_in(folder, "poets", "split", "--image_dir", str(flowers)).stdout.splitlines()
    pictures = tuple(map(Path, listed))
    label_ids = tuple(LABELS.index(path.parent.name) for path in pictures)
    return Exported(folder, output, pictures, label_ids)


@pytest.fixture(scope="module")
def head_scores(exported: Exported) -> FloatArray:
    """What the training's own LiteRT model says of the test pictures."""
    return run_tflite(exported.place("tflite"), exported)


def run_pb(path: Path, exported: Exported) -> FloatArray:
    graph_def = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default() as graph:
        tf.compat.v1.import_graph_def(graph_def, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            scores: FloatArray = session.run("final_result:0", {"input:0": exported.inputs()})
    return scores


def run_tflite(path: Path, exported: Exported) -> FloatArray:
    run = Interpreter(str(path)).get_signature_runner()
    return np.stack([run(input=one[np.newaxis])["final_result"][0] for one in exported.inputs()])


def run_saved_model(path: Path, exported: Exported) -> FloatArray:
    default = tf.saved_model.load(str(path)).signatures["serving_default"]
    scores: FloatArray = default(image=tf.constant(exported.inputs()))["prediction"].numpy()
    return scores


def run_keras(path: Path, exported: Exported) -> FloatArray:
    scores: FloatArray = keras.saving.load_model(path).predict(exported.inputs(), verbose=0)
    return scores


def run_onnx(path: Path, exported: Exported) -> FloatArray:
    session = onnxruntime.InferenceSession(str(path))
    scores: FloatArray = session.run(None, {"input:0": exported.inputs()})[0]
    return scores


RUNTIMES: dict[str, Callable[[Path, Exported], FloatArray]] = {
    "pb": run_pb,
    "tflite": run_tflite,
    "tflite_float16": run_tflite,
    "tflite_dynamic": run_tflite,
    "tflite_int8": run_tflite,
    "saved_model": run_saved_model,
    "keras": run_keras,
    "onnx": run_onnx,
}


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_export_names_what_the_trained_head_names(
    name: str, exported: Exported, head_scores: FloatArray
) -> None:
    scores = RUNTIMES[name](exported.place(name), exported)

    assert scores.shape == head_scores.shape == (len(exported.pictures), len(LABELS))
    if EXPORTERS[name].reduced:
        accuracy, before = (
            float(np.mean(of.argmax(axis=1) == exported.label_ids)) for of in (scores, head_scores)
        )
        assert accuracy >= before - float(ACCURACY_DROP) / 100
        assert exported.manifest(name).test_accuracy == pytest.approx(accuracy)
    else:
        np.testing.assert_allclose(scores, head_scores, rtol=0, atol=FAR)


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_export_says_its_labels_and_how_it_was_proved(name: str, exported: Exported) -> None:
    manifest = exported.manifest(name)

    assert manifest.labels == LABELS
    assert manifest.export["format"] == name
    ways = {way: proof for way, proof in manifest.export.items() if way != "format"}
    assert {proof["pictures"] for proof in ways.values()} == {len(exported.pictures)}
    if not EXPORTERS[name].reduced:
        assert min(proof["max_difference"] for proof in ways.values()) <= FAR


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_training_prints_each_export_with_its_proof(name: str, exported: Exported) -> None:
    place = exported.place(name).relative_to(exported.folder)
    (line,) = [line for line in exported.output.stdout.splitlines() if f"{place} " in line]

    expected = r"(loses|gains) [\d.]+ points" if EXPORTERS[name].reduced else r"scores within \de-"
    assert re.search(expected, line)


def test_the_tflite_still_speaks_for_the_graph(exported: Exported) -> None:
    photo = exported.pictures[0]

    program = "import sys\nfrom poets.cli.label_image import command\n"
    program += (
        "command.main([sys.argv[1]], standalone_mode=False)\nprint('tensorflow' in sys.modules)"
    )
    said = run_in(exported.folder, "python", "-c", program, photo)

    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1] == "False"


def tensors_of(
    request: dict[str, Any], signature: tf.types.experimental.ConcreteFunction
) -> dict[str, tf.Tensor]:
    """Make tensors of a request as TensorFlow Serving documents it for its REST API.

    One input may go without its name; {"b64": text} stands for the bytes of a string.
    https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values
    """
    ((name, spec),) = signature.structured_input_signature[1].items()
    values = [
        base64.b64decode(one["b64"]) if isinstance(one, dict) and set(one) == {"b64"} else one
        for one in request["instances"]
    ]
    return {name: tf.constant(values, spec.dtype)}


def test_tensorflow_serving_can_be_sent_a_photo(
    exported: Exported, head_scores: FloatArray
) -> None:
    model = tf.saved_model.load(str(exported.place("saved_model")))
    contents = [path.read_bytes() for path in exported.pictures]
    request = json.dumps(
        {
            "signature_name": "bytes",
            "instances": [{"b64": base64.b64encode(content).decode()} for content in contents],
        }
    )

    asked = json.loads(request)
    signature = model.signatures[asked["signature_name"]]
    outputs = signature(**tensors_of(asked, signature))

    scores = outputs["prediction"].numpy()
    measured = exported.manifest("saved_model").export["bytes"]
    difference = np.abs(scores - head_scores)
    assert difference.max() == pytest.approx(measured["max_difference"], abs=1e-4)
    assert difference.mean() == pytest.approx(measured["mean_difference"], abs=1e-4)
    evaluation = Evaluation(LABELS, scores, np.array(exported.label_ids))
    assert evaluation.accuracy == pytest.approx(measured["accuracy"])


def test_the_bytes_of_a_png_do_as_well(exported: Exported) -> None:
    model = tf.saved_model.load(str(exported.place("saved_model")))
    size = exported.manifest("pb").preprocess
    pixels = np.random.default_rng(0).integers(0, 256, (size.height, size.width, 3), np.uint8)
    values = size.normalize(pixels)[np.newaxis]

    of_bytes = model.signatures["bytes"](
        image_bytes=tf.constant([tf.io.encode_png(pixels).numpy()])
    )
    of_floats = model.signatures["image"](image=tf.constant(values))

    np.testing.assert_allclose(of_bytes["prediction"], of_floats["prediction"], rtol=0, atol=1e-5)


def test_the_network_is_in_the_saved_model_once(exported: Exported) -> None:
    folder, graph = exported.place("saved_model"), exported.place("pb")

    assert (folder / "saved_model.pb").stat().st_size < 1.2 * graph.stat().st_size
    assert read_labels(folder / "assets.extra" / "labels.txt") == LABELS


def test_the_keras_model_can_be_trained_on(exported: Exported) -> None:
    model = keras.saving.load_model(exported.place("keras"))
    values, truth = exported.inputs()[:8], np.array(exported.label_ids[:8])
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
    before = float(model.evaluate(values, truth, verbose=0))

    keras.utils.set_random_seed(0)
    model.fit(values, truth, epochs=3, batch_size=8, verbose=0)

    assert float(model.evaluate(values, truth, verbose=0)) < before


def test_reduced_files_are_smaller(exported: Exported) -> None:
    whole = exported.place("tflite").stat().st_size

    assert exported.place("tflite_float16").stat().st_size < 0.6 * whole
    assert exported.place("tflite_dynamic").stat().st_size < 0.45 * whole
    assert exported.place("tflite_int8").stat().st_size < 0.45 * whole


def documented() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (TOP / "docs" / "exports.md").read_text(), re.DOTALL)


def test_the_documented_lines_name_a_photo(exported: Exported, head_scores: FloatArray) -> None:
    first, *blocks = documented()
    row = int(head_scores.max(axis=1).argmax())  # a photo of which the head is sure
    (exported.folder / "photo.jpg").write_bytes(exported.pictures[row].read_bytes())
    space: dict[str, Any] = {}

    assert len(blocks) == 5
    with chdir(exported.folder):
        exec(first, space)
        for block in blocks:
            with tf.Graph().as_default() if "Session()" in block else tf.init_scope():
                exec(block, space)
            scores = space.pop("scores")
            assert space["labels"][int(np.argmax(scores))] == LABELS[exported.label_ids[row]], block
