"""Precision and recall of each label at every threshold, for the PR Curves tab."""

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.plugins.pr_curve.plugin_data_pb2 import PrCurvePluginData

from poets.evaluation.scores import BoolArray, Evaluation
from poets.preprocess import FloatArray
from poets.summaries.tags import curve_tag

_PLUGIN = "pr_curves"
_THRESHOLDS = 127


def curve_summaries(evaluation: Evaluation) -> list[Summary.Value]:
    """Return a curve for each label that has pictures."""
    present = np.flatnonzero(np.bincount(evaluation.label_ids)).tolist()
    return [
        _value(
            curve_tag(evaluation.labels[label]),
            _curve(evaluation.probabilities[:, label], evaluation.label_ids == label),
        )
        for label in present
    ]


def _curve(scores: FloatArray, own: BoolArray) -> npt.NDArray[np.float32]:
    """Return true and false positives, true and false negatives, precision and recall.

    f32[6, thresholds], as `tensorboard.plugins.pr_curve.summary` counts them: a score is positive
    at thresholds up to its own; precision is 0 where nothing is positive.
    """
    step = np.floor(scores.astype(np.float64) * (_THRESHOLDS - 1)).astype(np.int64)
    true, false = (_at_or_above(step[mask]) for mask in (own, ~own))
    precision = true / np.maximum(true + false, 1)
    recall = true / max(true[0], 1)
    counts = (true, false, false[0] - false, true[0] - true)
    return np.stack([*counts, precision, recall]).astype(np.float32)


def _at_or_above(step: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    counts = np.bincount(step, minlength=_THRESHOLDS)
    reached: npt.NDArray[np.int64] = counts[::-1].cumsum()[::-1]
    return reached


def _value(tag: str, curve: npt.NDArray[np.float32]) -> Summary.Value:
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in curve.shape])
    content = PrCurvePluginData(num_thresholds=_THRESHOLDS).SerializeToString()
    plugin = SummaryMetadata.PluginData(plugin_name=_PLUGIN, content=content)
    return Summary.Value(
        tag=tag,
        metadata=SummaryMetadata(plugin_data=plugin),
        tensor=TensorProto(dtype=DT_FLOAT, tensor_shape=shape, tensor_content=curve.tobytes()),
    )
