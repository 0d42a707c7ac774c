"""What a head begins with."""

import math

import numpy as np

from poets.heads.softmax import Hidden, SoftmaxHead
from poets.preprocess import FloatArray

_DEVIATION = 0.001


def initial(blank: SoftmaxHead, rng: np.random.Generator) -> SoftmaxHead:
    """Draw weights of a blank head's shape; biases stay 0.

    A hidden layer's have the deviation sqrt(2 / feature_size), which keeps values as large as they
    are (K. He et al., "Delving deep into rectifiers", ICCV 2015).
    """
    weights = _normal(blank.weights.shape, _DEVIATION, rng)
    if blank.hidden is None:
        return SoftmaxHead(weights, blank.bias)
    deviation = math.sqrt(2 / blank.feature_size)
    hidden = Hidden(_normal(blank.hidden.weights.shape, deviation, rng), blank.hidden.bias)
    return SoftmaxHead(weights, blank.bias, hidden)


def _normal(shape: tuple[int, ...], deviation: float, rng: np.random.Generator) -> FloatArray:
    """Draw from a normal distribution cut off at two deviations."""
    values = rng.standard_normal(shape)
    while (outside := np.abs(values) > 2.0).any():
        values[outside] = rng.standard_normal(int(outside.sum()))
    scaled: FloatArray = (values * deviation).astype(np.float32)
    return scaled
