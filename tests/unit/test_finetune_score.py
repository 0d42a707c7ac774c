"""What counts as better: the frozen network is only given up for more."""

import math

import numpy as np
import pytest

from poets.finetune.plan import Plan
from poets.finetune.score import Epoch, Score
from poets.heads.softmax import SoftmaxHead
from tests.support.features import features_of

FROZEN = Score(0.9, 0.3)


@pytest.mark.parametrize(
    ("score", "better"),
    [
        (Score(0.91, 9.0), True),
        (Score(0.9, 0.29), True),
        (Score(0.9, 0.3), False),
        (Score(0.9, 0.31), False),
        (Score(0.89, 0.01), False),
        (Score(1.0, math.nan), False),
        (Score(1.0, math.inf), False),
    ],
)
def test_more_right_is_better_and_then_less_doubt(score: Score, better: bool) -> None:
    assert score.is_better(FROZEN) is better


@pytest.mark.parametrize(
    ("score", "surer"),
    [(Score(0.5, 0.29), True), (Score(1.0, 0.3), False), (Score(1.0, math.nan), False)],
)
def test_a_network_from_scratch_goes_by_its_doubt(score: Score, surer: bool) -> None:
    assert score.is_surer(FROZEN) is surer


def test_anything_is_better_than_no_number() -> None:
    assert FROZEN.is_better(Score(0.0, math.inf))
    assert FROZEN.is_surer(Score(0.0, math.inf))


def test_a_head_is_measured_on_one_part() -> None:
    head = SoftmaxHead(np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    features = features_of([[1, 0], [0, 1], [1, 0], [1, 0]], [0, 1, 0, 1])

    score = Score.of(head, features)

    wrong, right = math.log(1 + math.e), math.log(1 + math.e) - 1
    assert score.accuracy == 0.75
    assert score.cross_entropy == pytest.approx((3 * right + wrong) / 4)


def test_an_epoch_is_told_in_plain_values() -> None:
    epoch = Epoch(Score(0.5, 1.5), Score(0.25, 2.0))

    assert Epoch.from_dict(epoch.to_dict()) == epoch


def test_a_rate_stays_or_falls_to_nothing() -> None:
    stays = Plan(10, 5, 0.1, 0, Score.is_better)
    falls = Plan(10, 5, 0.1, 0, Score.is_better, from_scratch=True)

    assert {stays.rate(epoch) for epoch in range(10)} == {0.1}
    assert [falls.rate(0), falls.rate(5), falls.rate(10)] == pytest.approx([0.1, 0.05, 0])
