"""The figures are those of scikit-learn."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from poets.evaluation.figures import Figures, Means
from poets.evaluation.scores import Evaluation
from poets.heads.softmax import softmax

LABELS = tuple("abcdefgh")


@st.composite
def evaluations(draw: st.DrawFn) -> Evaluation:
    """Scores of a few pictures; some labels may have none, and some may never be given."""
    n_labels, n = draw(st.integers(2, len(LABELS))), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    label_ids = rng.integers(draw(st.integers(1, n_labels)), size=n)
    logits = rng.normal(0, draw(st.sampled_from([0.1, 1, 10])), (n, n_labels)).astype(np.float32)
    return Evaluation(LABELS[:n_labels], softmax(logits), label_ids)


@given(evaluations())
def test_precision_recall_and_f1_of_each_label(evaluation: Evaluation) -> None:
    expected = metrics.precision_recall_fscore_support(
        evaluation.label_ids,
        evaluation.predicted,
        labels=range(len(evaluation.labels)),
        zero_division=np.nan,
    )

    figures = evaluation.figures

    own = (figures.precision, figures.recall, figures.f1, figures.support)
    for values, others in zip(own, expected, strict=True):
        np.testing.assert_allclose(values, others, rtol=1e-12)


@pytest.mark.parametrize("mean", ["macro", "weighted"])
@given(evaluations())
def test_their_means_over_the_labels_that_occur(mean: str, evaluation: Evaluation) -> None:
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        evaluation.label_ids,
        evaluation.predicted,
        average=mean,
        zero_division=0,
    )

    own: Means = getattr(evaluation.figures, mean)

    assert (own.precision, own.recall, own.f1) == pytest.approx((precision, recall, f1))


@given(evaluations())
def test_accuracy_confusion_and_cross_entropy(evaluation: Evaluation) -> None:
    ids, predicted = evaluation.label_ids, evaluation.predicted
    order = range(len(evaluation.labels))

    assert evaluation.accuracy == pytest.approx(metrics.accuracy_score(ids, predicted))
    np.testing.assert_array_equal(
        evaluation.confusion, metrics.confusion_matrix(ids, predicted, labels=order)
    )
    loss = metrics.log_loss(ids, evaluation.probabilities, labels=order)
    # There a sure and right answer costs as much as the smallest step below 1.
    step = float(np.finfo(np.float32).eps)
    assert evaluation.cross_entropy == pytest.approx(loss, rel=1e-5, abs=1.01 * step)


@given(evaluations(), st.integers(1, 6))
def test_the_best_k(evaluation: Evaluation, k: int) -> None:
    with warnings.catch_warnings(action="ignore"):  # of k where all labels are among the best
        expected = metrics.top_k_accuracy_score(
            evaluation.label_ids,
            evaluation.probabilities
            if len(evaluation.labels) > 2
            else evaluation.probabilities[:, 1],
            k=k,
            labels=range(len(evaluation.labels)),
        )
    assert evaluation.top_k_accuracy(k) == pytest.approx(expected)


def test_equal_scores_are_ranked_in_label_order() -> None:
    evaluation = Evaluation(("a", "b", "c"), np.full((3, 3), 1 / 3, np.float32), np.arange(3))
    assert evaluation.predicted.tolist() == [0, 0, 0]
    shares = [evaluation.top_k_accuracy(k) for k in (1, 2, 3, 4)]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1, 1])


def test_a_sure_mistake_costs_no_more_than_with_scikit_learn() -> None:
    evaluation = Evaluation(("a", "b"), np.array([[1, 0], [0, 1]], np.float32), np.array([1, 1]))
    loss = metrics.log_loss([1, 1], evaluation.probabilities, labels=[0, 1])
    assert evaluation.cross_entropy == pytest.approx(loss)
    assert evaluation.cross_entropy < 8


def test_nothing_can_be_said_of_no_pictures() -> None:
    nothing = Evaluation(("a", "b"), np.empty((0, 2), np.float32), np.empty(0, np.int64))
    assert math.isnan(nothing.top_k_accuracy())
    assert math.isnan(nothing.cross_entropy)
    assert math.isnan(nothing.figures.macro.f1)
    assert math.isnan(nothing.figures.weighted.f1)


def test_a_label_that_is_never_given_has_no_precision_and_an_f1_of_nothing() -> None:
    figures = Figures.of(np.array([[3, 0], [2, 0]]))
    assert math.isnan(figures.precision[1])
    assert figures.recall[1] == 0
    assert figures.f1[1] == 0


@given(evaluations())
def test_mistakes_come_with_the_surest_first(evaluation: Evaluation) -> None:
    rows = evaluation.mistakes

    assert set(rows.tolist()) == set(np.flatnonzero(~evaluation.correct).tolist())
    scores = evaluation.probabilities.astype(np.float64)
    margins = scores[rows].max(axis=1) - scores[rows, evaluation.label_ids[rows]]
    assert margins.tolist() == sorted(margins.tolist(), reverse=True)


def test_without_pictures_there_are_no_mistakes() -> None:
    nothing = Evaluation(LABELS, np.empty((0, len(LABELS)), np.float32), np.empty(0, np.int64))

    assert nothing.mistakes.tolist() == []
