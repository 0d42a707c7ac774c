"""Files of weights as Keras publishes them, with random weights in them."""

import warnings
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

from poets.backbones.keras_table import KERAS_MODELS
from poets.backbones.quiet_tensorflow import keras
from poets.backbones.sources import ArchiveSource
from poets.backbones.table import BACKBONES


def build(name: str, size: int) -> keras.Model:
    """Build Keras's network of a row, without a head, as small as `size` allows."""
    row = KERAS_MODELS[name]
    function = getattr(keras.applications, row.function)
    shape = (max(size, row.min_size),) * 2 + (3,)
    return function(
        include_top=False, weights=None, pooling="avg", input_shape=shape, **row.options
    )


def randomize(model: keras.Model, seed: int = 0) -> None:
    """Draw weights that keep the size of what goes through (He et al. 2015, equation 10)."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        for variable in layer.trainable_variables:
            if "kernel" in variable.name:
                alone = isinstance(layer, keras.layers.DepthwiseConv2D)
                alone |= "depthwise" in variable.name  # each channel by itself
                fan_in = np.prod(variable.shape[:-2] if alone else variable.shape[:-1])
                variable.assign(rng.normal(0, np.sqrt(2 / fan_in), variable.shape))


def write_weights(name: str, model_dir: Path, size: int = 32) -> keras.Model:
    """Put random weights into `model_dir` under the published file's name; return the network."""
    model = build(name, size)
    randomize(model)
    source = BACKBONES[name].source
    assert isinstance(source, ArchiveSource)
    save(model, model_dir / source.file)
    return model


def save(model: keras.Model, path: Path) -> None:
    """Write weights in the format of the published files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Keras's own, of NumPy 2
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
