"""Heat maps of a real network: against TensorFlow's own tensors, and against where flowers are."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageDraw

from poets.heatmap import activation_map, heat_maps
from poets.preprocess import FloatArray
from poets.runtimes.inner import InnerRunner
from poets.runtimes.model import Model
from poets.runtimes.open import open_model
from tests.support import old_graphs
from tests.support.commands import Trained, run_in
from tests.support.desk import refusal
from tests.support.retraining import label_config

HEAD = "final_training_ops"
ALLOWED = 1e-4


@pytest.fixture(scope="module")
def model(trained: Trained) -> Model:
    return open_model(label_config(trained.graph))


@pytest.fixture(scope="module")
def photos(flowers: Path) -> list[Path]:
    return [min(folder.iterdir()) for folder in sorted(flowers.iterdir()) if folder.is_dir()]


@pytest.fixture(scope="module")
def alone(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The .pb without the .tflite that speaks for it: TensorFlow runs it."""
    folder = tmp_path_factory.mktemp("alone")
    return open_model(label_config(Path(shutil.copy(trained.graph, folder))))


def opened(model: Model) -> InnerRunner:
    assert model.make_inner is not None
    return model.make_inner()


def tensors_of(graph: Path, values: FloatArray) -> dict[str, FloatArray]:
    """Return the last map, the head's constants and the logits, as TensorFlow has them."""
    definition = tf.compat.v1.GraphDef.FromString(graph.read_bytes())
    with tf.Graph().as_default() as loaded:
        tf.import_graph_def(definition, name="")
        means = [op for op in loaded.get_operations() if op.type == "Mean"]
        fetches = {
            "map": means[-1].inputs[0],
            "weights": f"{HEAD}/weights:0",
            "bias": f"{HEAD}/biases:0",
            "logits": f"{HEAD}/Wx_plus_b:0",
        }
        with tf.compat.v1.Session(graph=loaded) as session:
            found: dict[str, FloatArray] = session.run(fetches, {"input:0": values[np.newaxis]})
    return found


def test_the_map_is_that_of_tensorflow_and_its_mean_is_the_logit(
    trained: Trained, model: Model, photos: list[Path]
) -> None:
    runner = opened(model)
    for photo in photos[:2]:
        values = model.preprocess.load(photo)
        inner = runner.run(values)
        own = tensors_of(trained.graph, values)
        assert own["map"].shape == (1, 7, 7, 1280)
        for label_id in range(len(model.labels)):
            places = activation_map(inner, runner.layers, label_id)
            expected = own["map"][0] @ own["weights"][:, label_id] + own["bias"][label_id]
            assert places == pytest.approx(expected, abs=ALLOWED)
            assert places.mean() == pytest.approx(own["logits"][0, label_id], abs=ALLOWED)


def test_tensorflow_alone_tells_the_same_map(
    model: Model, alone: Model, photos: list[Path]
) -> None:
    label_ids = range(len(photos))

    by_litert = heat_maps(model, photos, label_ids)
    by_tensorflow = heat_maps(alone, photos, label_ids)

    for one, other in zip(by_litert, by_tensorflow, strict=True):
        assert one is not None
        assert other == pytest.approx(one, abs=ALLOWED)


def test_scores_are_the_same_with_and_without_a_look(
    model: Model, alone: Model, photos: list[Path]
) -> None:
    for one in (model, alone):
        values = one.preprocess.load(photos[0])
        assert np.array_equal(opened(one).run(values).scores, one.make_runner().run(values))


def test_the_map_is_warm_where_the_flower_is(model: Model, flowers: Path, tmp_path: Path) -> None:
    """A photo of a sunflower in one corner of a grey picture."""
    photo = Image.open(min((flowers / "sunflower").iterdir())).convert("RGB").resize((200, 200))
    corners = {"left": (20, 300), "right": (380, 80)}
    for name, corner in corners.items():
        picture = Image.new("RGB", (600, 600), (110, 115, 110))
        ImageDraw.Draw(picture).line((0, 500, 600, 520), fill=(90, 90, 90), width=5)
        picture.paste(photo, corner)
        picture.save(tmp_path / f"{name}.png")
    label_id = model.labels.index("sunflower")

    heats = heat_maps(model, [tmp_path / f"{name}.png" for name in corners], [label_id] * 2)

    for heat, (x, y) in zip(heats, corners.values(), strict=True):
        assert heat is not None
        rows, columns = np.indices(heat.shape)
        centre = [float((heat * at).sum() / heat.sum() + 0.5) * 600 / 7 for at in (columns, rows)]
        assert x < centre[0] < x + 200
        assert y < centre[1] < y + 200


def test_the_command_writes_it(trained: Trained, photos: list[Path], tmp_path: Path) -> None:
    output = run_in(trained.folder, "label-image", photos[0], "--explain", tmp_path / "heat.png")

    assert output.returncode == 0, output.stderr
    with Image.open(photos[0]) as photo, Image.open(tmp_path / "heat.png") as heat:
        assert heat.size == photo.size
        difference = np.asarray(heat).astype(int) - np.asarray(photo.convert("RGB"))
    assert np.abs(difference).mean() > 5


# Graphs from elsewhere


def test_an_inception_graph_of_2017_tells_where_too(photos: list[Path], tmp_path: Path) -> None:
    graph = old_graphs.inception_2015()
    model = open_model(label_config(old_graphs.write(graph, tmp_path / "old.pb")))
    values = model.preprocess.load(photos[0])
    runner = opened(model)

    inner = runner.run(values)
    all_places = [activation_map(inner, runner.layers, i) for i in range(5)]

    assert inner.last_map is not None
    assert inner.last_map.shape == (19, 19, 32)
    logits = np.array([np.mean(places) for places in all_places if places is not None])
    shares = np.exp(logits - logits.max())
    assert shares / shares.sum() == pytest.approx(inner.scores, abs=1e-5)


def test_a_graph_from_elsewhere_that_averages_nothing_is_refused(
    photos: list[Path], tmp_path: Path
) -> None:
    def body() -> None:
        image = tf.compat.v1.placeholder(tf.float32, [None, 32, 32, 3], "input")
        weights = tf.constant(np.full((3072, 5), 0.01), tf.float32)
        tf.nn.softmax(tf.matmul(tf.reshape(image, [-1, 3072]), weights), name="final_result")

    graph = old_graphs.write(old_graphs.build(body), tmp_path / "flat.pb")

    explained = run_in(tmp_path, "label-image", "--graph", graph, photos[0], "--explain", "heat")
    unknown = run_in(tmp_path, "label-image", "--graph", graph, photos[0], "--unknown")

    assert "does not end in a map of places" in refusal(explained, 4)
    assert not (tmp_path / "heat").exists()
    assert "does not say what pictures it was trained on" in refusal(unknown, 4)
    assert "`retrain`" in unknown.stderr
