"""Precision and recall at every threshold, counted by hand."""

import numpy as np
import pytest
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.pr_curve import metadata
from tensorboard.util import tensor_util

from poets.evaluation.scores import Evaluation
from poets.preprocess import FloatArray
from poets.summaries.curves import curve_summaries
from poets.summaries.tags import curve_tag


def evaluation_of(scores: list[float], own: list[bool]) -> Evaluation:
    """Return an evaluation whose first label has these scores."""
    first = np.array(scores, dtype=np.float32)
    return Evaluation(
        ("first", "second"), np.stack([first, 1 - first], axis=1), 1 - np.array(own).astype(int)
    )


def curve_of(value: Summary.Value) -> FloatArray:
    curve: FloatArray = tensor_util.make_ndarray(value.tensor)
    return curve


def test_each_threshold_has_what_scored_at_least_as_much() -> None:
    scores, own = [0.1, 0.4, 0.35, 0.8, 1.0], [False, True, False, True, True]

    value = curve_summaries(evaluation_of(scores, own))[0]

    curve = curve_of(value)
    thresholds = np.linspace(0, 1, curve.shape[1])
    for threshold, column in zip(thresholds, curve.T, strict=True):
        at_least = np.array(scores, np.float32) >= threshold - 1e-6
        true, false = int((at_least & own).sum()), int((at_least & ~np.array(own)).sum())
        assert column[:4].tolist() == [true, false, 2 - false, 3 - true]
        assert column[4] == pytest.approx(true / max(true + false, 1))
        assert column[5] == pytest.approx(true / 3)


def test_tensorboard_knows_them_for_curves_of_so_many_thresholds() -> None:
    values = curve_summaries(evaluation_of([0.2, 0.9], [False, True]))

    assert [value.tag for value in values] == [curve_tag("first"), curve_tag("second")]
    for value in values:
        assert value.metadata.plugin_data.plugin_name == metadata.PLUGIN_NAME
        data = metadata.parse_plugin_metadata(value.metadata.plugin_data.content)
        assert curve_of(value).shape == (6, data.num_thresholds)


def test_a_label_without_pictures_has_no_curve() -> None:
    (value,) = curve_summaries(evaluation_of([0.2, 0.9], [True, True]))

    assert value.tag == curve_tag("first")
    assert curve_of(value)[:, 0].tolist() == [2, 0, 0, 0, 1, 1]


def test_no_pictures_have_no_curves() -> None:
    assert curve_summaries(evaluation_of([], [])) == []


@pytest.mark.parametrize("label", ["a b", "gänseblümchen", "花", "a\tb", "x" * 1000])
def test_any_label_can_be_a_tag(label: str) -> None:
    evaluation = Evaluation((label,), np.ones((1, 1), np.float32), np.zeros(1, np.int64))

    (value,) = curve_summaries(evaluation)

    assert label in Summary.Value.FromString(value.SerializeToString()).tag


def test_hundreds_of_labels_stay_small() -> None:
    n = 500
    evaluation = Evaluation(
        tuple(map(str, range(n))), np.full((n, n), 1 / n, np.float32), np.arange(n)
    )

    values = curve_summaries(evaluation)

    assert len(values) == n
    assert sum(value.ByteSize() for value in values) < 2_000_000
