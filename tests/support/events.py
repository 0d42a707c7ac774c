"""Event files, read by TensorBoard's own reader, which checks every record's sum."""

from collections.abc import Iterator
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub import errors
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New


def events_in(path: Path) -> Iterator[Event]:
    """Yield a file's events; raises DataLossError for a damaged record."""
    reader = PyRecordReader_New(str(path))
    while True:
        try:
            reader.GetNext()
        except errors.OutOfRangeError:
            return
        yield Event.FromString(reader.record())


def steps_by_tag(path: Path) -> dict[str, list[int]]:
    """Return at which steps each tag was written."""
    steps: dict[str, list[int]] = {}
    for event in events_in(path):
        for value in event.summary.value:
            steps.setdefault(value.tag, []).append(event.step)
    return steps
