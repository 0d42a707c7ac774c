"""A .tflite from elsewhere is fed as its own type and metadata say, and finds its labels."""

import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from poets.backbones.quiet_tensorflow import quiet_stderr, tf
from poets.config.label import LabelConfig
from poets.decode import decode
from poets.errors import ModelError
from poets.export.tflite_metadata import BUFFER_NAME, encode_metadata
from poets.manifest import Manifest
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.assume import Scale
from poets.runtimes.open import open_model
from poets.runtimes.tflite_metadata import read_normalization
from tests.support.old_graphs import LABELS, network
from tests.support.pictures import encoded, gradient

SIDE = 32
PICTURE = encoded(gradient())


def samples() -> Iterator[list[FloatArray]]:
    rng = np.random.default_rng(0)
    for _ in range(20):
        yield [rng.uniform(-1, 1, (1, SIDE, SIDE, 3)).astype(np.float32)]


def convert(entry: tf.DType | None = None) -> bytes:
    """A small network for LiteRT; with an `entry` type, one that computes with 8 bits."""
    function = tf.function(lambda image: tf.nn.softmax(network(image)), autograph=False)
    spec = tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32, "image")
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function(spec)]
    )
    if entry is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = entry
    with quiet_stderr(), warnings.catch_warnings(action="ignore"):  # of statistics it measures
        return bytes(converter.convert())


@pytest.fixture(scope="module")
def plain() -> bytes:
    return convert()


def place(content: bytes, folder: Path, *, labels: bool = True) -> Path:
    path = folder / "model.tflite"
    path.write_bytes(content)
    if labels:
        (folder / "labels.txt").write_text("\n".join(LABELS))
    return path


def scores(model_path: Path, **told: object) -> FloatArray:
    model = open_model(LabelConfig(graph=model_path, **told))  # type: ignore[arg-type]
    return model.make_runner().run(model.preprocess.load(PICTURE))


def invoke(content: bytes, values: FloatArray) -> FloatArray:
    """Run the model on what its input takes."""
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    (entry,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.set_tensor(entry["index"], values[np.newaxis].astype(entry["dtype"]))
    interpreter.invoke()
    scale, zero_point = output["quantization"]
    found = interpreter.get_tensor(output["index"])[0].astype(np.float32)
    real: FloatArray = (found - zero_point) * (scale or 1.0)
    return real


@pytest.mark.parametrize(("entry", "black"), [(tf.uint8, 0), (tf.int8, -128)])
def test_bytes_are_fed_with_the_pixels_as_they_are(
    entry: tf.DType, black: int, tmp_path: Path
) -> None:
    content = convert(entry)
    path = place(content, tmp_path)
    pixels = decode(PICTURE, (SIDE, SIDE), "bilinear")

    model = open_model(LabelConfig(graph=path))

    np.testing.assert_allclose(
        scores(path), invoke(content, pixels.astype(np.float32) + black), atol=1e-6
    )
    assert model.assumed == (f"{path} does not say it, assumed: --labels {tmp_path}/labels.txt",)


def test_floats_are_fed_as_the_codelab_does(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path)

    model = open_model(LabelConfig(graph=path))

    assert model.preprocess == Preprocess(SIDE, SIDE, 127.5, 127.5, resize="bilinear")
    guessed = f"--input_mean 127.5 --input_std 127.5 --labels {tmp_path}/labels.txt"
    assert model.assumed == (f"{path} does not say it, assumed: {guessed}",)
    expected = invoke(plain, model.preprocess.load(PICTURE))
    np.testing.assert_allclose(scores(path), expected, atol=1e-6)


def test_what_the_user_says_counts(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path, labels=False)
    (tmp_path / "names").write_text("\n".join("abcde"))

    told = LabelConfig(graph=path, labels=tmp_path / "names", input_mean=0, input_std=255)
    model = open_model(told)

    assert model.labels == tuple("abcde")
    assert (model.preprocess.mean, model.preprocess.std) == (0, 255)
    assert model.assumed == ()


@pytest.mark.parametrize("name", ["labels.txt", "labelmap.txt", "Labels.TXT"])
def test_labels_are_found_inside(name: str, plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "a\nb\nc\nd\ne\n\n")

    model = open_model(LabelConfig(graph=path))

    assert model.labels == tuple("abcde")
    assert "--labels" not in model.assumed[0]


def with_metadata(content: bytes, metadata: bytes) -> bytes:
    model = schema.ModelT.InitFromPackedBuf(content)
    model.buffers.append(schema.BufferT(data=np.frombuffer(metadata, np.uint8)))
    entry = schema.MetadataT(name=BUFFER_NAME, buffer=len(model.buffers) - 1)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def metadata(mean: float, std: float) -> bytes:
    preprocess = Preprocess(SIDE, SIDE, mean, std)
    return encode_metadata(
        Manifest(LABELS, preprocess, "image", "scores", "small", "", ""), "labels.txt"
    )


def test_metadata_says_how_floats_are_fed(plain: bytes, tmp_path: Path) -> None:
    path = place(with_metadata(plain, metadata(100.0, 50.0)), tmp_path)

    model = open_model(LabelConfig(graph=path))

    assert (model.preprocess.mean, model.preprocess.std) == (100.0, 50.0)
    assert model.assumed == (f"{path} does not say it, assumed: --labels {tmp_path}/labels.txt",)


@pytest.mark.parametrize("seed", range(30))
def test_broken_metadata_is_no_metadata(seed: int, plain: bytes, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    broken = bytearray(metadata(100.0, 50.0))
    for index in rng.integers(len(broken), size=1 + seed):
        broken[index] = rng.integers(256)
    path = place(with_metadata(plain, bytes(broken)), tmp_path)

    told = read_normalization(path)

    assert told is None or isinstance(told, Scale)
    model = open_model(LabelConfig(graph=path, input_mean=127.5, input_std=127.5))
    assert model.labels == LABELS
    assert np.isfinite(model.make_runner().run(model.preprocess.load(PICTURE))).all()


def test_another_size_than_the_models_is_refused(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path)
    with pytest.raises(ModelError, match="takes pictures of 32 x 32 pixels, and no others"):
        open_model(LabelConfig(graph=path, input_height=224, input_width=224))


def test_labels_that_are_nowhere_are_asked_for(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path, labels=False)
    with pytest.raises(ModelError, match="no labels file is beside it") as caught:
        open_model(LabelConfig(graph=path))
    assert "--labels" in caught.value.hint


def test_labels_of_another_number_are_refused(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path)
    (tmp_path / "labels.txt").write_text("only\ntwo\n")
    with pytest.raises(ModelError, match=r"has 5 outputs, .*labels.txt has 2 labels"):
        open_model(LabelConfig(graph=path))


def test_of_several_labels_files_the_one_that_fits_is_taken(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path)
    (tmp_path / "retrained_labels.txt").write_text("other\nlabels\n")
    assert open_model(LabelConfig(graph=path)).labels == LABELS


def test_a_zip_that_would_fill_the_memory_is_refused(plain: bytes, tmp_path: Path) -> None:
    path = place(plain, tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.txt", b"\n" * (1 << 25))
    with pytest.raises(ModelError, match="too large"):
        open_model(LabelConfig(graph=path))
