"""Keras layers that are made late: scales and offsets behind them go into their weights."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from poets.backbones.quiet_tensorflow import keras

Array: TypeAlias = npt.NDArray[Any]
Make: TypeAlias = Callable[[Array, Array], keras.KerasTensor]
_ONE, _ZERO = np.array(1.0), np.array(0.0)


class Affine:
    """scale * layer(x) + offset, not made yet: what follows may still change the numbers."""

    def __init__(self, make: Make, scale: Array = _ONE, offset: Array = _ZERO) -> None:
        """`make` returns the tensor; each factor and term is one number or one a channel."""
        self._make, self._scale, self._offset = make, scale, offset

    def times(self, factor: Array) -> "Affine":
        """Return this, multiplied."""
        factor = _by_channel(factor)
        return Affine(self._make, self._scale * factor, self._offset * factor)

    def plus(self, term: Array) -> "Affine":
        """Return this with something added."""
        return Affine(self._make, self._scale, self._offset + _by_channel(term))

    @cached_property
    def tensor(self) -> keras.KerasTensor:
        """What the layer gives; made at the first time of asking, and once."""
        return self._make(self._scale, self._offset)


def of_tensor(tensor: keras.KerasTensor) -> Affine:
    """Return a tensor that is there, to which scales and offsets may come."""

    def make(scale: Array, offset: Array) -> keras.KerasTensor:
        if np.all(scale == 1.0) and np.all(offset == 0.0):
            return tensor
        if np.size(scale) == np.size(offset) == 1:
            return keras.layers.Rescaling(float(scale), float(offset))(tensor)
        layer = keras.layers.DepthwiseConv2D(1)  # no BatchNormalization: it would learn anew
        return _weighted(layer, tensor, np.ones((1, 1, tensor.shape[-1], 1)), (scale, offset))

    return Affine(make)


def of_layer(layer: keras.Layer, tensor: keras.KerasTensor, kernel: Array) -> Affine:
    """Return a convolution or a dense layer of a tensor, with a bias of 0."""
    return Affine(lambda scale, offset: _weighted(layer, tensor, kernel, (scale, offset)))


def _weighted(
    layer: keras.Layer, tensor: keras.KerasTensor, kernel: Array, affine: tuple[Array, Array]
) -> keras.KerasTensor:
    output = layer(tensor)
    wanted, bias = layer.get_weights()
    scale, offset = (np.broadcast_to(values, bias.shape) for values in affine)
    # A depthwise kernel has its outputs in its last two axes.
    outputs = kernel.reshape(-1, bias.size) * scale
    layer.set_weights([outputs.reshape(wanted.shape), offset])
    return output


def _by_channel(values: Array) -> Array:
    """Return one number, or one a channel; raises ValueError for other shapes."""
    wide = np.asarray(values, np.float64)
    if wide.size != wide.shape[-1] if wide.ndim else False:
        raise ValueError(f"{wide.shape} is not a number a channel")
    return wide.reshape(-1) if wide.size > 1 else wide.reshape(())
