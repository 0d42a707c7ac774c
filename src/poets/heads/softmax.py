"""The softmax head: one dense layer and a softmax, in NumPy."""

from dataclasses import dataclass
from typing import Self

import numpy as np

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


@dataclass(frozen=True)
class SoftmaxHead:
    """softmax(values @ weights + bias)."""

    weights: FloatArray  # [feature_size, n_labels]
    bias: FloatArray  # [n_labels]

    def logits(self, values: FloatArray) -> FloatArray:
        """Map f32[n, feature_size] to f32[n, n_labels]."""
        logits: FloatArray = values @ self.weights + self.bias
        return logits

    def probabilities(self, values: FloatArray) -> FloatArray:
        """Map f32[n, feature_size] to f32[n, n_labels] that sum to 1 along each row."""
        return softmax(self.logits(values))

    def fold(self, standardization: Standardization) -> "SoftmaxHead":
        """Return the head for raw features that equals this one for standardised features.

        ((x - m) * s) @ W + b = x @ (s * W) + (b - (m * s) @ W), with s along W's rows.
        """
        mean, scale = (a.astype(np.float64) for a in (standardization.mean, standardization.scale))
        weights = scale[:, np.newaxis] * self.weights
        bias = self.bias - mean @ weights
        return SoftmaxHead(weights.astype(np.float32), bias.astype(np.float32))


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
