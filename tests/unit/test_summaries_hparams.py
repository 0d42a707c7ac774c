"""A run's row in the table of runs, read as TensorBoard reads it."""

from collections.abc import Mapping

from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata

from poets.summaries.hparams import Setting, session_summaries
from poets.summaries.tags import RESULTS

SETTINGS: Mapping[str, Setting] = {
    "architecture": "efficientnet_lite0",
    "flip_left_right": True,
    "learning_rate": 0.01,
    "how_many_training_steps": 4000,
    "tfhub_module": "",
}
ACCURACY = {"test accuracy": 0.9, "validation accuracy": 0.8}


def written(results: Mapping[str, float] = ACCURACY) -> dict[str, Summary.Value]:
    values = session_summaries(SETTINGS, {"learning_rate"}, results)
    assert len({value.tag for value in values}) == len(values)
    return {value.tag: value for value in values}


def content(value: Summary.Value) -> bytes:
    assert value.metadata.plugin_data.plugin_name == metadata.PLUGIN_NAME
    return bytes(value.metadata.plugin_data.content)


def test_every_setting_has_its_value_and_its_kind() -> None:
    row = written()

    start = metadata.parse_session_start_info_plugin_data(
        content(row[metadata.SESSION_START_INFO_TAG])
    )
    kinds = {name: value.WhichOneof("kind") for name, value in start.hparams.items()}
    assert {name: getattr(v, kinds[name]) for name, v in start.hparams.items()} == SETTINGS
    assert kinds["flip_left_right"] == "bool_value"
    assert kinds["how_many_training_steps"] == "number_value"
    assert kinds["architecture"] == kinds["tfhub_module"] == "string_value"


def test_the_columns_are_the_settings_and_the_results_and_no_other_scalar() -> None:
    experiment = metadata.parse_experiment_plugin_data(content(written()[metadata.EXPERIMENT_TAG]))

    assert {info.name for info in experiment.hparam_infos} == SETTINGS.keys()
    assert [info.name for info in experiment.hparam_infos if info.differs] == ["learning_rate"]
    assert {info.name: info.type for info in experiment.hparam_infos}["flip_left_right"] == (
        api_pb2.DATA_TYPE_BOOL
    )
    assert {info.display_name: info.name.tag for info in experiment.metric_infos} == RESULTS
    # A group would be a run below this one, which TensorBoard does not find below the topmost.
    assert {info.name.group for info in experiment.metric_infos} == {""}


def test_the_results_are_scalars_under_the_columns_tags() -> None:
    row = written()

    for name, number in ACCURACY.items():
        assert abs(row[RESULTS[name]].simple_value - number) < 1e-6
    assert RESULTS["test cross entropy"] not in row


def test_a_run_without_results_is_a_row_all_the_same() -> None:
    row = written({})

    end = metadata.parse_session_end_info_plugin_data(content(row[metadata.SESSION_END_INFO_TAG]))
    assert end.status == api_pb2.STATUS_SUCCESS
    assert not RESULTS.keys() & row.keys()
