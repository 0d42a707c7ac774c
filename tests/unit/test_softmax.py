import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from poets.heads.softmax import SoftmaxHead, Standardization, accuracy, cross_entropy, softmax
from poets.preprocess import FloatArray
from tests.support.features import clouds

HEAD = SoftmaxHead(
    np.array([[1, -1, 0], [0, 2, -2]], dtype=np.float32), np.array([0.5, 0, -0.5], dtype=np.float32)
)
logit_rows = arrays(np.float32, (3, 4), elements=st.floats(-1e6, 1e6, width=32))


def of(*rows: tuple[float, ...]) -> FloatArray:
    return np.array(rows, dtype=np.float32)


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ((0, 0, 0, 0), (0.25, 0.25, 0.25, 0.25)),
        ((math.log(1), math.log(2), math.log(5), math.log(2)), (0.1, 0.2, 0.5, 0.2)),
        ((1000, 0, -1000, 0), (1, 0, 0, 0)),
        ((-1e6, -1e6, -1e6, -1e6), (0.25, 0.25, 0.25, 0.25)),
    ],
)
def test_softmax_has_the_known_values(
    logits: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert softmax(of(logits))[0] == pytest.approx(expected, abs=1e-6)


@given(logits=logit_rows)
def test_probabilities_sum_to_one_and_keep_the_order(logits: FloatArray) -> None:
    probabilities = softmax(logits)

    assert probabilities.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert probabilities.min() >= 0
    best = probabilities[np.arange(3), logits.argmax(axis=1)]
    assert (best == probabilities.max(axis=1)).all()


def test_logits_are_a_sum_of_weighted_features() -> None:
    logits = HEAD.logits(of((1, 1), (0, 0)))

    assert logits.tolist() == [[1.5, 1.0, -2.5], [0.5, 0.0, -0.5]]
    assert HEAD.probabilities(of((1, 1)))[0] == pytest.approx(softmax(of((1.5, 1.0, -2.5)))[0])


@pytest.mark.parametrize(("label_ids", "expected"), [((0, 1), 1.0), ((0, 0), 0.5), ((2, 2), 0.0)])
def test_accuracy_counts_what_is_largest(label_ids: tuple[int, int], expected: float) -> None:
    logits = of((3, 1, 2), (-2, -1, -3))

    assert accuracy(logits, np.array(label_ids)) == expected


def test_cross_entropy_has_the_known_values() -> None:
    even, sure = of((0, 0, 0)), of((0, 1000, 0))

    assert cross_entropy(even, np.array([1])) == pytest.approx(math.log(3))
    assert cross_entropy(sure, np.array([1])) == 0
    assert cross_entropy(sure, np.array([0])) == 1000


@given(logits=logit_rows)
def test_cross_entropy_is_finite_and_never_below_zero(logits: FloatArray) -> None:
    assert 0 <= cross_entropy(logits, np.array([0, 1, 3])) < math.inf


def test_standardised_features_have_mean_zero_and_deviation_one() -> None:
    values = clouds(100).values

    standard = Standardization.of(values).apply(values)

    assert standard.dtype == np.float32
    assert np.abs(standard.mean(axis=0)).max() < 1e-4
    assert np.abs(standard.std(axis=0) - 1).max() < 1e-4


@pytest.mark.parametrize("constant", [0.0, 0.1, 123456.789])
def test_a_feature_that_never_varies_counts_for_nothing(constant: float) -> None:
    values = clouds(20).values
    values[:, 3] = constant

    standardization = Standardization.of(values)

    assert standardization.scale[3] == 0
    assert (standardization.apply(values)[:, 3] == 0).all()
    assert (standardization.scale[:3] > 0).all()


@pytest.mark.parametrize("n_images", [1, 2, 300])
def test_a_folded_head_says_of_raw_features_what_the_other_says_of_standardised_ones(
    n_images: int,
) -> None:
    rng = np.random.default_rng(1)
    values = clouds(100, size=64).values
    head = SoftmaxHead(
        rng.normal(0, 0.3, (64, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    )
    standardization = Standardization.of(values)

    folded = head.fold(standardization).probabilities(values[:n_images])

    expected = head.probabilities(standardization.apply(values[:n_images]))
    assert np.abs(folded - expected).max() < 1e-5
    assert folded.dtype == np.float32
