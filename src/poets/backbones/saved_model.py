"""What a SavedModel says of itself, read without TensorFlow: which pictures it takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import meta_graph_pb2
from tensorboard.compat.proto.meta_graph_pb2 import MetaGraphDef, SignatureDef, TensorInfo
from tensorboard.compat.proto.types_pb2 import DT_FLOAT

from poets.backbones.weights_file import read_weights
from poets.errors import ModelError

SAVED_MODEL_FILE = "saved_model.pb"
MAX_BYTES = 1 << 30
HINT = "A module is a folder with saved_model.pb and variables/ in it, and takes pictures."
_SIGNATURES = ("image_feature_vector", "default", "serving_default")  # in order of preference


@dataclass(frozen=True)
class PictureInput:
    """The input of a signature: f32[n, height, width, 3]."""

    signature: str
    name: str
    height: int  # 0 where it takes any
    width: int


@dataclass(frozen=True)
class SavedModel:
    """The graph of a SavedModel that is to be used."""

    tags: tuple[str, ...]
    objects: bool  # whether it is of TensorFlow 2, which saves functions of objects
    picture: PictureInput | None  # None where no signature takes pictures


def read_saved_model(folder: Path) -> SavedModel:
    """Read what a module takes; raises ModelError where `folder` holds none that can be used."""
    path = folder / SAVED_MODEL_FILE
    try:
        graphs = _meta_graphs(read_weights(path, MAX_BYTES, HINT))
    except DecodeError as error:
        raise ModelError(f"{path} is no SavedModel.", hint=HINT) from error
    # The format of 2018 has one graph for training, with the tag "train", and one without tags.
    usable = [graph for graph in graphs if "train" not in graph.meta_info_def.tags]
    if len(usable) != 1:
        raise ModelError(f"{path} has {len(usable)} graphs that could be used.", hint=HINT)
    (graph,) = usable
    return SavedModel(
        tuple(graph.meta_info_def.tags),
        graph.HasField("object_graph_def"),
        _picture_input(graph.signature_def),
    )


def _meta_graphs(content: bytes) -> Sequence[MetaGraphDef]:
    graphs: Sequence[MetaGraphDef] = _message().FromString(content).meta_graphs
    return graphs


@cache
def _message() -> Any:  # noqa: ANN401 - a class made at run time
    """Return the message SavedModel, which TensorBoard has not, of MetaGraphDef, which it has."""
    file = FileDescriptorProto(name="poets/saved_model.proto", package="poets", syntax="proto3")
    file.dependency.append(meta_graph_pb2.DESCRIPTOR.name)
    file.message_type.add(name="SavedModel").field.add(
        name="meta_graphs",
        number=2,
        label=FieldDescriptorProto.LABEL_REPEATED,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        type_name=f".{MetaGraphDef.DESCRIPTOR.full_name}",
    )
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("poets.SavedModel"))


def _picture_input(signatures: Mapping[str, SignatureDef]) -> PictureInput | None:
    found = (
        PictureInput(signature, name, height, width)
        for signature in _SIGNATURES
        if signature in signatures
        for name, (height, width) in _pictures(signatures[signature].inputs)
    )
    return next(found, None)


def _pictures(inputs: Mapping[str, TensorInfo]) -> Iterator[tuple[str, tuple[int, int]]]:
    for name, info in sorted(inputs.items()):
        sizes = [max(dim.size, 0) for dim in info.tensor_shape.dim]
        if info.dtype == DT_FLOAT and len(sizes) == 4 and sizes[3] in {0, 3}:
            yield name, (sizes[1], sizes[2])
