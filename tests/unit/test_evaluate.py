import math

import numpy as np
import pytest

from poets.evaluation.interval import wilson_interval
from poets.evaluation.scores import Evaluation, evaluate, sample
from poets.heads.softmax import SoftmaxHead
from tests.support.features import LABELS, clouds, features_of

# Of scores [n, 3]: the first two daisies right, one taken for a rose; both roses right; no tulip.
EVALUATION = Evaluation(
    LABELS,
    np.array(
        [[0.8, 0.1, 0.1], [0.5, 0.2, 0.3], [0.3, 0.6, 0.1], [0, 1, 0], [0.1, 0.7, 0.2]], np.float32
    ),
    np.array([0, 0, 0, 1, 1]),
)
NONE = Evaluation(LABELS, np.empty((0, 3), np.float32), np.empty(0, np.int64))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),  # as R's binom::binom.wilson and statsmodels give them
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 52, 0.8702, 0.9894),
        (1, 1, 0.2065, 1.0),
        (50, 100, 0.4038, 0.5962),
    ],
)
def test_the_interval_has_the_known_values(successes: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=1e-4)


def test_nothing_is_known_of_no_pictures() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_the_interval_lies_around_the_share_and_between_none_and_all() -> None:
    for n in range(1, 150):
        for successes in range(n + 1):
            low, high = wilson_interval(successes, n)
            assert low - 1e-12 <= successes / n <= high + 1e-12
            assert f"{low:.3f} {high:.3f}".strip("0123456789. ") == ""  # -0.000 would look odd
            assert high <= 1


def test_accuracy_confusion_and_recall_are_counted() -> None:
    assert EVALUATION.n == 5
    assert EVALUATION.accuracy == pytest.approx(4 / 5)
    assert EVALUATION.predicted.tolist() == [0, 0, 1, 1, 1]
    assert EVALUATION.confusion.tolist() == [[2, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert EVALUATION.recall[:2] == pytest.approx([2 / 3, 1])
    assert math.isnan(EVALUATION.recall[2])
    assert EVALUATION.interval == wilson_interval(4, 5)


def test_of_no_pictures_nothing_is_said() -> None:
    assert NONE.n == 0
    assert math.isnan(NONE.accuracy)
    assert NONE.interval == (0.0, 1.0)
    assert NONE.confusion.sum() == 0
    assert np.isnan(NONE.recall).all()


def test_a_head_is_scored_by_its_probabilities() -> None:
    features = clouds(10)
    head = SoftmaxHead(np.zeros((8, 3), np.float32), np.log([0.5, 0.25, 0.25]).astype(np.float32))

    evaluation = evaluate(head, features, LABELS)

    assert evaluation.probabilities[0] == pytest.approx([0.5, 0.25, 0.25])
    assert evaluation.accuracy == pytest.approx(1 / 3)
    assert evaluation.cross_entropy == pytest.approx(math.log(2) / 3 + 2 * math.log(4) / 3)


def test_an_empty_part_can_be_scored() -> None:
    head = SoftmaxHead(np.zeros((8, 3), np.float32), np.zeros(3, np.float32))

    evaluation = evaluate(head, features_of(np.empty((0, 8)), []), LABELS)

    assert evaluation.n == 0
    assert math.isnan(evaluation.cross_entropy)


@pytest.mark.parametrize(("size", "n"), [(-1, 30), (30, 30), (10**6, 30), (7, 7), (0, 0)])
def test_a_sample_has_the_size_that_was_asked_for(size: int, n: int) -> None:
    assert len(sample(clouds(10), size, seed=0)) == n


def test_a_sample_is_of_different_pictures_each_with_its_own_features() -> None:
    features = clouds(10)

    drawn = sample(features, 12, seed=0)

    assert len(set(drawn.images)) == 12
    for image, row, label_id in zip(drawn.images, drawn.values, drawn.label_ids, strict=True):
        index = features.images.index(image)
        assert row.tolist() == features.values[index].tolist()
        assert label_id == features.label_ids[index]


def test_a_seed_draws_the_same_sample() -> None:
    drawn = [sample(clouds(10), 5, seed).images for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1] != drawn[2]
