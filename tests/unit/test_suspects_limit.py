"""Whether all pictures are judged depends on how many there are, not on their variants."""

from dataclasses import replace

import numpy as np

from poets.dataset import Features
from poets.stages.suspects import MOST_PICTURES, is_quick
from tests.support.features import dataset_of


def repeated(features: Features, times: int) -> Features:
    return Features(
        np.tile(features.values, (times, 1)),
        np.tile(features.label_ids, times),
        features.images * times,
    )


def test_variants_of_a_picture_do_not_count() -> None:
    dataset = dataset_of()
    times = MOST_PICTURES // len(dataset.training) + 2

    assert is_quick(replace(dataset, training=repeated(dataset.training, times)))
