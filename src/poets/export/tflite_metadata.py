"""TFLite Model Metadata: where Android's and MediaPipe's readers look for preprocess and labels.

The layout is metadata_schema.fbs of tflite-support (Apache-2.0, schema version 1.0): a table's
fields stand here in the schema's order, and None is a field that is left out.
https://github.com/tensorflow/tflite-support/tree/master/tensorflow_lite_support/metadata
"""

from dataclasses import dataclass
from typing import TypeAlias

import flatbuffers

from poets.manifest import Manifest

BUFFER_NAME = "TFLITE_METADATA"  # of the model's metadata entry that holds these bytes
_IDENTIFIER = b"M001"
_MIN_PARSER = "1.0.0"
_AXIS_LABELS = 2  # AssociatedFileType.TENSOR_AXIS_LABELS
_COLORS = {3: (1, "RGB"), 1: (2, "gray")}  # by channels: ColorSpaceType, and a word for it
_FEATURE, _IMAGE = 1, 2  # members of the union ContentProperties
_NORMALIZATION = 1  # member of the union ProcessUnitOptions


@dataclass(frozen=True)
class _Byte:
    value: int


@dataclass(frozen=True)
class _UInt:
    value: int


_Field: TypeAlias = "str | _Byte | _UInt | tuple[float, ...] | _Table | list[_Table] | None"


@dataclass(frozen=True)
class _Table:
    fields: tuple[_Field, ...] = ()


def encode_metadata(manifest: Manifest, labels_file: str) -> bytes:
    """Return the metadata's flatbuffer: one picture in, one score a label out.

    `labels_file` is an entry of the zip behind the model, one label a line.
    """
    labels = _Table((labels_file, "the label of each score", _Byte(_AXIS_LABELS)))
    subgraph = _Table((None, None, [_input(manifest)], [_output(manifest, labels)]))
    description = f"Names what is in a picture: {manifest.architecture}, retrained."
    model = _Table(
        (manifest.architecture, description, None, [subgraph], None, None, None, _MIN_PARSER)
    )
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write(builder, model), file_identifier=_IDENTIFIER)
    return bytes(builder.Output())


def _input(manifest: Manifest) -> _Table:
    preprocess = manifest.preprocess
    size = _Table((_UInt(preprocess.width), _UInt(preprocess.height)))
    colors, word = _COLORS[preprocess.channels]
    content = _Table((_Byte(_IMAGE), _Table((_Byte(colors), size))))
    normalization = _Table(((preprocess.mean,), (preprocess.std,)))
    unit = _Table((_Byte(_NORMALIZATION), normalization))
    lowest, highest = ((pixel - preprocess.mean) / preprocess.std for pixel in (0.0, 255.0))
    stats = _Table(((highest,), (lowest,)))
    about = f"the picture, {word}"
    return _Table((manifest.input_name, about, None, content, [unit], stats))


def _output(manifest: Manifest, labels: _Table) -> _Table:
    content = _Table((_Byte(_FEATURE), _Table()))
    stats = _Table(((1.0,), (0.0,)))
    about = "how sure the network is of each label"
    return _Table((manifest.output_name, about, None, content, None, stats, [labels]))


def _write(builder: flatbuffers.Builder, table: _Table) -> int:
    """Write a table behind all that it refers to; return its offset."""
    offsets = [_write_reference(builder, field) for field in table.fields]
    builder.StartObject(len(table.fields))
    for slot, (field, offset) in enumerate(zip(table.fields, offsets, strict=True)):
        if isinstance(field, _Byte):
            builder.PrependInt8Slot(slot, field.value, 0)
        elif isinstance(field, _UInt):
            builder.PrependUint32Slot(slot, field.value, 0)
        elif offset is not None:
            builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    return int(builder.EndObject())


def _write_reference(builder: flatbuffers.Builder, field: _Field) -> int | None:
    """Write what a field refers to; None for a value that stands in the table itself."""
    if isinstance(field, str):
        return int(builder.CreateString(field))
    if isinstance(field, _Table):
        return _write(builder, field)
    if isinstance(field, tuple):
        builder.StartVector(4, len(field), 4)
        for value in reversed(field):
            builder.PrependFloat32(value)
        return int(builder.EndVector())
    if isinstance(field, list):
        offsets = [_write(builder, table) for table in field]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return int(builder.EndVector())
    return None
