"""How good a classifier is on pictures it was not trained on."""

import math
from dataclasses import dataclass

import numpy as np

from poets.dataset import Features, IntArray
from poets.heads.softmax import SoftmaxHead, cross_entropy
from poets.preprocess import FloatArray


@dataclass(frozen=True)
class Evaluation:
    """Scores of a set of pictures and what follows from them."""

    labels: tuple[str, ...]
    probabilities: FloatArray  # [n, n_labels]
    label_ids: IntArray  # [n], the true ones
    cross_entropy: float  # in nats

    @property
    def n(self) -> int:
        """How many pictures were scored."""
        return len(self.label_ids)

    @property
    def predicted(self) -> IntArray:
        """The best label's index for each picture, [n]."""
        best: IntArray = self.probabilities.argmax(axis=1)
        return best

    @property
    def accuracy(self) -> float:
        """The share of pictures whose best label is the true one; NaN for none."""
        return float((self.predicted == self.label_ids).mean()) if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % interval."""
        return wilson_interval(int((self.predicted == self.label_ids).sum()), self.n)

    @property
    def confusion(self) -> IntArray:
        """Counts [true label, predicted label]."""
        counts = np.zeros((len(self.labels), len(self.labels)), dtype=np.int64)
        np.add.at(counts, (self.label_ids, self.predicted), 1)
        return counts

    @property
    def recall(self) -> FloatArray:
        """The share of each label's pictures that were named right, [n_labels]; NaN for none."""
        counts = self.confusion
        totals = counts.sum(axis=1)
        shares = np.full(len(self.labels), np.nan, dtype=np.float32)
        np.divide(counts.diagonal(), totals, out=shares, where=totals > 0)
        return shares


def evaluate(head: SoftmaxHead, features: Features, labels: tuple[str, ...]) -> Evaluation:
    """Score a set of pictures."""
    logits = head.logits(features.values)
    loss = cross_entropy(logits, features.label_ids) if len(features) else math.nan
    return Evaluation(labels, head.probabilities(features.values), features.label_ids, loss)


def wilson_interval(successes: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the score interval of a proportion; (0, 1) where n is 0.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (centre - half) / scale, (centre + half) / scale


def sample(features: Features, size: int, seed: int) -> Features:
    """Return `size` of the pictures, drawn without replacement; all of them for -1."""
    if not 0 <= size < len(features):
        return features
    rows = np.sort(np.random.default_rng(seed).permutation(len(features))[:size])
    images = tuple(features.images[row] for row in rows)
    return Features(features.values[rows], features.label_ids[rows], images)
