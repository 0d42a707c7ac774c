"""Retrained graphs of 2015 to 2018 run without flags, and label as they did then."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import tf
from poets.config.label import LabelConfig
from poets.errors import ModelError
from poets.predict import score_images
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.model import Model
from poets.runtimes.open import open_model
from tests.support import old_graphs
from tests.support.commands import Trained, run_in
from tests.support.old_graphs import LABELS, GraphDef, build, load, network, run, v1, write


@pytest.fixture(scope="module")
def photos(flowers: Path) -> list[Path]:
    """Two photos a label that no graph here was trained on."""
    return [path for label in LABELS for path in sorted((flowers / label).iterdir())[-2:]]


@pytest.fixture(scope="module")
def mobilenet(shared: Path, flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = shared / "models" / "mobilenet_v1_0.25_128_frozen.tgz"
    graph = old_graphs.codelab_mobilenet(archive, flowers)
    return write(graph, tmp_path_factory.mktemp("mobilenet") / "retrained_graph.pb")


def scores_of(model: Model, photos: list[Path]) -> FloatArray:
    return np.stack([one.scores for one in score_images(model, photos) if one.scores is not None])


def opened(graph: GraphDef, folder: Path) -> Model:
    return open_model(LabelConfig(graph=write(graph, folder / "retrained_graph.pb")))


def test_a_mobilenet_of_the_codelab_says_what_it_said_in_2017(
    mobilenet: Path, photos: list[Path]
) -> None:
    model = open_model(LabelConfig(graph=mobilenet))
    graph = v1.GraphDef.FromString(mobilenet.read_bytes())
    then = run(graph, "final_result:0", "input:0", [load(p, 128, 127.5, 127.5) for p in photos])

    scores = scores_of(model, photos)

    assert model.labels == LABELS
    assert model.preprocess == Preprocess(128, 128, 127.5, 127.5, resize="bilinear")
    np.testing.assert_allclose(scores, then, atol=0.05)  # the decoders round differently
    assert np.mean(scores.argmax(axis=1) == np.repeat(range(5), 2)) >= 0.7


def test_the_resize_of_2017_is_what_makes_it_so(mobilenet: Path, photos: list[Path]) -> None:
    graph = v1.GraphDef.FromString(mobilenet.read_bytes())
    then = run(graph, "final_result:0", "input:0", [load(p, 128, 127.5, 127.5) for p in photos])
    smooth = Preprocess(128, 128, 127.5, 127.5)
    others = run(graph, "final_result:0", "input:0", [smooth.load(p) for p in photos])
    assert np.abs(others - then).max() > 0.1


def test_label_image_needs_no_flags_for_it(mobilenet: Path, flowers: Path) -> None:
    photo = max((flowers / "daisy").iterdir())

    output = run_in(mobilenet.parent, "label-image", "--graph", "retrained_graph.pb", photo)

    assert output.returncode == 0, output.stderr
    assert output.stdout.splitlines()[3].startswith("daisy (score=0.")
    assert output.stderr == (
        "retrained_graph.pb does not say it, assumed: --input_layer input --input_mean 127.5"
        " --input_std 127.5 --output_layer final_result --labels retrained_labels.txt\n"
    )


def test_the_codelabs_own_command_line_works_for_it(mobilenet: Path, flowers: Path) -> None:
    photo = max((flowers / "daisy").iterdir())
    told = {
        "labels": "retrained_labels.txt",
        "input_height": "128",
        "input_width": "128",
        "input_mean": "127.5",
        "input_std": "127.5",
        "input_layer": "input",
        "output_layer": "import/final_result",
    }
    flags = [f"--{name}={value}" for name, value in told.items()]

    output = run_in(
        mobilenet.parent, "label-image", "--graph=retrained_graph.pb", f"--image={photo}", *flags
    )

    assert output.returncode == 0, output.stderr
    assert output.stderr == ""
    assert output.stdout.splitlines()[3].startswith("daisy (score=0.")


def test_evaluate_needs_no_flags_for_it_either(mobilenet: Path, flowers: Path) -> None:
    output = run_in(
        mobilenet.parent, "poets", "evaluate", "retrained_graph.pb", "--image_dir", flowers
    )

    assert output.returncode == 0, output.stderr
    first, second = output.stdout.splitlines()[:2]
    assert 0.6 <= float(first.removeprefix("Accuracy: ")) <= 1
    assert 0 < float(second.removeprefix("Cross Entropy: ")) < 1.5
    assert "--labels retrained_labels.txt" in output.stderr
    assert "Split by path" in output.stderr


@pytest.mark.parametrize("producer", [0, 8, 21])
def test_an_inception_of_2015_says_what_it_said_then(
    producer: int, photos: list[Path], tmp_path: Path
) -> None:
    graph = old_graphs.inception_2015(producer)
    model = opened(graph, tmp_path)

    scores = scores_of(model, photos)

    assert model.preprocess == Preprocess(299, 299, 128.0, 128.0, resize="bilinear")
    assert "--input_layer Mul --input_height 299 --input_width 299" in model.assumed[0]
    graph.versions.producer = 8  # TensorFlow itself refuses it when scripts of 2017 wrote 21
    fed = run(graph, "final_result:0", "Mul:0", [load(p, 299, 128, 128) for p in photos])
    np.testing.assert_allclose(scores, fed, atol=0.02)
    decoded = [photo.read_bytes() for photo in photos]  # as the script of 2016 did
    jpegs = run(graph, "final_result:0", "DecodeJpeg/contents:0", decoded)
    np.testing.assert_allclose(scores, jpegs, atol=0.02)
    assert scores.std(axis=0).max() > 0.05


def test_an_inception_that_was_optimized_for_phones_begins_at_mul(
    photos: list[Path], tmp_path: Path
) -> None:
    whole = old_graphs.inception_2015()
    expected = scores_of(opened(whole, tmp_path), photos)
    graph = v1.GraphDef()
    decoder = {"DecodeJpeg", "Cast", "ExpandDims", "ResizeBilinear", "Sub"}
    graph.node.extend(n for n in whole.node if n.name.split("/")[0] not in {*decoder, "Mul"})
    entry = graph.node.add(name="Mul", op="Placeholder")
    entry.attr["dtype"].type = tf.float32.as_datatype_enum

    model = opened(graph, tmp_path)

    assert "--input_height 299 --input_width 299" in model.assumed[0]
    np.testing.assert_array_equal(scores_of(model, photos), expected)


def image(name: str = "input", shape: object = (None, 96, 96, 3)) -> tf.Tensor:
    return v1.placeholder(tf.float32, shape, name)


def hub_module() -> None:
    entry = image("Placeholder")
    with tf.name_scope("module_apply_default"):
        scaled = tf.subtract(tf.multiply(entry, 2.0, name="hub_input/Mul"), 1.0)
    tf.nn.softmax(network(scaled), name="final_result")


def keras_in_training() -> None:
    training = v1.placeholder(tf.bool, (), "is_training")
    keep = v1.placeholder(tf.float32, None, "dropout/keep_prob")
    logits = network(image())
    noise = tf.floor(keep + tf.random.uniform(tf.shape(logits), seed=1))
    dropped = logits / keep * noise
    tf.nn.softmax(tf.where(training, dropped * 1e3, dropped), name="final_result")


def bytes_in() -> None:
    pixels = v1.placeholder(tf.uint8, (None, 96, 96, 3), "image_bytes")
    tf.nn.softmax(network(tf.cast(pixels, tf.float32) / 100.0), name="final_result")


def scales_itself() -> None:
    scaled = tf.subtract(tf.multiply(image("input_1"), 1 / 127.5, name="rescaling/mul"), 1.0)
    tf.nn.softmax(network(scaled), name="final_result")


def decodes_itself() -> None:
    content = v1.placeholder(tf.string, (), "jpeg")
    pixels = tf.cast(tf.io.decode_jpeg(content, channels=3), tf.float32)[tf.newaxis]
    scaled = v1.image.resize_bilinear(pixels, [96, 96])
    tf.nn.softmax(network((scaled - 100.0) / 50.0), name="final_result")


def ends_in_softmax() -> None:
    tf.nn.softmax(network(image()), name="softmax")


def ends_in_a_reshape() -> None:
    scores = tf.nn.softmax(network(image()), name="Predictions/Softmax")
    tf.reshape(scores, [-1, 5], name="Predictions/Reshape_1")


def has_no_shape() -> None:
    entry = image(shape=None)
    with tf.name_scope("net"):
        tf.nn.softmax(network(tf.ensure_shape(entry, (None, None, None, 3))), name="unused")
    tf.nn.softmax(network(entry, seed=1), name="final_result")


def takes_one_at_a_time() -> None:
    logits = network(image(shape=(1, 96, 96, 3)))
    tf.nn.softmax(tf.reshape(logits, [1, 5]), name="final_result")


def looks_at_the_whole_batch() -> None:
    logits = network(image())
    tf.nn.softmax(logits - tf.reduce_mean(logits, axis=0), name="final_result")


def codelab_input() -> None:
    tf.nn.softmax(network(image(shape=(1, 96, 96, 3))), name="final_result")


def with_a_default() -> None:
    entry = v1.placeholder_with_default(tf.zeros((1, 96, 96, 3)), (None, 96, 96, 3), "input")
    tf.nn.softmax(network(entry), name="final_result")


CODELAB, PIXELS, SHARES = (127.5, 127.5), (0.0, 1.0), (0.0, 255.0)


@pytest.mark.parametrize(
    ("body", "output", "scale"),
    [
        (codelab_input, "final_result", CODELAB),
        (with_a_default, "final_result", CODELAB),
        (hub_module, "final_result", SHARES),
        (keras_in_training, "final_result", CODELAB),
        (bytes_in, "final_result", PIXELS),
        (scales_itself, "final_result", PIXELS),
        (decodes_itself, "final_result", PIXELS),
        (ends_in_softmax, "softmax", CODELAB),
        (ends_in_a_reshape, "Predictions/Reshape_1", CODELAB),
        (takes_one_at_a_time, "final_result", CODELAB),
        (looks_at_the_whole_batch, "final_result", CODELAB),
    ],
)
def test_what_a_graph_does_not_say_is_guessed_well(
    body: Callable[[], None],
    output: str,
    scale: tuple[float, float],
    photos: list[Path],
    tmp_path: Path,
) -> None:
    graph = build(body, output)
    model = opened(graph, tmp_path)

    assert model.preprocess.height == model.preprocess.width == 96
    assert (model.preprocess.mean, model.preprocess.std) == scale
    assert f"--output_layer {output}" in model.assumed[0]
    together = scores_of(model, photos)
    alone = np.stack([model.make_runner().run(model.preprocess.load(p)) for p in photos])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    assert together.shape == (10, 5)


def test_a_graph_without_a_shape_gets_the_codelabs_size(photos: list[Path], tmp_path: Path) -> None:
    model = opened(build(has_no_shape), tmp_path)

    assert (model.preprocess.height, model.preprocess.width) == (224, 224)
    assert "--input_height 224 --input_width 224" in model.assumed[0]
    assert scores_of(model, photos).shape == (10, 5)


def test_what_the_user_says_counts(photos: list[Path], tmp_path: Path) -> None:
    graph = write(build(has_no_shape), tmp_path / "graph.pb")
    config = LabelConfig(
        graph=graph, input_height=64, input_width=80, input_mean=0.0, input_std=255.0
    )

    model = open_model(config)

    assert model.preprocess == Preprocess(64, 80, 0.0, 255.0, resize="bilinear")
    assert "--input_height" not in model.assumed[0]
    assert "--input_mean" not in model.assumed[0]
    assert scores_of(model, photos).shape == (10, 5)


def test_an_inner_layer_can_be_asked_for_its_values(photos: list[Path], tmp_path: Path) -> None:
    graph = build(codelab_input)
    path = write(graph, tmp_path / "graph.pb")
    layer = "final_training_ops/Wx_plus_b/add:0"

    model = open_model(LabelConfig(graph=path, output_layer=layer))

    values = [model.preprocess.load(photo) for photo in photos]
    expected = run(graph, layer, "input:0", values)
    np.testing.assert_allclose(scores_of(model, photos), expected, atol=1e-4)


def writes_a_file(path: Path) -> GraphDef:
    def body() -> None:
        with tf.control_dependencies([tf.io.write_file(str(path), "written")]):
            tf.nn.softmax(network(image()), name="final_result")

    return build(body)


def test_a_graph_that_would_write_files_is_refused(flowers: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    write(writes_a_file(victim), tmp_path / "strange.pb")
    photo = max((flowers / "daisy").iterdir())

    refused = run_in(tmp_path, "label-image", "--graph", "strange.pb", photo)

    assert refused.returncode == 4
    assert refused.stderr == (
        "Error: strange.pb runs WriteFile, which can write to this machine's files. Refused.\n"
        "  If you made this graph yourself: --trust_graph.\n"
    )
    assert not victim.exists()

    trusted = run_in(tmp_path, "label-image", "--graph", "strange.pb", "--trust_graph", photo)

    assert trusted.returncode == 0, trusted.stderr
    assert victim.read_text() == "written"


def test_scripts_of_2017_read_the_graph_that_retrain_writes(
    trained: Trained, photos: list[Path], tmp_path: Path
) -> None:
    graph = GraphDef.FromString(trained.graph.read_bytes())
    model = open_model(LabelConfig(graph=trained.graph))
    values = [model.preprocess.load(photo) for photo in photos]

    then = run(graph, "final_result:0", "input:0", values)

    np.testing.assert_allclose(then, scores_of(model, photos), atol=1e-4)
    alone = tmp_path / "retrained_graph.pb"
    alone.write_bytes(trained.graph.read_bytes())  # without the .tflite, TensorFlow runs it
    np.testing.assert_allclose(
        scores_of(open_model(LabelConfig(graph=alone)), photos), then, atol=1e-4
    )


def test_a_graph_that_tensorflow_refuses_says_why(tmp_path: Path) -> None:
    graph = build(codelab_input)
    next(node for node in graph.node if node.op == "Conv2D").attr["padding"].s = b"SOMEHOW"
    path = write(graph, tmp_path / "graph.pb")

    with pytest.raises(ModelError, match="TensorFlow cannot load the graph") as caught:
        open_model(LabelConfig(graph=path))

    assert "\n" not in str(caught.value)


def test_a_graph_that_fails_when_it_runs_says_why(tmp_path: Path) -> None:
    def body() -> None:
        entry = image(shape=None)
        tf.nn.softmax(network(tf.reshape(entry, [-1, 7, 7, 3])), name="final_result")

    path = write(build(body), tmp_path / "graph.pb")

    with pytest.raises(ModelError, match=r"cannot run on this input: .*[Rr]eshape"):
        open_model(LabelConfig(graph=path, input_height=64, input_width=64))
