"""What TensorFlow Lite metadata says of a .tflite's input.

The schema is metadata_schema.fbs of https://github.com/tensorflow/tflite-support; a field's number
is its place in the table there.
"""

import struct
from pathlib import Path
from statistics import fmean

from ai_edge_litert import schema_py_generated as schema
from flatbuffers import encode, number_types
from flatbuffers.table import Table

from poets.runtimes.assume import Scale

_BUFFER = b"TFLITE_METADATA"
_SUBGRAPHS = 3  # of ModelMetadata
_INPUTS = 2  # of SubGraphMetadata
_PROCESS_UNITS = 4  # of TensorMetadata
_OPTIONS_TYPE, _OPTIONS = 0, 1  # of ProcessUnit
_NORMALIZATION = 1  # in the union ProcessUnitOptions
_MEAN, _STD = 0, 1  # of NormalizationOptions


def read_normalization(path: Path) -> Scale | None:
    """Return how the first input wants its pixel values, None where the file does not say."""
    try:
        return _normalization(path.read_bytes())
    # What hostile offsets lead to; whatever it is, it is no metadata.
    except (struct.error, ValueError, TypeError, LookupError, AttributeError, ZeroDivisionError):
        return None


def _normalization(content: bytes) -> Scale | None:
    root = _metadata(schema.Model.GetRootAs(content, 0))
    if root is None:
        return None
    subgraph = next(iter(_tables(root, _SUBGRAPHS)), None)
    picture = subgraph and next(iter(_tables(subgraph, _INPUTS)), None)
    for unit in _tables(picture, _PROCESS_UNITS) if picture else []:
        kind = _offset(unit, _OPTIONS_TYPE)
        if kind and unit.Get(number_types.Uint8Flags, kind + unit.Pos) == _NORMALIZATION:
            options = Table(unit.Bytes, unit.Indirect(_offset(unit, _OPTIONS) + unit.Pos))
            # One number, or one a channel.
            return Scale(fmean(_floats(options, _MEAN)), fmean(_floats(options, _STD)))
    return None


def _metadata(model: schema.Model) -> Table | None:
    for index in range(model.MetadataLength()):
        entry = model.Metadata(index)
        if entry.Name() == _BUFFER:
            content = model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
            return Table(content, encode.Get(number_types.UOffsetTFlags.packer_type, content, 0))
    return None


def _offset(table: Table, field: int) -> int:
    return int(table.Offset(4 + 2 * field))


def _tables(table: Table, field: int) -> list[Table]:
    offset = _offset(table, field)
    if not offset:
        return []
    start = table.Vector(offset)
    return [
        Table(table.Bytes, table.Indirect(start + 4 * i)) for i in range(table.VectorLen(offset))
    ]


def _floats(table: Table, field: int) -> list[float]:
    offset = _offset(table, field)
    count = table.VectorLen(offset) if offset else 0
    start = table.Vector(offset) if offset else 0
    return list(struct.unpack_from(f"<{count}f", table.Bytes, start))
