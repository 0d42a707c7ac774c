"""The same .tflite with further outputs: nothing in it moves, and no weight is copied twice."""

import struct
from collections.abc import Sequence

from flatbuffers.table import Table

_SUBGRAPHS = 8  # of a model, and the outputs of a subgraph: fields as the schema numbers them
_OUTPUTS = 8
_INT = 4  # bytes


def with_outputs(content: bytes, tensors: Sequence[int]) -> bytes:
    """Return a .tflite whose first subgraph gives these tensors.

    A field of a flatbuffer's table holds how far ahead its value is. So a list of outputs that is
    written behind everything else (also behind a zip, which runtimes do not read) takes the place
    of the old one when four bytes say that it is there. A runtime then keeps these tensors, and
    computes as before: reading tensors that are no outputs would need its optimiser switched off.
    """
    patched = bytearray(content)
    patched += bytes(-len(patched) % _INT)
    model = Table(patched, struct.unpack_from("<I", patched)[0])
    graph = Table(patched, model.Indirect(model.Vector(model.Offset(_SUBGRAPHS))))
    field = graph.Pos + graph.Offset(_OUTPUTS)
    struct.pack_into("<I", patched, field, len(patched) - field)
    patched += struct.pack(f"<I{len(tensors)}i", len(tensors), *tensors)
    return bytes(patched)
