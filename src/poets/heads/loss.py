"""What the head is trained to make small: cross entropy, and large weights if they cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from poets.dataset import IntArray
from poets.heads.softmax import SoftmaxHead, softmax
from poets.preprocess import FloatArray


@dataclass(frozen=True)
class Rows:
    """Pictures that the head is trained on in one step."""

    values: FloatArray  # [n, feature_size], standardised
    label_ids: IntArray  # [n]
    logits: FloatArray  # [n, n_labels], what the head says of them before the step


@dataclass(frozen=True)
class Loss:
    """The mean cross entropy to smoothed labels, and l2 / 2 times the sum of squared weights."""

    label_smoothing: float = 0.0
    l2: float = 0.0

    def error(self, rows: Rows) -> FloatArray:
        """Return each row's gradient by its logits, f32[n, n_labels]: softmax less the target."""
        error = softmax(rows.logits)
        if self.label_smoothing:
            error -= np.float32(self.label_smoothing / error.shape[1])
        error[np.arange(len(rows.label_ids)), rows.label_ids] -= np.float32(
            1.0 - self.label_smoothing
        )
        return error

    def gradients(
        self, head: SoftmaxHead, values: FloatArray, error: FloatArray, scale: float
    ) -> tuple[FloatArray, ...]:
        """Return the gradient by each of the head's arrays, for an `error` times `scale`."""
        units = values if head.hidden is None else head.hidden.apply(values)
        found = [units.T @ error, error.sum(axis=0)]
        if head.hidden is not None:
            below = (error @ head.weights.T) * (units > 0)
            found += [values.T @ below, below.sum(axis=0)]
        if self.l2:
            for index in range(0, len(found), 2):  # weights; a bias costs nothing
                found[index] += np.float32(scale * self.l2) * head.arrays[index]
        return tuple(found)


def minus(head: SoftmaxHead, steps: Sequence[FloatArray]) -> SoftmaxHead:
    """Return the head moved against `steps`, one for each of its arrays."""
    moved = zip(head.arrays, steps, strict=True)
    return SoftmaxHead.of([values - step for values, step in moved])
