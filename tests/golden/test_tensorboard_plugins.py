"""What is written without TensorFlow is what TensorBoard's own functions write with it."""

import numpy as np
import pytest
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.plugins.hparams import summary as hparams
from tensorboard.plugins.pr_curve import summary as pr_curve
from tensorboard.plugins.projector import projector_plugin
from tensorboard.util import tensor_util

from poets.evaluation.scores import Evaluation
from poets.summaries.curves import curve_summaries
from poets.summaries.hparams import Setting, session_summaries
from poets.summaries.projector import FOLDER
from tests.support.commands import Trained

THRESHOLDS = 127


@pytest.mark.parametrize("seed", range(5))
def test_a_curve_is_tensorboards_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random((300, 4)).astype(np.float32) ** 4
    scores /= scores.sum(axis=1, keepdims=True)
    evaluation = Evaluation(("a", "b", "c", "d"), scores, rng.integers(4, size=300))

    values = curve_summaries(evaluation)

    for label, value in enumerate(values):
        own = evaluation.label_ids == label
        theirs = pr_curve.pb(value.tag, own, scores[:, label], num_thresholds=THRESHOLDS).value[0]
        expected = tensor_util.make_ndarray(theirs.tensor)
        assert tensor_util.make_ndarray(value.tensor) == pytest.approx(expected)
        plugin = value.metadata.plugin_data
        assert plugin.content == theirs.metadata.plugin_data.content
        assert plugin.plugin_name == theirs.metadata.plugin_data.plugin_name


def test_a_row_of_settings_is_tensorboards_own() -> None:
    settings: dict[str, Setting] = {
        "learning_rate": 0.01,
        "architecture": "a",
        "flip_left_right": True,
    }

    ours = {value.tag: value for value in session_summaries(settings, (), {})}

    start = ours[metadata.SESSION_START_INFO_TAG]
    end = ours[metadata.SESSION_END_INFO_TAG]
    for value, theirs in (
        (start, hparams.session_start_pb(settings)),
        (end, hparams.session_end_pb(api_pb2.STATUS_SUCCESS)),
    ):
        expected = theirs.value[0]
        assert value.tag == expected.tag
        assert value.metadata.plugin_data.plugin_name == expected.metadata.plugin_data.plugin_name
        assert value.tensor.dtype == expected.tensor.dtype
        assert tensor_util.make_ndarray(value.tensor).shape == (0,)
    parse = metadata.parse_session_start_info_plugin_data
    theirs = hparams.session_start_pb(settings).value[0].metadata.plugin_data.content
    assert parse(start.metadata.plugin_data.content).hparams == parse(theirs).hparams


def test_the_projector_reads_a_row_of_numbers_for_each_photo(trained: Trained) -> None:
    folder = trained.folder / "tf_files" / "training_summaries" / FOLDER

    tensor = projector_plugin._read_tensor_tsv_file(str(folder / "features.tsv"))

    assert tensor.shape == (600, 64)
    assert np.linalg.matrix_rank(tensor) == 64
