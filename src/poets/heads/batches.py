"""Which pictures a step sees: by default each label is as likely as any other."""

from collections.abc import Collection, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from poets.config.head import NONE, HeadConfig
from poets.dataset import Features, IntArray
from poets.errors import UsageError
from poets.heads.softmax import Standardization
from poets.preprocess import FloatArray
from poets.registry import did_you_mean

Shares: TypeAlias = npt.NDArray[np.float64]  # [n_labels], sum 1: how much of a batch is of each


class Batches(Protocol):
    """Where batches come from."""

    def batch(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Return standardised f32[n, feature_size] and i64[n]; all there is for a size of -1."""


class BalancedBatches:
    """Draws batches with replacement, of each label its share."""

    def __init__(
        self, features: Features, standardization: Standardization, shares: Shares | None = None
    ) -> None:
        """Without `shares`, every label is as likely."""
        order = np.argsort(features.label_ids, kind="stable")
        self._values = standardization.apply(features.values[order])
        self._label_ids = features.label_ids[order]
        present, self._starts, self._counts = np.unique(
            self._label_ids, return_index=True, return_counts=True
        )
        self._shares = None if shares is None else shares[present]

    def batch(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Return f32[size, feature_size] and i64[size]; all there is for -1 or an empty set."""
        if size < 0 or not len(self._label_ids):
            return self._values, self._label_ids
        labels = draw_labels(len(self._starts), self._shares, size, rng)
        rows = self._starts[labels] + rng.integers(self._counts[labels])
        return self._values[rows], self._label_ids[rows]


def draw_labels(count: int, shares: Shares | None, size: int, rng: np.random.Generator) -> IntArray:
    """Return i64[size] below `count`, each as likely as its share."""
    if shares is None:
        return rng.integers(count, size=size)
    return rng.choice(count, size=size, p=shares / shares.sum())


def shares_of(config: HeadConfig, labels: Sequence[str], label_ids: IntArray) -> Shares | None:
    """Return how much of a batch is to be of each label, None for all alike.

    Raises UsageError for a weight of a label that there is not.
    """
    if config.class_weights == NONE:
        return np.bincount(label_ids, minlength=len(labels)) / len(label_ids)
    check_weighted_labels(config, labels)
    told = config.weight_of_label()
    if not told:
        return None
    weights = np.array([told.get(label, 1.0) for label in labels])
    return np.asarray(weights / weights.sum())


def check_weighted_labels(config: HeadConfig, labels: Collection[str]) -> None:
    """Raise UsageError for a weight of a label that there is not."""
    for name in config.weight_of_label():
        if name not in labels:
            message = f"--class_weights: no label '{name}'.{did_you_mean(name, labels)}"
            raise UsageError(message, hint=f"There are: {', '.join(labels)}.")


def picture_weights(shares: Shares | None, label_ids: IntArray, n_labels: int) -> FloatArray:
    """Return how much a picture of each label counts for it to have its share, f32[n_labels]."""
    counts = np.bincount(label_ids, minlength=n_labels)
    wanted = np.ones(n_labels) if shares is None else shares
    return (wanted / np.maximum(counts, 1)).astype(np.float32)
