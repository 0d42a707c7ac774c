"""The HParams tab: a row for each run, of what it was told and how it ended."""

import time
from collections.abc import Collection, Mapping
from typing import TypeAlias

from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.plugins.hparams.api_pb2 import (
    DATA_TYPE_BOOL,
    DATA_TYPE_FLOAT64,
    DATA_TYPE_STRING,
    STATUS_SUCCESS,
    Experiment,
    HParamInfo,
    MetricInfo,
    MetricName,
)
from tensorboard.plugins.hparams.plugin_data_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)

from poets.summaries.tags import RESULTS

Setting: TypeAlias = bool | float | str

_PLUGIN = "hparams"
_EXPERIMENT, _START, _END = (
    f"_hparams_/{name}" for name in ("experiment", "session_start_info", "session_end_info")
)


def session_summaries(
    settings: Mapping[str, Setting], shown: Collection[str], results: Mapping[str, float]
) -> list[Summary.Value]:
    """Return a run's row: its settings, those to show first, and its results by RESULTS' names.

    To be written into the run's own folder, where TensorBoard looks for the results too.
    """
    start = SessionStartInfo(start_time_secs=time.time())
    for name, value in settings.items():
        if isinstance(value, bool):
            start.hparams[name].bool_value = value
        elif isinstance(value, str):
            start.hparams[name].string_value = value
        else:
            start.hparams[name].number_value = value
    end = SessionEndInfo(status=STATUS_SUCCESS, end_time_secs=time.time())
    return [
        _value(_EXPERIMENT, HParamsPluginData(experiment=_experiment(settings, shown))),
        _value(_START, HParamsPluginData(session_start_info=start)),
        _value(_END, HParamsPluginData(session_end_info=end)),
        *(Summary.Value(tag=RESULTS[name], simple_value=v) for name, v in results.items()),
    ]


def _experiment(settings: Mapping[str, Setting], shown: Collection[str]) -> Experiment:
    """Describe the columns; else TensorBoard takes every scalar there is for a result."""
    return Experiment(
        hparam_infos=[
            HParamInfo(name=name, type=_type_of(value), differs=name in shown)
            for name, value in settings.items()
        ],
        metric_infos=[
            MetricInfo(name=MetricName(tag=tag), display_name=name) for name, tag in RESULTS.items()
        ],
    )


def _type_of(value: Setting) -> int:
    if isinstance(value, bool):
        return int(DATA_TYPE_BOOL)
    return int(DATA_TYPE_STRING if isinstance(value, str) else DATA_TYPE_FLOAT64)


def _value(tag: str, data: HParamsPluginData) -> Summary.Value:
    plugin = SummaryMetadata.PluginData(plugin_name=_PLUGIN, content=data.SerializeToString())
    nothing = TensorShapeProto(dim=[TensorShapeProto.Dim(size=0)])
    return Summary.Value(
        tag=tag,
        metadata=SummaryMetadata(plugin_data=plugin),
        tensor=TensorProto(dtype=DT_FLOAT, tensor_shape=nothing),
    )
