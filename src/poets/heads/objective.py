"""The loss over all training pictures, and how it changes with the head's numbers."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from poets.dataset import IntArray
from poets.heads.loss import Loss, Rows
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray

Vector: TypeAlias = npt.NDArray[np.float64]  # [n], all numbers of a head


@dataclass(frozen=True)
class Objective:
    """A loss as a function of the head; sums are made with 64 bits."""

    loss: Loss
    values: FloatArray  # [n, feature_size], standardised
    label_ids: IntArray  # [n]
    weights: FloatArray  # [n], sum 1: how much each picture counts

    @classmethod
    def of(cls, loss: Loss, rows: Rows, label_weights: FloatArray) -> "Objective":
        """Let a picture of each label count as much as [n_labels] says."""
        weights = label_weights[rows.label_ids].astype(np.float64)
        return cls(loss, rows.values, rows.label_ids, (weights / weights.sum()).astype(np.float32))

    def rows(self, head: SoftmaxHead) -> Rows:
        """Return the pictures with what the head says of them."""
        return Rows(self.values, self.label_ids, head.logits(self.values))

    def value(self, head: SoftmaxHead, rows: Rows) -> float:
        """Return the loss of the head's `rows`."""
        logits = rows.logits.astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        smoothing = self.loss.label_smoothing
        own = logits[np.arange(len(logits)), self.label_ids]
        target = (1 - smoothing) * own + smoothing * logits.mean(axis=1)
        squares = sum(float(np.square(w, dtype=np.float64).sum()) for w in head.arrays[::2])
        return float(-(self.weights @ target)) + self.loss.l2 / 2 * squares

    def gradient(self, head: SoftmaxHead, rows: Rows) -> Vector:
        """Return its gradient by each of the head's numbers."""
        error = self.loss.error(rows) * self.weights[:, np.newaxis]
        return flat(self.loss.gradients(head, self.values, error, 1.0))


def flat(arrays: tuple[FloatArray, ...]) -> Vector:
    """Return all numbers in a row."""
    return np.concatenate([values.reshape(-1) for values in arrays]).astype(np.float64)


def shaped(numbers: Vector, like: SoftmaxHead) -> SoftmaxHead:
    """Return the head with these numbers: the reverse of `flat`."""
    ends = np.cumsum([values.size for values in like.arrays])[:-1]
    parts = zip(np.split(numbers.astype(np.float32), ends), like.arrays, strict=True)
    return SoftmaxHead.of([part.reshape(values.shape) for part, values in parts])
