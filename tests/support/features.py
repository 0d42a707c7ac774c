"""Features that were drawn at random: clouds, one a label."""

from pathlib import Path

import numpy as np

from poets.dataset import Dataset, Features
from poets.images import LabeledImage

LABELS = ("daisy", "roses", "tulips")


def clouds(count: int, size: int = 8, seed: int = 0, spread: float = 1.0) -> Features:
    """Return `count` pictures a label, features on scales as different as a network's."""
    rng = np.random.default_rng(seed)
    label_ids = np.repeat(np.arange(len(LABELS)), count)
    centres = np.random.default_rng(7).normal(0, 2, (len(LABELS), size))
    values = centres[label_ids] + rng.normal(0, spread, (len(label_ids), size))
    return features_of((values + 5) * np.logspace(-2, 2, size), label_ids)


def features_of(values: object, label_ids: object) -> Features:
    """Give rows of features the labels and names that go with them."""
    ids = np.asarray(label_ids, dtype=np.int64)
    images = tuple(
        LabeledImage(LABELS[label], Path(LABELS[label]) / f"{row}.jpg")
        for row, label in enumerate(ids)
    )
    return Features(np.asarray(values, dtype=np.float32), ids, images)


def dataset_of(count: int = 40, size: int = 8, spread: float = 1.0) -> Dataset:
    """Return three parts drawn from the same clouds."""
    training, validation, testing = (
        clouds(n, size, seed, spread) for seed, n in enumerate((count, count // 4, count // 4))
    )
    return Dataset(LABELS, training, validation, testing)
