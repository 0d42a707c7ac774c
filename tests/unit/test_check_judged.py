"""What heads that were not trained on a picture say of its label."""

from collections.abc import Sequence

import numpy as np
import pytest

from poets.check.crossfit import FOLDS, Labeled, OutOfFold, assign_folds, cross_validate
from poets.check.gain import Gain, estimate_gains, gain_findings
from poets.check.suspects import FEWEST, find_suspects, suspect_findings, why_none
from poets.heads.softmax import Standardization
from poets.report import Reporter
from tests.support.features import LABELS, clouds, features_of
from tests.support.reporters import Recorder


def labeled(count: int, spread: float = 1.0, seed: int = 0) -> Labeled:
    features = clouds(count, size=24, seed=seed, spread=spread)
    values = Standardization.of(features.values).apply(features.values)
    return Labeled(values, features.label_ids, len(LABELS))


def mislabeled(data: Labeled, rows: list[int]) -> Labeled:
    label_ids = data.label_ids.copy()
    label_ids[rows] = (label_ids[rows] + 1) % data.n_labels
    return Labeled(data.values, label_ids, data.n_labels, data.groups)


def judged(right: Sequence[float], right_from_half: Sequence[float]) -> OutOfFold:
    n = len(right)
    return OutOfFold(
        np.full((n, 3), 1 / 3, np.float32),
        np.array(right, np.float32),
        np.array(right_from_half, np.float32),
    )


def test_each_fold_has_its_share_of_each_label() -> None:
    data = labeled(20)

    folds = assign_folds(data, np.random.default_rng(0))

    for label in range(data.n_labels):
        counts = np.bincount(folds[data.label_ids == label], minlength=FOLDS)
        assert counts.tolist() == [4] * FOLDS


def test_pictures_of_one_group_share_a_fold() -> None:
    groups = [(0, 7, 21), (3, 59)]
    data = labeled(20)

    for seed in range(10):
        grouped = Labeled(data.values, data.label_ids, 3, groups)
        folds = assign_folds(grouped, np.random.default_rng(seed))
        assert all(len(set(folds[list(group)])) == 1 for group in groups)


def test_wrong_labels_are_suspected_and_no_others() -> None:
    wrong = [2, 30, 33, 61, 85]
    data = mislabeled(labeled(30, spread=0.5), wrong)

    found = find_suspects(cross_validate(data, Reporter()).probabilities, data.label_ids)

    assert sorted(row for row, _ in found) == wrong
    assert all(other == (data.label_ids[row] - 1) % 3 for row, other in found)


def test_a_copy_does_not_vouch_for_its_twin_s_wrong_label() -> None:
    data = labeled(30)
    values = np.concatenate([data.values, data.values[[4]]])
    label_ids = np.append(data.label_ids, data.label_ids[4])
    wrong = mislabeled(Labeled(values, label_ids, 3, [(4, 90)]), [4, 90])

    found = find_suspects(cross_validate(wrong, Reporter()).probabilities, wrong.label_ids)

    assert {row for row, _ in found} == {4, 90}


def test_the_same_pictures_are_judged_alike_each_time() -> None:
    data = labeled(12)

    one, other = (cross_validate(data, Reporter()) for _ in range(2))

    assert np.array_equal(one.probabilities, other.probabilities)
    assert np.allclose(one.probabilities.sum(axis=1), 1)


def test_the_reporter_hears_of_every_fit() -> None:
    recorder = Recorder()

    cross_validate(labeled(12), recorder)

    assert recorder.titles == [("Judging", sum(recorder.advances), "fits")]


def test_a_label_with_one_picture_is_no_trouble() -> None:
    data = labeled(12)
    label_ids = np.append(data.label_ids[:24], 2)
    few = Labeled(data.values[:25], label_ids, 3)

    result = cross_validate(few, Reporter())

    assert np.isfinite(result.probabilities).all()
    assert 24 not in {row for row, _ in find_suspects(result.probabilities, label_ids)}


def test_a_label_counts_where_it_reaches_its_own_mean() -> None:
    n = FEWEST
    label_ids = np.repeat(np.arange(2), n + 1)
    probabilities = np.full((2 * n + 2, 2), 0.5, np.float32)
    probabilities[: n + 1] = (0.6, 0.4)  # a head that is unsure of label 0
    probabilities[n + 1 :] = (0.1, 0.9)  # and sure of label 1
    probabilities[0] = (0.15, 0.85)  # another label, but not as sure as of its own pictures
    probabilities[1] = (0.02, 0.98)
    probabilities[-1] = (0.62, 0.38)  # surer than it is of most pictures of label 0

    assert find_suspects(probabilities, label_ids) == [(1, 1), (2 * n + 1, 0)]


def test_labels_with_few_pictures_neither_suspect_nor_are_suspected() -> None:
    n = FEWEST
    label_ids = np.repeat(np.arange(3), (n, n, n - 1))
    probabilities = np.eye(3, dtype=np.float32)[label_ids]
    probabilities[0] = (0, 0, 1)  # named as the label of few
    probabilities[-1] = (1, 0, 0)  # of that label, named otherwise
    probabilities[1] = (0, 1, 0)

    assert find_suspects(probabilities, label_ids) == [(1, 1)]


@pytest.mark.parametrize(("n_labels", "n"), [(2, 60), (3, 300), (10, 300)])
def test_of_labels_that_say_nothing_of_the_pictures_none_is_suspected(
    n_labels: int, n: int
) -> None:
    values = np.random.default_rng(0).normal(0, 1, (n, 24)).astype(np.float32)
    data = Labeled(values, np.arange(n) % n_labels, n_labels)

    found = find_suspects(cross_validate(data, Reporter()).probabilities, data.label_ids)

    assert "better, so the network cannot tell these labels apart" in why_none(found, n)


@pytest.mark.parametrize(("found", "silent"), [(0, True), (20, True), (21, False)])
def test_up_to_a_third_may_be_suspected(found: int, silent: bool) -> None:
    assert (why_none([(row, 1) for row in range(found)], 60) == "") == silent


def test_a_suspect_is_told_with_both_labels_and_probabilities() -> None:
    features = features_of(np.zeros((3 * FEWEST, 2)), np.repeat(np.arange(3), FEWEST))
    probabilities = np.eye(3, dtype=np.float32)[features.label_ids]
    probabilities[0] = (0.05, 0.0, 0.95)
    probabilities[FEWEST * 2 :] = (0.0, 0.1, 0.9)
    result = OutOfFold(probabilities, probabilities[:, 0], probabilities[:, 0])

    found = find_suspects(result.probabilities, features.label_ids)
    (finding,) = suspect_findings(found, result, features.images, features.label_ids, LABELS)

    assert finding.message == "tulips 0.95, daisy 0.05"
    assert finding.labels == ("daisy", "tulips")
    assert finding.paths == (features.images[0].path,)


def test_the_gain_is_what_the_second_half_of_the_pictures_brought() -> None:
    right, before = [1, 1, 1, 1, 1, 0, 1, 1], [0, 1, 0, 1, 1, 0, 1, 1]
    label_ids = np.array([0, 0, 0, 0, 1, 1, 1, 1])

    first, second = estimate_gains(judged(right, before), label_ids, ("daisy", "roses"))

    assert (first.recall, first.recall_from_half, first.gain) == (1.0, 0.5, 0.5)
    assert first.standard_error == pytest.approx(0.5 / np.sqrt(3))
    assert (second.recall, second.gain, second.standard_error) == (0.75, 0.0, 0.0)


def test_the_label_that_gained_most_is_named_with_its_error() -> None:
    gains = (Gain("daisy", 100, 0.9, 0.87, 0.01), Gain("roses", 50, 0.8, 0.7, 0.02))

    (finding,) = gain_findings(gains)

    assert finding.labels == ("roses",)
    assert "80 % are known (67 to 89)" in finding.message
    assert "+10.0 points, give or take 2.0" in finding.message


@pytest.mark.parametrize(
    "gains",
    [
        (),
        (Gain("daisy", 100, 0.9, 0.89, 0.02),),
        (Gain("daisy", 100, 0.9, 0.9, 0.0), Gain("roses", 100, 0.8, 0.85, 0.01)),
    ],
)
def test_what_may_be_luck_is_not_called_a_gain(gains: tuple[Gain, ...]) -> None:
    assert list(gain_findings(gains)) == []


def test_harder_labels_gain_more_from_more_pictures() -> None:
    data = labeled(40, spread=6.0)

    gains = estimate_gains(cross_validate(data, Reporter()), data.label_ids, LABELS)

    assert all(0.3 < gain.recall < 1 for gain in gains)
    assert sum(gain.gain for gain in gains) > 0
