"""A .tflite in parts: a flatbuffer, and behind it a zip that runtimes do not read.

A zip is read from its end: so one file is both, which is where readers on phones look for labels.
"""

import zipfile
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from poets.export.tflite_metadata import BUFFER_NAME, encode_metadata
from poets.labels import encode_labels
from poets.manifest import ZIP_ENTRY, Manifest

LABELS_ENTRY = "labels.txt"
SIGNATURE = "serving_default"  # by which programs name the input and the output
_IDENTIFIER = b"TFL3"
_ALIGNMENT = 16  # of buffers: the schema's force_align, which the Python builder does not know
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's first day: same seed, same bytes


def pack(model: schema.ModelT, manifest: Manifest) -> bytes:
    """Return the flatbuffer, with what readers on phones ask about its picture and its scores."""
    graph = model.subgraphs[0]
    (source,), (output,) = graph.inputs, graph.outputs
    graph.tensors[output].name = manifest.output_name
    signature = schema.SignatureDefT(signatureKey=SIGNATURE, subgraphIndex=0)
    signature.inputs = [schema.TensorMapT(manifest.input_name, source)]
    signature.outputs = [schema.TensorMapT(manifest.output_name, output)]
    model.signatureDefs = [signature]
    metadata = np.frombuffer(encode_metadata(manifest, LABELS_ENTRY), np.uint8)
    model.buffers.append(schema.BufferT(data=metadata))
    entry = schema.MetadataT(name=BUFFER_NAME, buffer=len(model.buffers) - 1)
    model.metadata = [*(model.metadata or []), entry]
    weights = sum(len(buffer.data) for buffer in model.buffers if buffer.data is not None)
    builder = _Builder(weights + (1 << 20))
    builder.Finish(model.Pack(builder), file_identifier=_IDENTIFIER)
    return bytes(builder.Output())


def attach(manifest: Manifest, path: Path) -> None:
    """Append the zip with the labels and the manifest to a flatbuffer's file."""
    with zipfile.ZipFile(path, "a") as archive:  # stored: phones read the labels in place
        for name, content in (
            (LABELS_ENTRY, encode_labels(manifest.labels)),
            (ZIP_ENTRY, manifest.to_json()),
        ):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Aligns byte vectors as the schema demands; runtimes read weights in place."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> int:  # noqa: N802, N803
        aligned = _ALIGNMENT if elemSize == 1 else alignment
        return int(super().StartVector(elemSize, numElems, aligned))
