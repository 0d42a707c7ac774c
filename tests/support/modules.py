"""What a module of TensorFlow Hub says of itself, without a network behind it."""

import io
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from google.protobuf.message import Message
from tensorboard.compat.proto.meta_graph_pb2 import MetaGraphDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT


def meta_graph(
    shape: Sequence[int] = (-1, 32, 32, 3),
    *,
    tags: Iterable[str] = ("serve",),
    signature: str = "serving_default",
    dtype: int = DT_FLOAT,
) -> MetaGraphDef:
    """Return a graph with one signature, whose input is called `images`."""
    graph = MetaGraphDef()
    graph.meta_info_def.tags.extend(tags)
    entry = graph.signature_def[signature].inputs["images"]
    entry.dtype = dtype
    for size in shape:
        entry.tensor_shape.dim.add(size=size)
    return graph


def saved_model(*graphs: Message) -> bytes:
    """Serialize a SavedModel: its version in field 1, its graphs in field 2."""
    fields = [b"\x08\x01"]
    for graph in graphs:
        content = graph.SerializeToString()
        fields.append(b"\x12" + _varint(len(content)) + content)
    return b"".join(fields)


def write_module(folder: Path, *graphs: Message) -> Path:
    """Write saved_model.pb, of a usual graph where none is given, and variables."""
    for name, content in module_files(*graphs).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def module_files(*graphs: Message) -> dict[str, bytes]:
    """Return the files of a module by relative path."""
    content = saved_model(*(graphs or (meta_graph(),)))
    return {"saved_model.pb": content, "variables/variables.index": b"index"}


def archive_of(folder: Path) -> bytes:
    """Return a .tar.gz of what is in a folder, as modules are published."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(folder, arcname=".")
    return packed.getvalue()


def _varint(number: int) -> bytes:
    encoded = []
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])
