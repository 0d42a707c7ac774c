"""Scores that mean what they say, and what a temperature makes of those that do not."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from poets.evaluation.calibration import (
    at_temperature,
    calibrate,
    calibration_error,
    fit_temperature,
)
from poets.evaluation.scores import Evaluation
from poets.heads.softmax import softmax

LABELS = ("a", "b", "c", "d")


def drawn(n: int, temperature: float, seed: int = 0) -> Evaluation:
    """Scores of pictures whose labels fall as softmax(logits / temperature) says."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (n, len(LABELS))).astype(np.float32)
    chances = softmax(logits / np.float32(temperature))
    label_ids = np.array(
        [rng.choice(len(LABELS), p=row / row.sum()) for row in chances.astype(float)]
    )
    return Evaluation(LABELS, softmax(logits), label_ids)


@given(st.integers(1, 300), st.sampled_from([0.5, 1.0, 3.0]), st.integers(0, 1000))
def test_the_error_is_that_of_the_reliability_diagram(
    n: int, temperature: float, seed: int
) -> None:
    evaluation = drawn(n, temperature, seed)
    best = evaluation.probabilities.max(axis=1).astype(np.float64)
    accuracies, scores = calibration_curve(evaluation.correct, best, n_bins=15)
    counts = np.histogram(best, bins=np.linspace(0, 1, 16))[0]
    expected = (np.abs(accuracies - scores) * counts[counts > 0]).sum() / n
    assert calibration_error(evaluation) == pytest.approx(expected, abs=1e-9)


def test_scores_that_mean_what_they_say_have_next_to_no_error() -> None:
    assert calibration_error(drawn(20_000, temperature=1.0)) < 0.02
    assert calibration_error(drawn(20_000, temperature=3.0)) > 0.15


def test_one_sure_mistake_is_all_wrong() -> None:
    evaluation = Evaluation(LABELS, np.array([[1, 0, 0, 0]], np.float32), np.array([1]))
    assert calibration_error(evaluation) == 1
    assert calibration_error(replace(evaluation, label_ids=np.array([0]))) == 0


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 4.0])
def test_the_temperature_is_found_again(temperature: float) -> None:
    assert fit_temperature(drawn(20_000, temperature)) == pytest.approx(temperature, rel=0.05)


@given(st.integers(20, 200), st.integers(0, 1000))
def test_no_other_temperature_fits_better(n: int, seed: int) -> None:
    evaluation = drawn(n, 2.0, seed)
    temperature = fit_temperature(evaluation)
    assert temperature is not None

    def loss(by: float) -> float:
        probabilities = at_temperature(evaluation.probabilities, temperature * by)
        return float(log_loss(evaluation.label_ids, probabilities, labels=range(len(LABELS))))

    assert loss(1.0) <= min(loss(0.95), loss(1.05))


def test_pictures_that_are_all_named_right_fit_no_temperature() -> None:
    evaluation = drawn(50, 1.0)
    assert fit_temperature(replace(evaluation, label_ids=evaluation.predicted)) is None


def test_scores_that_are_worse_than_chance_fit_none_either() -> None:
    evaluation = drawn(50, 1.0)
    worst = evaluation.probabilities.argmin(axis=1)
    assert fit_temperature(replace(evaluation, label_ids=worst)) is None


def test_scores_of_exactly_nothing_are_no_trouble() -> None:
    probabilities = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]], np.float32)
    temperature = fit_temperature(Evaluation(LABELS, probabilities, np.array([0, 1, 2])))
    assert temperature is not None
    assert math.isfinite(temperature)
    flat = at_temperature(probabilities, temperature)
    assert flat.sum(axis=1) == pytest.approx(1)
    assert flat.min() > 0


def test_a_temperature_of_one_changes_nothing() -> None:
    evaluation = drawn(30, 1.0)
    same = at_temperature(evaluation.probabilities, 1.0)
    np.testing.assert_allclose(same, evaluation.probabilities, atol=1e-6)


def test_what_is_fitted_on_other_pictures_mends_the_error() -> None:
    calibration = calibrate(drawn(5_000, 3.0, seed=1), drawn(2_000, 3.0, seed=2))
    assert calibration.temperature == pytest.approx(3.0, rel=0.1)
    assert calibration.error > 0.15
    assert calibration.error_after is not None
    assert calibration.error_after < 0.03
    assert calibration.fitted_on == 2_000


def test_without_other_pictures_there_is_only_the_error() -> None:
    calibration = calibrate(drawn(100, 3.0), None)
    assert calibration.temperature is calibration.error_after is None
    assert calibration.fitted_on == 0


def test_where_none_fits_it_is_said_on_how_many_it_was_tried() -> None:
    easy = drawn(50, 1.0)
    calibration = calibrate(easy, replace(easy, label_ids=easy.predicted))
    assert calibration.temperature is None
    assert calibration.fitted_on == 50
