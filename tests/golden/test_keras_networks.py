"""Keras's networks: the table says what Keras says, and they compute what they do in Keras."""

import inspect
import os
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from keras.src.utils import file_utils

from poets.backbones.compile import FrozenBackbone
from poets.backbones.keras_applications import make
from poets.backbones.keras_table import KERAS_MODELS
from poets.backbones.quiet_tensorflow import keras, tf
from poets.backbones.sources import ArchiveSource
from poets.backbones.table import BACKBONES, find_backbone
from poets.errors import ModelError
from poets.graph_ops import check_ops
from poets.preprocess import FloatArray
from tests.support.keras_weights import build, save, write_weights

# Each wants its colours in another way. POETS_LONG=1 takes all, for minutes.
QUICK = ["mobilenet_v2_0.35", "mobilenet_v3_small_minimalistic", "vgg_16"]
ONE_A_FAMILY = [
    *QUICK,
    *("mobilenet_v1", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_v2_b0"),
    *("resnet_50", "resnet_50_v2", "convnext_tiny", "densenet_121", "nasnet_mobile"),
    *("inception_v3", "inception_resnet_v2", "xception"),
]
LONG = bool(os.environ.get("POETS_LONG"))
SIZE = 48


def weights_of(name: str) -> str:
    source = BACKBONES[name].source
    assert isinstance(source, ArchiveSource)
    return source.file


def picture_of(name: str) -> FloatArray:
    side = max(SIZE, KERAS_MODELS[name].min_size)
    rng = np.random.default_rng(3)
    return rng.uniform(0, 255, (2, side, side, 3)).astype(np.float32)


def run(frozen: FrozenBackbone, images: FloatArray) -> FloatArray:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(frozen.graph, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            features: FloatArray = session.run("features:0", {f"{frozen.input_node}:0": images})
    return features


# The table


def test_the_table_has_every_network_of_keras() -> None:
    functions = {name for name in dir(keras.applications) if name[0].isupper()}
    assert {row.function for row in KERAS_MODELS.values()} == functions


@pytest.mark.parametrize("name", KERAS_MODELS)
def test_a_checksum_is_one_that_stands_in_keras_s_source(name: str) -> None:
    row = KERAS_MODELS[name]
    modules = (getattr(keras.src.applications, row.module), keras.src.applications.resnet)
    assert row.checksum in "".join(map(inspect.getsource, modules))
    assert row.checksum or row.module in {"mobilenet", "mobilenet_v2"}  # Keras has none for these


class AskedError(Exception):
    """What Keras was about to download."""


@pytest.mark.parametrize("name", KERAS_MODELS if LONG else QUICK)
def test_keras_itself_would_download_the_same_file_for_the_same_network(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(fname: str, origin: str, file_hash: str = "", **_: object) -> NoReturn:  # noqa: ARG001
        raise AskedError(origin, file_hash)

    monkeypatch.setattr(file_utils, "get_file", ask)  # the network is what must not be used
    row = KERAS_MODELS[name]
    function = getattr(keras.applications, row.function)
    with pytest.raises(AskedError) as caught:
        function(include_top=False, input_shape=(224, 224, 3), **row.options)
    assert caught.value.args == (row.weights, row.checksum)


@pytest.mark.parametrize("name", KERAS_MODELS if LONG else QUICK)
def test_the_numbers_are_keras_s(name: str) -> None:
    row = KERAS_MODELS[name]
    model = build(name, SIZE)
    assert (model.count_params(), model.output_shape) == (row.parameters, (None, row.feature_size))
    smallest = build(name, row.min_size)
    assert smallest.output_shape == (None, row.feature_size)
    with pytest.raises(ValueError, match="at least"):
        getattr(keras.applications, row.function)(
            include_top=False, weights=None, input_shape=(row.min_size - 1,) * 2 + (3,)
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", KERAS_MODELS if LONG else QUICK)
def test_the_size_is_the_one_that_keras_takes_by_itself(name: str) -> None:
    row = KERAS_MODELS[name]
    model = getattr(keras.applications, row.function)(weights=None, **row.options)
    assert model.input_shape[1:] in {(row.size, row.size, 3), (None, None, 3)}


# The networks


@pytest.mark.parametrize("name", ONE_A_FAMILY if LONG else QUICK)
def test_a_network_computes_what_it_does_in_keras(name: str, tmp_path: Path) -> None:
    pixels = picture_of(name)
    model = write_weights(name, tmp_path, pixels.shape[1])
    module = getattr(keras.applications, KERAS_MODELS[name].module)
    expected = model(module.preprocess_input(pixels.copy()), training=False).numpy()
    spec = find_backbone(name, pixels.shape[1])

    frozen = make(spec, tmp_path / weights_of(name))

    check_ops(frozen.graph, tmp_path)
    assert not frozen.graph.library.function
    features = run(frozen, spec.preprocess.normalize(pixels))
    if KERAS_MODELS[name].module == "efficientnet":  # see the next test
        assert not np.allclose(features, expected, rtol=1e-3, atol=0)
    else:
        np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4 * expected.std())


def test_an_efficientnet_divides_by_the_deviation_as_its_weights_need_it(tmp_path: Path) -> None:
    """As Keras does it where it downloads them, and only there."""
    pixels = picture_of("efficientnet_b0")
    model = write_weights("efficientnet_b0", tmp_path, SIZE)
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    (normalize,) = (x for x in model.layers if isinstance(x, keras.layers.Normalization))
    normalize.adapt_mean.assign(mean)
    normalize.adapt_variance.assign(deviation)  # so it is in the published file
    save(model, tmp_path / weights_of("efficientnet_b0"))
    after = keras.Model(normalize.output, model.output)
    expected = after((pixels / 255 - mean) / deviation, training=False).numpy()
    spec = find_backbone("efficientnet_b0", SIZE)

    frozen = make(spec, tmp_path / weights_of("efficientnet_b0"))

    features = run(frozen, spec.preprocess.normalize(pixels))
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4 * expected.std())


# Files that hold no such weights


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>blocked</html>", id="a web page"),
        pytest.param(b"\x89HDF\r\n\x1a\n" + bytes(2000), id="a header alone"),
    ],
)
def test_a_file_without_weights_is_named_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    name = "mobilenet_v3_small_minimalistic"
    path = tmp_path / weights_of(name)
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"v2\.h5: no weights of mobilenet_v3_small_min") as caught:
        make(find_backbone(name, 32), path)
    assert caught.value.hint.startswith("Delete it")


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_a_truncated_file_is_named(tmp_path: Path, share: float) -> None:
    name = "mobilenet_v3_small_minimalistic"
    write_weights(name, tmp_path)
    path = tmp_path / weights_of(name)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ModelError, match="or damaged"):
        make(find_backbone(name, 32), path)


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    write_weights("mobilenet_v2_0.35", tmp_path)
    with pytest.raises(ModelError, match=r"no weights of mobilenet_v2_0\.50"):
        make(find_backbone("mobilenet_v2_0.50", 32), tmp_path / weights_of("mobilenet_v2_0.35"))
