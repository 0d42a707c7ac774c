"""Dense layers, read back from a graph: a logit, and what it would gain from each feature."""

from dataclasses import dataclass

import numpy as np

from poets.preprocess import FloatArray


@dataclass(frozen=True)
class Dense:
    """values @ weights + bias, and what is below 0 of that cut off where `relu` says so."""

    weights: FloatArray  # [n_in, n_out]
    bias: FloatArray  # [n_out]
    relu: bool = False


@dataclass(frozen=True)
class DenseLayers:
    """From features to logits."""

    layers: tuple[Dense, ...]  # the first takes the features, the last gives the logits

    def logit(self, features: FloatArray, label_id: int) -> tuple[float, FloatArray]:
        """Return a label's logit for f32[n_features] and its gradient, f32[n_features].

        Around these very features the layers are linear, so that the gradient is exact there.
        """
        passed = []
        values = features
        for layer in self.layers:
            values = values @ layer.weights + layer.bias
            passed.append(values > 0 if layer.relu else np.ones(values.shape, np.bool_))
            values = values * passed[-1]
        gradient: FloatArray = np.zeros(values.shape, np.float32)
        gradient[label_id] = 1.0
        for layer, open_units in zip(reversed(self.layers), reversed(passed), strict=True):
            gradient = layer.weights @ np.where(open_units, gradient, np.float32(0))
        return float(values[label_id]), gradient
