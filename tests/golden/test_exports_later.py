"""`poets export`: further files of a graph that is there already, with and without pictures."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import onnx
import pytest
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.backbones.quiet_tensorflow import keras, tf
from poets.cli.export import command
from poets.export.folders import MANIFEST_FILE
from poets.export.frozen_graph import manifest_of, read_graph
from poets.export.table import EXPORTERS
from poets.manifest import Manifest, read_zip_manifest
from poets.preprocess import FloatArray
from poets.runtimes.litert import LiteRTRunner
from poets.runtimes.open import open_model
from tests.support.archives import tree
from tests.support.calling import Called, call
from tests.support.pictures import noisy, paint_folders
from tests.support.retraining import label_config, retrain_in

FLOATS = [name for name, exporter in EXPORTERS.items() if not exporter.reduced]
REDUCED = [name for name in EXPORTERS if name not in FLOATS]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images/, graph.pb and graph.tflite."""
    folder = tmp_path_factory.mktemp("trained")
    retrain_in(folder)
    return folder


def export(folder: Path, names: Iterable[str], *more: object) -> Called:
    return call(command, folder / "graph.pb", "--to", ",".join(names), *more)


def values_of(trained: Path) -> FloatArray:
    manifest = manifest_of(read_graph(trained / "graph.pb"))
    assert manifest is not None
    size = (manifest.preprocess.height, manifest.preprocess.width)
    picture = np.asarray(noisy((220, 40, 30), seed=1, side=size[0]))
    return manifest.preprocess.normalize(picture)


def test_without_pictures_the_exact_ones_are_proved_on_generated_ones(
    trained: Path, tmp_path: Path
) -> None:
    said = export(trained, FLOATS, "--output_dir", tmp_path)

    assert said.code == 0, said.err
    for name in FLOATS:
        assert str(EXPORTERS[name].place(tmp_path / "graph.pb")) in said.out
    assert said.out.count("scores ") == len(FLOATS) + 1  # the SavedModel has two ways in


def test_with_pictures_all_are_proved_on_those_kept_for_testing(
    trained: Path, tmp_path: Path
) -> None:
    images = trained / "images"

    said = export(trained, REDUCED, "--output_dir", tmp_path, "--image_dir", images)

    assert said.code == 0, said.err
    for name in REDUCED:
        path = EXPORTERS[name].place(tmp_path / "graph.pb")
        manifest = read_zip_manifest(path)
        assert manifest is not None
        assert manifest.export["format"] == name
        assert manifest.export["scores"]["accuracy_lost"] == 0.0
        assert manifest.graph_sha256 == ""  # it is not the graph's equal
        scores = LiteRTRunner(path).run(values_of(trained))
        assert manifest.labels[int(scores.argmax())] == "red"


def test_the_tflite_is_the_same_as_that_of_the_training_and_speaks_for_the_graph(
    trained: Path, tmp_path: Path
) -> None:
    (tmp_path / "graph.pb").write_bytes((trained / "graph.pb").read_bytes())

    assert export(tmp_path, ["tflite"]).code == 0

    model = open_model(label_config(tmp_path / "graph.pb"))
    assert isinstance(model.make_runner(), LiteRTRunner)
    expected = LiteRTRunner(trained / "graph.tflite").run(values_of(trained))
    scores = model.make_runner().run(values_of(trained))
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("names", [("pb", "tflite"), ("tflite", "pb")], ids=",".join)
def test_a_tflite_speaks_for_the_pb_that_is_written_with_it(
    trained: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    assert export(trained, names, "--output_dir", tmp_path).code == 0

    model = open_model(label_config(tmp_path / "graph.pb"))
    assert isinstance(model.make_runner(), LiteRTRunner)


def test_our_own_saved_model_is_replaced(trained: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert export(trained, ["saved_model"], "--output_dir", tmp_path).code == 0

    folder = tmp_path / "graph_saved_model"
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    manifest = Manifest.from_json((folder / MANIFEST_FILE).read_bytes())
    assert manifest.export["bytes"]["pictures"] == 8


def test_an_onnx_file_is_whole(trained: Path, tmp_path: Path) -> None:
    assert export(trained, ["onnx"], "--output_dir", tmp_path).code == 0

    model = onnx.load(tmp_path / "graph.onnx")
    onnx.checker.check_model(model, full_check=True)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    assert properties["labels"].split("\n") == ["blue", "green", "red"]


def test_a_keras_file_is_a_model_of_plain_layers(trained: Path, tmp_path: Path) -> None:
    assert export(trained, ["keras"], "--output_dir", tmp_path).code == 0

    model = keras.saving.load_model(tmp_path / "graph.keras")
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    assert model.output_shape == (None, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "tflite_int8"], "tflite_int8: what it loses is measured on test pictures"),
        (["--to", "pb"], "graph.pb would be written over itself"),
        (["--to", "onx"], "no export 'onx'. Did you mean 'onnx'?"),
        (["--to", ","], "--to names no export"),
        ([], "--to is missing"),
    ],
)
def test_what_cannot_be_is_a_mistake_of_usage(
    trained: Path, arguments: list[str], message: str
) -> None:
    before = tree(trained)

    said = call(command, trained / "graph.pb", *arguments)

    assert said.code == 2
    assert message in said.err
    assert tree(trained) == before


def without_manifest(trained: Path) -> GraphDef:
    graph = read_graph(trained / "graph.pb")
    del graph.node[[node.name for node in graph.node].index("poets/manifest")]
    return graph


def with_a_write(trained: Path) -> GraphDef:
    graph = read_graph(trained / "graph.pb")
    graph.node.add(name="bad", op="WriteFile", input=["poets/manifest", "poets/manifest"])
    return graph


def without_a_head(trained: Path) -> GraphDef:
    graph = read_graph(trained / "graph.pb")
    names = [node.name for node in graph.node]
    graph.node[names.index("final_training_ops/weights")].name = "weights"
    return graph


def with_other_labels(trained: Path) -> GraphDef:
    graph = read_graph(trained / "graph.pb")
    for node in graph.node:
        if node.name == "poets/manifest":
            (said,) = node.attr["value"].tensor.string_val
            node.attr["value"].tensor.string_val[:] = [said.replace(b'"blue",', b"")]
    return graph


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_manifest, "does not say what pictures it takes: `retrain` did not write it"),
        (with_a_write, "runs WriteFile, which can write to this machine's files. Refused"),
        (without_a_head, "head is not one that `retrain` makes"),
        (with_other_labels, "head does not fit its labels"),
    ],
)
def test_a_graph_from_elsewhere_is_refused(
    trained: Path, tmp_path: Path, change: Callable[[Path], GraphDef], message: str
) -> None:
    (tmp_path / "graph.pb").write_bytes(change(trained).SerializeToString())

    said = export(tmp_path, ["onnx"])

    assert said.code == 4
    assert message in said.err
    assert "--trust_graph" not in said.err  # which `poets export` does not have
    assert [path.name for path in tmp_path.iterdir()] == ["graph.pb"]


@pytest.mark.parametrize("content", [b"", b"no graph at all", b"\x0a\xff\xff"])
def test_a_file_that_is_no_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "graph.pb").write_bytes(content)

    said = export(tmp_path, ["onnx"])

    assert (said.code, said.out) == (4, "")
    assert "graph.pb is no graph" in said.err


def test_a_graph_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = export(tmp_path, ["onnx"])

    assert said.code == 4
    assert "graph.pb: no such graph" in said.err
    (tmp_path / "graph.pb").mkdir()
    assert "graph.pb: is a folder." in export(tmp_path, ["onnx"]).err


def test_pictures_of_other_labels_are_refused(trained: Path, tmp_path: Path) -> None:
    images = paint_folders(tmp_path / "images", 5, {"mauve": (200, 100, 200), "red": (220, 40, 30)})

    said = export(trained, ["tflite_int8"], "--output_dir", tmp_path, "--image_dir", images)

    assert said.code == 3
    assert "'mauve'" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


def test_a_session_of_2017_still_runs_an_exported_copy(trained: Path, tmp_path: Path) -> None:
    assert export(trained, ["pb"], "--output_dir", tmp_path).code == 0

    graph_def = tf.compat.v1.GraphDef.FromString((tmp_path / "graph.pb").read_bytes())
    with tf.Graph().as_default():
        tf.import_graph_def(graph_def, name="")
        with tf.compat.v1.Session() as session:
            feed = {"input:0": values_of(trained)[np.newaxis]}
            scores = session.run("final_result:0", feed)
    assert int(scores.argmax()) == 2  # red
