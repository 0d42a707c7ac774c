"""TensorBoard's event files, written without TensorFlow."""

import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import google_crc32c
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import Summary

from poets.files import output_errors

_OURS = ".poets"  # ends the names of the files this tool wrote, and so may replace
_LARGEST_CONSTANT = 1024  # bytes of a constant that a drawing of the graph keeps


class EventFile:
    """One TensorBoard event file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if not file.tell():
            self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def graph(self, graph: GraphDef) -> None:
        """Write a graph for the Graphs tab, its large constants left out."""
        self._write(Event(wall_time=time.time(), graph_def=_drawn(graph).SerializeToString()))

    def summary(self, step: int, values: Sequence[Summary.Value]) -> None:
        """Write the values of one step."""
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def _write(self, event: Event) -> None:
        """Write a record: length, masked CRC of the length, data, masked CRC of the data."""
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        self._file.write(length + _masked_crc(length) + data + _masked_crc(data))


@contextmanager
def new_event_file(folder: Path, *, keep: bool = False) -> Iterator[EventFile]:
    """Begin a file in `folder`; earlier ones of this tool make room, unless they are to be kept.

    Raises OutputError where it cannot be written.
    """
    name = f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}.{os.getpid()}{_OURS}"
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not keep:
            remove_event_files(folder)
        with (folder / name).open("wb") as file:
            yield EventFile(file)


@contextmanager
def last_event_file(folder: Path) -> Iterator[EventFile]:
    """Go on with this process's last file in `folder`, or begin one; raises OutputError.

    TensorBoard, which may be reading, follows one file of a folder at a time.
    """
    mine = sorted(folder.glob(f"events.out.tfevents.*.{os.getpid()}{_OURS}"))
    if not mine:
        with new_event_file(folder, keep=True) as events:
            yield events
        return
    with output_errors(folder), mine[-1].open("ab") as file:
        yield EventFile(file)


def remove_event_files(folder: Path) -> None:
    """Remove what this tool wrote into `folder`; raises OutputError."""
    with output_errors(folder):
        for earlier in folder.glob(f"events.out.tfevents.*{_OURS}"):
            earlier.unlink(missing_ok=True)


def _masked_crc(data: bytes) -> bytes:
    """Return the CRC-32C as TensorFlow's record files mask it: turned right by 15, plus a constant.

    TensorBoard's own writer computes it in Python, a quarter of a warm run's time.
    """
    crc = google_crc32c.value(data)
    turned = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (turned + 0xA282EAD8) & 0xFFFFFFFF)


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
