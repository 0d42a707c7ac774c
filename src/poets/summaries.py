"""Summaries for TensorBoard, as the codelab names them, written without TensorFlow."""

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import google_crc32c
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary

from poets.files import output_errors
from poets.heads.softmax import softmax
from poets.preprocess import FloatArray
from poets.train import Measurement, StepState

ACCURACY = "accuracy_1"
CROSS_ENTROPY = "cross_entropy_1"
_SCOPE = "final_training_ops"
PRE_ACTIVATIONS = f"{_SCOPE}/Wx_plus_b/pre_activations"
ACTIVATIONS = "activations"
VARIABLES = ("weights", "biases")
STATISTICS = ("mean", "stddev", "max", "min")

TRAIN, VALIDATION = "train", "validation"
_OURS = ".poets"  # ends the names of the files this tool wrote, and so may replace
_BINS = 30
_LARGEST_CONSTANT = 1024  # bytes of a constant that a drawing of the graph keeps


def variable_tag(variable: str, statistic: str) -> str:
    """Return the tag of a statistic of the head's weights or biases."""
    return f"{_SCOPE}/{variable}/summaries/{statistic}"


class EventFile:
    """One TensorBoard event file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def graph(self, graph: GraphDef) -> None:
        """Write a graph for the Graphs tab, its large constants left out."""
        self._write(Event(wall_time=time.time(), graph_def=_drawn(graph).SerializeToString()))

    def summary(self, step: int, values: list[Summary.Value]) -> None:
        """Write the values of one step."""
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def _write(self, event: Event) -> None:
        """Write a record: length, masked CRC of the length, data, masked CRC of the data."""
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        self._file.write(length + _masked_crc(length) + data + _masked_crc(data))


class TrainingSummaries:
    """Listens to the training: scalars every step, histograms at every evaluation."""

    def __init__(self, train: EventFile, validation: EventFile) -> None:
        self._train, self._validation = train, validation

    def __call__(self, state: StepState) -> None:
        """Write what one step brought."""
        variables = {"weights": state.head.weights, "biases": state.head.bias}
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
            EventFile(stack.enter_context(_event_file(folder / name, keep=resumed)))
            for name in (TRAIN, VALIDATION)
        )
        train.graph(graph)
        yield TrainingSummaries(train, validation)


def _masked_crc(data: bytes) -> bytes:
    """Return the CRC-32C as TensorFlow's record files mask it: turned right by 15, plus a constant.

    TensorBoard's own writer computes it in Python, a quarter of a warm run's time.
    """
    crc = google_crc32c.value(data)
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (turned + 0xA282EAD8) & 0xFFFFFFFF)


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
    counts, edges = np.histogram(values, bins=_BINS)
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


def _drawn(graph: GraphDef) -> GraphDef:
    """Copy a graph without its large constants: TensorBoard draws no weights."""
    drawn = GraphDef(versions=graph.versions)
    for node in graph.node:
        if node.op != "Const" or node.ByteSize() <= _LARGEST_CONSTANT:
            drawn.node.append(node)
            continue
        bare = drawn.node.add(name=node.name, op=node.op)
        bare.attr["dtype"].CopyFrom(node.attr["dtype"])
    return drawn


@contextmanager
def _event_file(folder: Path, *, keep: bool) -> Iterator[BinaryIO]:
    name = f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}.{os.getpid()}{_OURS}"
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for earlier in [] if keep else list(folder.glob(f"events.out.tfevents.*{_OURS}")):
            earlier.unlink(missing_ok=True)
        with (folder / name).open("wb") as file:
            yield file
