"""What a SavedModel says of itself, read without TensorFlow: its pictures, its operations."""

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
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT

from poets.backbones.weights_file import read_weights
from poets.errors import ModelError
from poets.graph_ops import check_ops

SAVED_MODEL_FILE = "saved_model.pb"
MAX_BYTES = 1 << 30
HINT = "A module is a folder with saved_model.pb and variables/ in it, and takes pictures."
# What a module does beside computing: it keeps variables, and restores them from its own files.
_VARIABLE_OPS = frozenset(
    (
        *("Variable", "VariableV2", "Assign", "AssignAdd", "AssignSub", "IsVariableInitialized"),
        *("VarHandleOp", "VarIsInitializedOp", "ReadVariableOp", "DisableCopyOnRead"),
        *("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"),
        *("RestoreV2", "ShardedFilename", "StaticRegexFullMatch"),
    )
)
_SAVING_OPS = ("SaveV2", "MergeV2Checkpoints")  # in every module, and never needed
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
    graphs: Sequence[MetaGraphDef] = _parse(path).meta_graphs
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


def without_saving(folder: Path) -> bytes:
    """Return a module's saved_model.pb, changed so that nothing in it can write a file.

    Raises ModelError where it holds operations that do more than compute and keep variables.
    """
    path = folder / SAVED_MODEL_FILE
    model = _parse(path)
    for meta_graph in model.meta_graphs:
        graph = meta_graph.graph_def
        for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
            for node in nodes:
                if node.op in _SAVING_OPS:
                    node.CopyFrom(NodeDef(name=node.name, op="NoOp"))
        check_ops(graph, path, HINT, also=_VARIABLE_OPS)
    content: bytes = model.SerializeToString()
    return content


def _parse(path: Path) -> Any:  # noqa: ANN401 - a class made at run time
    try:
        return _message().FromString(read_weights(path, MAX_BYTES, HINT))
    except DecodeError as error:
        raise ModelError(f"{path} is no SavedModel.", hint=HINT) from error


@cache
def _message() -> Any:  # noqa: ANN401 - as above
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
