"""A GraphDef with 8-bit weights, as the codelab's quantize_graph writes it, in NumPy."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_QUINT8
from tensorboard.util.tensor_util import make_ndarray

from poets.errors import ModelError
from poets.export.frozen_graph import MANIFEST_NODE, manifest_of, read_graph
from poets.preprocess import FloatArray
from poets.registry import did_you_mean
from poets.runtimes.nodes import Nodes

_LEVELS = 256
# Depthwise and early layers have fewer: nothing to gain, and at mobilenet_0.25_128 their rounding
# alone cost 5 points.
_ENOUGH = 4096


def write_rounded(source: Path, outputs: tuple[str, ...], path: Path) -> None:
    """Write the graph with each weight in the middle of one of 256 equal steps."""
    graph = read_outputs(source, outputs)
    for node in graph.node:
        for values in _weights(node):
            low, step = values.min(), (values.max() - values.min()) / _LEVELS
            level = np.floor((values - low) / step).clip(0, _LEVELS - 1)
            rounded = (low + step * (level + 0.5)).astype("<f4")
            node.attr["value"].tensor.tensor_content = rounded.tobytes()
            del node.attr["value"].tensor.float_val[:]
    _write(graph, path)


def write_packed(source: Path, outputs: tuple[str, ...], path: Path) -> None:
    """Write the graph with weights of 8 bits, each behind the operation that unpacks it."""
    graph = read_outputs(source, outputs)
    packed = GraphDef(versions=graph.versions, library=graph.library)
    for node in graph.node:
        unpacked = [part for values in _weights(node) for part in _pack(node, values)]
        packed.node.extend(unpacked or [node])
    _write(packed, path)


def read_outputs(source: Path, outputs: tuple[str, ...]) -> GraphDef:
    """Read a graph, and of its nodes those that the outputs need; all for no outputs.

    Raises ModelError for a file that is no graph, and for an output that it does not have.
    """
    graph = read_graph(source)
    nodes = Nodes(graph)
    for name in outputs:
        if name not in nodes.by_name:
            suggestion = did_you_mean(name, nodes.by_name)
            message = f"--output_node_names {name}: {source} has no such node.{suggestion}"
            raise ModelError(message)
    needed = {name for output in outputs for name in nodes.behind(output)} or {*nodes.by_name}
    part = GraphDef(versions=graph.versions, library=graph.library)
    part.node.extend(node for node in graph.node if node.name in needed | {MANIFEST_NODE})
    return part


def _weights(node: NodeDef) -> Iterator[FloatArray]:
    """Yield a node's weights, where they are enough for a gain."""
    tensor = node.attr["value"].tensor if node.op == "Const" else None
    if tensor is None or tensor.dtype != DT_FLOAT or len(tensor.tensor_shape.dim) < 2:
        return
    count = math.prod(dim.size for dim in tensor.tensor_shape.dim)
    if count >= _ENOUGH and count in {len(tensor.tensor_content) / 4, len(tensor.float_val)}:
        values = make_ndarray(tensor)
        if np.isfinite(values).all() and values.min() < values.max():
            yield values


def _pack(node: NodeDef, values: FloatArray) -> Iterator[NodeDef]:
    """Yield what takes the place of a constant: bytes, their range, and what unpacks them."""
    low, high = values.min(), values.max()
    level = np.rint((values - low) / ((high - low) / (_LEVELS - 1))).astype(np.uint8)
    names = [f"{node.name}_{part}" for part in ("quint8_const", "min", "max")]
    shape = node.attr["value"].tensor.tensor_shape
    constant = _constant(names[0], DT_QUINT8, level.tobytes())
    constant.attr["value"].tensor.tensor_shape.CopyFrom(shape)
    yield constant
    for name, end in zip(names[1:], (low, high), strict=True):
        yield _constant(name, DT_FLOAT, np.asarray(end, "<f4").tobytes())
    unpacking = NodeDef(name=node.name, op="Dequantize", input=names)
    unpacking.attr["T"].type = DT_QUINT8
    unpacking.attr["mode"].s = b"MIN_COMBINED"
    yield unpacking


def _constant(name: str, kind: int, content: bytes) -> NodeDef:
    made = NodeDef(name=name, op="Const")
    made.attr["dtype"].type = kind
    tensor = made.attr["value"].tensor
    tensor.dtype, tensor.tensor_content = kind, content
    tensor.tensor_shape.SetInParent()
    return made


def _write(graph: GraphDef, path: Path) -> None:
    """Write the graph; its manifest no longer knows how it does on the test pictures."""
    manifest = manifest_of(graph)
    for node in graph.node:
        if manifest is not None and node.name == MANIFEST_NODE:
            untested = replace(manifest, test_accuracy=None, test_images=0)
            node.attr["value"].tensor.string_val[:] = [untested.to_json()]
    path.write_bytes(graph.SerializeToString(deterministic=True))
