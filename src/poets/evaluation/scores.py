"""What follows from a classifier's scores on pictures whose labels are known."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from poets.dataset import Features, IntArray
from poets.evaluation.figures import Figures
from poets.evaluation.interval import wilson_interval
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]

# scikit-learn's log_loss and Keras stop here too: one sure mistake is not to be all there is.
_SMALLEST = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Evaluation:
    """Scores of a set of pictures and what follows from them."""

    labels: tuple[str, ...]
    probabilities: FloatArray  # [n, n_labels], each row sums to 1
    label_ids: IntArray  # [n], the true ones

    @property
    def n(self) -> int:
        """How many pictures were scored."""
        return len(self.label_ids)

    @cached_property
    def predicted(self) -> IntArray:
        """The best label's index for each picture, [n]."""
        if not self.n:
            return np.empty(0, np.int64)
        best: IntArray = self.probabilities.argmax(axis=1)
        return best

    @property
    def correct(self) -> BoolArray:
        """Whether the best label is the true one, [n]."""
        right: BoolArray = self.predicted == self.label_ids
        return right

    @cached_property
    def margins(self) -> npt.NDArray[np.float64]:
        """By how much the best other label's score exceeds the true one's, [n]."""
        probabilities = self.probabilities.astype(np.float64)
        true = np.arange(self.n), self.label_ids
        own = probabilities[true]
        probabilities[true] = -np.inf
        others: npt.NDArray[np.float64] = probabilities.max(axis=1, initial=-1.0)
        return others - own

    @property
    def mistakes(self) -> IntArray:
        """The rows of pictures that were named wrong, the one it was surest of first."""
        wrong = np.flatnonzero(~self.correct)
        rows: IntArray = wrong[np.argsort(-self.margins[wrong], kind="stable")]
        return rows

    @property
    def accuracy(self) -> float:
        """The share of pictures whose best label is the true one; NaN for none."""
        return float(self.correct.mean()) if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % interval."""
        return wilson_interval(int(self.correct.sum()), self.n)

    def top_k_accuracy(self, k: int = 5) -> float:
        """Return the share of pictures whose true label is among the k best; NaN for none."""
        if not self.n:
            return math.nan
        order = np.argsort(-self.probabilities, axis=1, kind="stable")[:, :k]
        return float((order == self.label_ids[:, np.newaxis]).any(axis=1).mean())

    @property
    def cross_entropy(self) -> float:
        """The mean of -log of the true label's probability, in nats; NaN for no pictures."""
        if not self.n:
            return math.nan
        own = self.probabilities[np.arange(self.n), self.label_ids]
        return float(-np.log(np.maximum(own, _SMALLEST, dtype=np.float64)).mean())

    @cached_property
    def confusion(self) -> IntArray:
        """Counts [true label, predicted label]."""
        counts = np.zeros((len(self.labels), len(self.labels)), dtype=np.int64)
        np.add.at(counts, (self.label_ids, self.predicted), 1)
        return counts

    @property
    def figures(self) -> Figures:
        """Precision, recall, F1 and support of each label."""
        return Figures.of(self.confusion)

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """The share of each label's pictures that were named right, [n_labels]; NaN for none."""
        return self.figures.recall


def evaluate(head: SoftmaxHead, features: Features, labels: tuple[str, ...]) -> Evaluation:
    """Score a set of pictures."""
    return Evaluation(labels, head.probabilities(features.values), features.label_ids)


def sample(features: Features, size: int, seed: int) -> Features:
    """Return `size` of the pictures, drawn without replacement; all of them for -1."""
    if not 0 <= size < len(features):
        return features
    return features.take(np.sort(np.random.default_rng(seed).permutation(len(features))[:size]))
