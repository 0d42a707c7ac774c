"""What is written at every step of a training, as the codelab names it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary

from poets.heads.softmax import softmax
from poets.preprocess import FloatArray
from poets.summaries.events import EventFile, new_event_file
from poets.summaries.tags import (
    ACCURACY,
    ACTIVATIONS,
    CROSS_ENTROPY,
    PRE_ACTIVATIONS,
    STATISTICS,
    TRAIN,
    VALIDATION,
    VARIABLES,
    variable_tag,
)
from poets.train import Measurement, StepState

_BINS = 30


class TrainingSummaries:
    """Listens to the training: scalars every step, histograms at every evaluation."""

    def __init__(self, train: EventFile, validation: EventFile) -> None:
        self._train, self._validation = train, validation

    def __call__(self, state: StepState) -> None:
        """Write what one step brought."""
        # Not every head has a hidden layer.
        variables = dict(zip(VARIABLES, state.head.arrays, strict=False))
        values = [v for name, array in variables.items() for v in _statistics(name, array)]
        if state.evaluation is None:
            self._train.summary(state.step, values + _measured(state.batch))
            return
        values += [
            _histogram(variable_tag(name, "histogram"), array) for name, array in variables.items()
        ]
        self._train.summary(state.step, values + _evaluated(state.batch))
        if state.evaluation.validation is not None:
            self._validation.summary(state.step, values + _evaluated(state.evaluation.validation))


@contextmanager
def training_summaries(
    folder: Path, graph: GraphDef, *, resumed: bool = False
) -> Iterator[TrainingSummaries]:
    """Open the files of one training; raises OutputError where they cannot be written.

    Earlier event files of this tool in `train/` and `validation/` make room, unless they are the
    beginning of this training.
    """
    with ExitStack() as stack:
        train, validation = (
            stack.enter_context(new_event_file(folder / name, keep=resumed))
            for name in (TRAIN, VALIDATION)
        )
        train.graph(graph)
        yield TrainingSummaries(train, validation)


def _statistics(name: str, values: FloatArray) -> list[Summary.Value]:
    mean = values.mean()
    deviation = np.sqrt(np.square(values - mean).mean())
    measured = (mean, deviation, values.max(), values.min())
    return [
        Summary.Value(tag=variable_tag(name, statistic), simple_value=float(value))
        for statistic, value in zip(STATISTICS, measured, strict=True)
    ]


def _measured(batch: Measurement) -> list[Summary.Value]:
    return [
        Summary.Value(tag=ACCURACY, simple_value=batch.accuracy),
        Summary.Value(tag=CROSS_ENTROPY, simple_value=batch.cross_entropy),
    ]


def _evaluated(batch: Measurement) -> list[Summary.Value]:
    return [
        *_measured(batch),
        _histogram(PRE_ACTIVATIONS, batch.logits),
        _histogram(ACTIVATIONS, softmax(batch.logits)),
    ]


def _histogram(tag: str, values: FloatArray) -> Summary.Value:
    # 64 bits have room for edges between values that are next to each other in 32.
    counts, edges = np.histogram(values.astype(np.float64), bins=_BINS)
    proto = HistogramProto(
        min=float(edges[0]),
        max=float(edges[-1]),
        num=values.size,
        sum=float(values.sum(dtype=np.float64)),
        sum_squares=float(np.square(values, dtype=np.float64).sum()),
        bucket_limit=edges[1:].tolist(),
        bucket=counts.tolist(),
    )
    return Summary.Value(tag=tag, histo=proto)
