"""Graphs told again in Keras layers: other families of networks, with weights drawn at random."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.compile import freeze, run_graph
from poets.backbones.quiet_tensorflow import keras, tf
from poets.errors import ModelError
from poets.export.keras_layers import to_keras
from poets.preprocess import FloatArray, Preprocess

# Keras's own, of NumPy's new rules, when it saves a model.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIDE = 64
SIZE = Preprocess(SIDE, SIDE, 0.0, 1.0)
BATCH: FloatArray = np.random.default_rng(0).normal(size=(2, SIDE, SIDE, 3)).astype(np.float32)


def mobilenet_v3() -> keras.Model:
    keras.utils.set_random_seed(0)
    shape = (SIDE, SIDE, 3)
    model = keras.applications.MobileNetV3Small(
        weights=None, include_top=False, pooling="avg", input_shape=shape
    )
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


def small_network() -> keras.Model:
    """A network of all that the families of Keras are made of, but for their size."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    image = keras.Input((SIDE, SIDE, 3))
    x = layers.ZeroPadding2D(((3, 2), (1, 4)))(image)
    x = layers.Conv2D(8, 5, strides=2, activation="swish")(x)
    x = layers.BatchNormalization(gamma_initializer="normal", beta_initializer="normal")(x)
    gate = layers.GlobalAveragePooling2D()(x)
    gate = layers.Reshape((1, 1, 8))(gate)
    gate = layers.Conv2D(8, 1, activation="sigmoid")(gate)
    x = layers.Multiply()([x, gate])
    wide = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
    grouped = layers.Conv2D(8, 3, padding="same", groups=4, activation="relu")(x)
    x = layers.Concatenate()([wide, grouped, 1.5 - x])
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = layers.AveragePooling2D(2)(x)
    return keras.Model(image, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))


def frozen(model: keras.Model) -> tf.compat.v1.GraphDef:
    return freeze(lambda image: model(image * 0.5 + 0.25, training=False), SIZE).graph


@pytest.mark.parametrize("build", [mobilenet_v3, small_network])
def test_a_network_of_keras_survives_being_frozen(
    build: Callable[[], keras.Model], tmp_path: Path
) -> None:
    graph = frozen(build())
    before = graph.SerializeToString(deterministic=True)

    model = to_keras(graph, "input", "features")

    assert graph.SerializeToString(deterministic=True) == before
    expected = tf.function(lambda image: run_graph(graph, image, "features"))(tf.constant(BATCH))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    largest = float(np.abs(expected).max())
    assert largest > 1e-3
    np.testing.assert_allclose(loaded.predict(BATCH, verbose=0), expected, atol=1e-4 * largest)


def test_an_operation_that_is_no_layer_is_named() -> None:
    image = keras.Input((SIDE, SIDE, 3))
    wave = keras.layers.GlobalAveragePooling2D()(keras.ops.sin(image))

    with pytest.raises(ModelError, match="keras: this network has Sin in it") as raised:
        to_keras(frozen(keras.Model(image, wave)), "input", "features")

    assert "other formats" in raised.value.hint
