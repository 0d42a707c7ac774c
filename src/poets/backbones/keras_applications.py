"""The networks of keras.applications, from the weights that Keras publishes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from poets.backbones.compile import FrozenBackbone, freeze
from poets.backbones.keras_table import KERAS_MODELS, KerasModel
from poets.backbones.quiet_tensorflow import keras, tf
from poets.backbones.spec import BackboneSpec
from poets.errors import ModelError
from poets.preprocess import Preprocess

Network = Callable[[tf.Tensor], tf.Tensor]

_HINT = "Delete it; it is downloaded again where there is a network."
_STDDEV = np.array([0.229, 0.224, 0.225], np.float32)  # of ImageNet's red, green and blue, of 1


def make(spec: BackboneSpec, weights: Path) -> FrozenBackbone:
    """Freeze the network up to its pooled features, at the input size of `spec`.

    Raises ModelError where `weights` holds no weights of it.
    """
    row = KERAS_MODELS[spec.name]
    model = build_model(row, spec.preprocess, weights)
    start, enter = from_pictures(row, model, spec.preprocess)
    rest = model if start is model.inputs[0] else keras.Model(start, model.outputs[0])
    return freeze(lambda x: rest(enter(x), training=False), spec.preprocess, spec.input_node)


def build_model(row: KerasModel, preprocess: Preprocess, weights: Path) -> keras.Model:
    """Build Keras's own model, with `weights`; raises ModelError where they do not fit."""
    function = getattr(keras.applications, row.function)
    model = function(
        include_top=False,
        weights=None,
        input_shape=(preprocess.height, preprocess.width, 3),
        pooling="avg",
        **row.options,
    )
    try:
        model.load_weights(weights)
    # A damaged file makes HDF5 and Keras raise nearly anything.
    except Exception as error:
        message = f"{weights}: no weights of {row.name}, or damaged."
        raise ModelError(message, hint=_HINT) from error
    return model


def from_pictures(
    row: KerasModel, model: keras.Model, preprocess: Preprocess
) -> tuple[keras.KerasTensor, Network]:
    """Return the tensor where the weights begin, and what leads there from pictures."""
    to_keras = getattr(keras.applications, row.module).preprocess_input

    def scaled(image: tf.Tensor) -> tf.Tensor:
        return to_keras(image * preprocess.std + preprocess.mean)

    if row.module != "efficientnet":
        return model.inputs[0], scaled
    # Keras's weights are for a network with this division, which it has only where Keras itself
    # downloads them: the "variance" among them is the deviation, to be divided by, not its root.
    layers = model.layers
    normalized = next(x for x in layers if isinstance(x, keras.layers.Normalization)).output
    first = keras.Model(model.inputs, normalized)
    return normalized, lambda image: first(scaled(image), training=False) / np.sqrt(_STDDEV)
