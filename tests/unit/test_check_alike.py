import tracemalloc

import numpy as np
import pytest

from poets.check.alike import alike_groups, whiten
from poets.heads.softmax import Standardization
from poets.preprocess import FloatArray
from poets.report import Reporter
from tests.support.reporters import Recorder


def pictures(n: int, size: int, seed: int = 0, common: float = 1.0) -> FloatArray:
    """Features in three clouds: `common` tells how much pictures of a label have in common."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, common, (3, size))[rng.integers(3, size=n)]
    return (centres + rng.normal(0, 1, (n, size))).astype(np.float32)


def groups(values: FloatArray) -> list[tuple[int, ...]]:
    standardized = Standardization.of(values).apply(values) if len(values) else values
    return alike_groups(standardized, Reporter())


def nudged(values: FloatArray, rows: list[int], by: float = 0.2) -> FloatArray:
    noise = np.random.default_rng(9).normal(0, by, (len(rows), values.shape[1]))
    return np.concatenate([values, values[rows] + noise.astype(np.float32)])


@pytest.mark.parametrize("n", [12, 100, 3000])
def test_nearly_the_same_rows_are_found_and_no_others(n: int) -> None:
    values = nudged(pictures(n, 128), [3, 5, n - 1])

    assert groups(values) == [(3, n), (5, n + 1), (n - 1, n + 2)]


def test_rows_of_one_cloud_are_not_alike_for_what_they_have_in_common() -> None:
    values = pictures(400, 128, common=4.0)
    standardized = Standardization.of(values).apply(values)
    lengths = np.linalg.norm(standardized, axis=1, keepdims=True)

    cosines = (standardized / lengths) @ (standardized / lengths).T

    assert np.median(cosines[cosines > 0]) > 0.8
    assert groups(values) == []


def test_what_is_alike_to_a_member_joins_its_group() -> None:
    base = pictures(300, 128)
    step = np.zeros((3, 128), dtype=np.float32)
    step[:, :20] = np.outer([1, 2, 3], np.full(20, 1.1))
    chained = np.concatenate([base, base[:1] + step])
    white = whiten(Standardization.of(chained).apply(chained))

    assert white[0] @ white[302] < 0.6 < white[0] @ white[300]
    assert (0, 300, 301, 302) in groups(chained)


def test_a_folder_of_one_scene_is_one_group() -> None:
    rng = np.random.default_rng(1)
    scene = pictures(1, 128) + rng.normal(0, 0.01, (3000, 128)).astype(np.float32)
    values = np.concatenate([pictures(1000, 128, seed=2), scene])

    assert groups(values) == [tuple(range(1000, 4000))]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_are_no_trouble(n: int) -> None:
    assert groups(pictures(n, 128)) == []


def test_few_features_that_agree_by_chance_are_not_alike() -> None:
    assert groups(pictures(500, 12)) == []


def test_rows_that_are_all_the_same_have_nothing_to_be_told_by() -> None:
    assert groups(np.ones((5, 16), dtype=np.float32)) == []


def test_memory_does_not_grow_with_the_square() -> None:
    n, size = 8_000, 128
    standardized = pictures(n, size)

    tracemalloc.start()
    alike_groups(standardized, Reporter())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < n * n * 4 / 4


def test_the_reporter_hears_of_every_tile() -> None:
    recorder = Recorder()

    alike_groups(pictures(3000, 128), recorder)

    assert recorder.titles == [("Comparing", sum(recorder.advances), "tiles")]


@pytest.mark.parametrize(("n", "size"), [(50, 128), (500, 64)])
def test_whitened_rows_have_the_products_of_the_inverse_covariance(n: int, size: int) -> None:
    values = pictures(n, size)
    values -= values.mean(axis=0)
    covariance = values.T.astype(np.float64) @ values / n
    ridge = covariance.trace() / size * max(1, 3 * size / n)
    products = values @ np.linalg.inv(covariance + ridge * np.eye(size)) @ values.T
    lengths = np.sqrt(products.diagonal())

    white = whiten(values)

    np.testing.assert_allclose(white @ white.T, products / np.outer(lengths, lengths), atol=1e-5)


def test_features_whose_covariance_no_memory_holds_are_compared() -> None:
    values = nudged(pictures(12, 300_000), [4])

    assert groups(values) == [(4, 12)]
