"""A small convolutional network that knows nothing before it has seen your pictures."""

from pathlib import Path

from poets.backbones.cnn_table import filters_of
from poets.backbones.compile import FrozenBackbone, freeze
from poets.backbones.quiet_tensorflow import keras
from poets.backbones.spec import BackboneSpec
from poets.errors import ModelError
from poets.finetune.learned_file import read_learned
from poets.preprocess import Preprocess

layers = keras.layers


def make(spec: BackboneSpec, weights: Path) -> FrozenBackbone:
    """Freeze the network up to its pooled features; `weights` is the file of what it learned.

    Raises ModelError where that is of another network.
    """
    model = build_model(spec.preprocess)
    learned = read_learned(weights)
    try:
        model.set_weights(list(learned.weights) if learned else [])
    except ValueError as error:
        raise ModelError(f"{weights} is damaged.", hint="Delete it and run again.") from error
    return freeze(lambda x: model(x, training=False), spec.preprocess, spec.input_node)


def build_model(preprocess: Preprocess, seed: int = 0) -> keras.Model:
    """Build f32[n, height, width, channels] -> f32[n, filters of the last layer].

    Each layer: 3 x 3 convolution, batch norm, ReLU; between two, the maps are halved by maximum;
    at the end each is averaged.
    """
    x = image = keras.Input(preprocess.shape, name="input")
    filters = filters_of(min(preprocess.height, preprocess.width))
    for i, count in enumerate(filters):
        if i:
            x = layers.MaxPooling2D(name=f"pool{i}")(x)
        kernel = keras.initializers.HeNormal(seed=seed + i)
        x = layers.Conv2D(
            count, 3, padding="same", use_bias=False, kernel_initializer=kernel, name=f"conv{i}"
        )(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"norm{i}")(x)
        x = layers.ReLU(name=f"relu{i}")(x)
    return keras.Model(image, layers.GlobalAveragePooling2D(name="pool")(x), name="cnn")
