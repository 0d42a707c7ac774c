"""Pictures whose label is perhaps wrong, found in scores of classifiers that had not seen them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from poets.check.crossfit import Labeled, assign_folds, train_head
from poets.check.duplicates import Group
from poets.check.suspects import find_suspects, why_none
from poets.dataset import Dataset
from poets.evaluation.scores import Evaluation
from poets.heads.softmax import Standardization
from poets.page.data import Shot, Suspects
from poets.page.gather import Album, Sight, Tested
from poets.preprocess import FloatArray

MOST_PICTURES = 4000  # above, and with more labels, it would be more than a moment's work
MOST_LABELS = 12
_MOST_SHOWN = 24
_SEED = 0


def is_quick(dataset: Dataset) -> bool:
    """Tell whether judging all pictures takes no more than a moment."""
    pictures = sum(len(set(part.images)) for part in dataset.parts.values())  # and no variants
    return len(dataset.labels) <= MOST_LABELS and pictures <= MOST_PICTURES


def judge_all(dataset: Dataset, image_dir: Path) -> Tested:
    """Score every picture with a head that was trained on the others.

    Each fifth is judged by a head of the other four: as `poets check`, without its repeats.
    """
    features = dataset.everything.once()
    values = Standardization.of(features.values).apply(features.values)
    data = Labeled(values, features.label_ids, len(dataset.labels), _copies(features.values))
    evaluation = Evaluation(dataset.labels, _out_of_fold(data), features.label_ids)
    return Tested(evaluation, features.images, image_dir)


def tell_suspects(tested: Tested, sight: Sight, how: str) -> Suspects:
    """Return the pictures whose label the scores doubt, the most doubtful first."""
    evaluation = tested.evaluation
    found = find_suspects(evaluation.probabilities, evaluation.label_ids)
    why = why_none(found, evaluation.n)
    if why:
        return Suspects(0, (), "", f"None is named: {why}.")
    shown = found[:_MOST_SHOWN]
    small = sight.thumbnails([tested.images[row].path for row, _ in shown])
    album = Album(tested, sight.page)
    shots = (
        _with_better(album.shot(row, thumbnail), better, evaluation.probabilities[row])
        for (row, better), thumbnail in zip(shown, small, strict=True)
    )
    return Suspects(len(found), tuple(shots), how)


def _with_better(shot: Shot, better: int, probabilities: FloatArray) -> Shot:
    """Put the label first that fits better, which need not be the one with the best score."""
    scores = tuple((label, float(probabilities[label])) for label in (better, shot.true))
    return replace(shot, scores=scores)


def _copies(values: FloatArray) -> Sequence[Group]:
    """Group rows that are the same: a copy in another fold would vouch for its twin's label."""
    rows: dict[bytes, list[int]] = {}
    for row, value in enumerate(values):
        rows.setdefault(value.tobytes(), []).append(row)
    return [tuple(group) for group in rows.values() if len(group) > 1]


def _out_of_fold(data: Labeled) -> FloatArray:
    folds = assign_folds(data, np.random.default_rng(_SEED))
    probabilities = np.zeros((len(folds), data.n_labels), dtype=np.float32)
    for fold in np.unique(folds):
        held_out, trained_on = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if len(trained_on):
            head = train_head(data, trained_on)
            probabilities[held_out] = head.probabilities(data.values[held_out])
    return probabilities
