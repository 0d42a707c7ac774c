"""Precision, recall and F1, of each label and over all of them."""

from dataclasses import astuple, dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from poets.dataset import IntArray

DoubleArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """The figures over all labels that have pictures or were given to one."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Figures:
    """The figures of each label, [n_labels]; NaN where there is nothing to divide by."""

    precision: DoubleArray  # of the pictures given the label, the share that have it
    recall: DoubleArray  # of the pictures that have the label, the share given it
    f1: DoubleArray  # the harmonic mean of both
    support: IntArray  # pictures that have the label

    @classmethod
    def of(cls, confusion: IntArray) -> Self:
        """Measure counts [true label, predicted label]."""
        right, given, support = confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)
        f1 = _share(2 * right, given + support)
        return cls(_share(right, given), _share(right, support), f1, support)

    @property
    def macro(self) -> Means:
        """Every label that pictures have or were given counts as much as another."""
        return self._mean((~np.isnan(self.f1)).astype(np.float64))

    @property
    def weighted(self) -> Means:
        """Every label counts by its pictures."""
        return self._mean(self.support.astype(np.float64))

    def _mean(self, weights: DoubleArray) -> Means:
        """Weigh the figures; what cannot be divided is 0, as with scikit-learn."""
        total = weights.sum()
        if not total:
            return Means(np.nan, np.nan, np.nan)
        *figures, _ = astuple(self)
        return Means(*(float(np.nan_to_num(values) @ weights / total) for values in figures))


def _share(part: IntArray, whole: IntArray) -> DoubleArray:
    shares = np.full(len(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
