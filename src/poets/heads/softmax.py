"""The head in NumPy: a dense layer and a softmax, behind a hidden layer where one is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from poets.dataset import IntArray
from poets.preprocess import FloatArray


@dataclass(frozen=True)
class Standardization:
    """Mean and scale of each feature over the training set."""

    mean: FloatArray  # [feature_size]
    scale: FloatArray  # [feature_size], 1 / standard deviation; 0 for a feature that never varies

    @classmethod
    def of(cls, values: FloatArray) -> Self:
        """Measure f32[n, feature_size]."""
        mean = values.mean(axis=0, dtype=np.float64)
        deviation = values.std(axis=0, dtype=np.float64)
        varies = deviation > 1e-6 * np.maximum(1.0, np.abs(mean))
        scale = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=varies)
        return cls(mean.astype(np.float32), scale.astype(np.float32))

    def apply(self, values: FloatArray) -> FloatArray:
        """Return (values - mean) * scale, f32[n, feature_size]."""
        return (values - self.mean) * self.scale

    def pull_back(self, weights: FloatArray) -> npt.NDArray[np.float64]:
        """Return the weights for raw features that have the effect of `weights` behind `apply`."""
        pulled: npt.NDArray[np.float64] = self.scale.astype(np.float64)[:, np.newaxis] * weights
        return pulled


@dataclass(frozen=True)
class Hidden:
    """max(values @ weights + bias, 0)."""

    weights: FloatArray  # [feature_size, n_units]
    bias: FloatArray  # [n_units]

    def apply(self, values: FloatArray) -> FloatArray:
        """Map f32[n, feature_size] to f32[n, n_units]."""
        units: FloatArray = np.maximum(values @ self.weights + self.bias, np.float32(0))
        return units


@dataclass(frozen=True)
class SoftmaxHead:
    """softmax(values @ weights + bias), of what the hidden layer gives where there is one."""

    weights: FloatArray  # [feature_size, n_labels], [n_units, n_labels] behind a hidden layer
    bias: FloatArray  # [n_labels]
    hidden: Hidden | None = None

    @property
    def feature_size(self) -> int:
        """How many features it takes."""
        return len(self.weights if self.hidden is None else self.hidden.weights)

    @property
    def arrays(self) -> tuple[FloatArray, ...]:
        """All its numbers: weights and bias, and behind them those of the hidden layer."""
        hidden = () if self.hidden is None else (self.hidden.weights, self.hidden.bias)
        return (self.weights, self.bias, *hidden)

    @classmethod
    def of(cls, arrays: Sequence[FloatArray]) -> "SoftmaxHead":
        """Return the head with these `arrays`."""
        weights, bias, *hidden = arrays
        return cls(weights, bias, Hidden(*hidden) if hidden else None)

    def logits(self, values: FloatArray) -> FloatArray:
        """Map f32[n, feature_size] to f32[n, n_labels]."""
        units = values if self.hidden is None else self.hidden.apply(values)
        logits: FloatArray = units @ self.weights + self.bias
        return logits

    def probabilities(self, values: FloatArray) -> FloatArray:
        """Map f32[n, feature_size] to f32[n, n_labels] that sum to 1 along each row."""
        return softmax(self.logits(values))

    def fold(self, standardization: Standardization) -> "SoftmaxHead":
        """Return the head for raw features that equals this one for standardised features.

        ((x - m) * s) @ W + b = x @ (s * W) + (b - (m * s) @ W), with s along W's rows.
        """
        if self.hidden is None:
            return SoftmaxHead(*_fold(self.weights, self.bias, standardization))
        hidden = Hidden(*_fold(self.hidden.weights, self.hidden.bias, standardization))
        return SoftmaxHead(self.weights, self.bias, hidden)


def _fold(
    weights: FloatArray, bias: FloatArray, standardization: Standardization
) -> tuple[FloatArray, FloatArray]:
    pulled = standardization.pull_back(weights)
    moved = bias - standardization.mean.astype(np.float64) @ pulled
    return pulled.astype(np.float32), moved.astype(np.float32)


def softmax(logits: FloatArray) -> FloatArray:
    """Return exp(logits) over their sum along the last axis, without overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: FloatArray = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def accuracy(logits: FloatArray, label_ids: IntArray) -> float:
    """Return the share of rows of f32[n, n_labels] whose largest entry is the label's."""
    return float((logits.argmax(axis=1) == label_ids).mean())


def cross_entropy(logits: FloatArray, label_ids: IntArray) -> float:
    """Return the mean of -log softmax(logits)[label] over f32[n, n_labels], in nats."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float((log_sum - shifted[np.arange(len(label_ids)), label_ids]).mean())
