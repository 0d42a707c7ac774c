"""Graphs of 2015 in the operations of today: LiteRT's converter does not know the old ones."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np

from poets.backbones.quiet_tensorflow import tf
from poets.preprocess import FloatArray

GraphDef: TypeAlias = tf.compat.v1.GraphDef
NodeDef: TypeAlias = tf.compat.v1.NodeDef

_OLD_BATCH_NORM = "BatchNormWithGlobalNormalization"


def modernize(graph: GraphDef) -> GraphDef:
    """Return a graph that computes the same: batch norms as a product and a sum, no checks.

    Raises ValueError for a batch norm whose statistics are no constants.
    """
    constants = {node.name: node for node in graph.node if node.op == "Const"}
    modern = GraphDef(versions=graph.versions)
    for node in graph.node:
        modern.node.extend(_modern(node, constants))
    return modern


def _modern(node: NodeDef, constants: Mapping[str, NodeDef]) -> Iterator[NodeDef]:
    # What they would wait for are checks, which are gone: the rest only computes.
    inputs = [name for name in node.input if not name.startswith("^")]
    if node.op == _OLD_BATCH_NORM:
        yield from _batch_norm(node, inputs, constants)
    elif node.op == "CheckNumerics":
        yield _with_type(NodeDef(name=node.name, op="Identity", input=inputs[:1]))
    else:
        copy = NodeDef()
        copy.CopyFrom(node)
        copy.ClearField("input")
        copy.input.extend(inputs)
        yield copy


def _batch_norm(
    node: NodeDef, inputs: list[str], constants: Mapping[str, NodeDef]
) -> Iterator[NodeDef]:
    """Yield (x - mean) / sqrt(variance + epsilon) [* gamma] + beta as x * factor + term."""
    x, *names = inputs
    mean, variance, beta, gamma = (_value(name, constants) for name in names)
    factor = 1 / np.sqrt(variance + node.attr["variance_epsilon"].f)
    if node.attr["scale_after_normalization"].b:
        factor = factor * gamma
    product = f"{node.name}/product"
    yield _constant(f"{node.name}/factor", factor)
    yield _constant(f"{node.name}/term", beta - mean * factor)
    yield _with_type(NodeDef(name=product, op="Mul", input=[x, f"{node.name}/factor"]))
    yield _with_type(NodeDef(name=node.name, op="Add", input=[product, f"{node.name}/term"]))


def _value(name: str, constants: Mapping[str, NodeDef]) -> FloatArray:
    node = constants.get(name.removesuffix(":0"))
    if node is None:
        raise ValueError(f"{name} is no constant")
    value: FloatArray = tf.make_ndarray(node.attr["value"].tensor)
    return value


def _constant(name: str, value: FloatArray) -> NodeDef:
    node = _with_type(NodeDef(name=name, op="Const"), "dtype")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, tf.float32))
    return node


def _with_type(node: NodeDef, attribute: str = "T") -> NodeDef:
    node.attr[attribute].type = tf.float32.as_datatype_enum
    return node
