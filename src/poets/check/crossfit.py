"""What heads say of pictures that they were not trained on: cross-validation on cached features."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from poets.check.duplicates import Group
from poets.config.train import TrainConfig
from poets.dataset import IntArray
from poets.heads.softmax import SoftmaxHead, Standardization
from poets.preprocess import FloatArray
from poets.report import Reporter
from poets.train import TrainingData, fit

FOLDS = 5
REPEATS = 3  # with other folds: their mean is steadier than any
_SEED = 0
_STEPS_A_LABEL, _FEWEST_STEPS, _MOST_STEPS = 40, 200, 1000
_RATE = 0.01


@dataclass(frozen=True)
class Labeled:
    """Standardised features with their labels; rows of one group show the same."""

    values: FloatArray  # [n, feature_size]
    label_ids: IntArray  # [n]
    n_labels: int
    groups: Sequence[Group] = ()


@dataclass(frozen=True)
class OutOfFold:
    """What heads said of pictures that they had not seen, over all repeats."""

    probabilities: FloatArray  # [n, n_labels], the mean
    right: FloatArray  # [n], the share of repeats in which the best label was the given one
    right_from_half: FloatArray  # [n], the same for heads trained on half of the pictures


def cross_validate(data: Labeled, reporter: Reporter) -> OutOfFold:
    """Train heads on four fifths of the pictures, and on half of these, to judge the last fifth.

    Pictures of one group share their fold: else a copy would vouch for its twin's label.
    """
    rng = np.random.default_rng(_SEED)
    n = len(data.label_ids)
    probabilities = np.zeros((n, data.n_labels), dtype=np.float32)
    right, right_from_half = np.zeros((2, n), dtype=np.float32)
    fits = 2 * FOLDS * REPEATS
    with reporter.progress("Judging", fits, "fits") as advance:
        for held_out, trained_on in _rounds(data, rng):
            values, given = data.values[held_out], data.label_ids[held_out]
            whole = train_head(data, trained_on).probabilities(values)
            advance(1)
            half = train_head(data, _half(trained_on, data.label_ids, rng)).logits(values)
            advance(1)
            probabilities[held_out] += whole / REPEATS
            right[held_out] += (whole.argmax(axis=1) == given) / REPEATS
            right_from_half[held_out] += (half.argmax(axis=1) == given) / REPEATS
    return OutOfFold(probabilities, right, right_from_half)


def train_head(data: Labeled, rows: IntArray) -> SoftmaxHead:
    """Train a head for standardised features on some rows of the data."""
    steps = min(_MOST_STEPS, max(_FEWEST_STEPS, _STEPS_A_LABEL * data.n_labels))
    config = TrainConfig(
        how_many_training_steps=steps,
        learning_rate=_RATE,
        eval_step_interval=steps,
        seed=_SEED,
    )
    size = data.values.shape[1]
    as_it_is = Standardization(np.zeros(size, np.float32), np.ones(size, np.float32))
    training, nothing = _Rows(data, rows), _Rows(data, rows[:0])
    return fit(TrainingData(training, nothing, as_it_is, data.n_labels), config)


def _rounds(data: Labeled, rng: np.random.Generator) -> Iterator[tuple[IntArray, IntArray]]:
    for _ in range(REPEATS):
        folds = assign_folds(data, rng)
        for fold in range(FOLDS):
            yield np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)


def assign_folds(data: Labeled, rng: np.random.Generator) -> IntArray:
    """Return each row's fold, i64[n]: those of a label spread evenly, those of a group together."""
    folds = np.zeros(len(data.label_ids), dtype=np.int64)
    for label in range(data.n_labels):
        rows = rng.permutation(np.flatnonzero(data.label_ids == label))
        folds[rows] = (np.arange(len(rows)) + label) % FOLDS
    for group in data.groups:
        folds[list(group)] = folds[group[0]]
    return folds


def _half(rows: IntArray, label_ids: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw half of each label's rows, one at least."""
    own = [rng.permutation(rows[label_ids[rows] == label]) for label in np.unique(label_ids[rows])]
    return np.sort(np.concatenate([label_rows[: (len(label_rows) + 1) // 2] for label_rows in own]))


class _Rows:
    """Draws batches in which every label is as likely from some rows; copies none of the others."""

    def __init__(self, data: Labeled, rows: IntArray) -> None:
        self._data = data
        self._rows = rows[np.argsort(data.label_ids[rows], kind="stable")]
        _, self._starts, self._counts = np.unique(
            data.label_ids[self._rows], return_index=True, return_counts=True
        )

    def batch(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Return f32[size, feature_size] and i64[size]; nothing from no rows."""
        rows = self._rows
        if len(rows):
            labels = rng.integers(len(self._starts), size=size)
            rows = rows[self._starts[labels] + rng.integers(self._counts[labels])]
        return self._data.values[rows], self._data.label_ids[rows]
