"""The part of a graph that labelling needs, from the picture to the scores."""

from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import DT_BOOL, DT_FLOAT

from poets.runtimes.ends import Ends
from poets.runtimes.nodes import Nodes, dtype_of

_OLD_BATCH_NORM = "BatchNormWithGlobalNormalization"
_OLD_VERSION = 8  # the last with that operation


def cut(graph: GraphDef, ends: Ends, shape: tuple[int, int, int], batch: int) -> GraphDef:
    """Return the nodes between the ends; the source takes [batch, *shape].

    A batch of -1 is one of any size. What is set for training gets its value for labelling, and
    no node is bound to a device.
    """
    needed = Nodes(graph).behind(ends.sink.name, stop=ends.source.name)
    part = GraphDef(versions=graph.versions, library=graph.library)
    for node in graph.node:
        if node.name == ends.source.name:
            part.node.append(_placeholder(node, (batch, *shape)))
        elif node.name in ends.settings:
            part.node.append(_constant(node.name, ends.settings[node.name]))
        elif node.name in needed:
            part.node.add().CopyFrom(node)
            part.node[-1].device = ""  # the machine that trained it may have had another one
    # Scripts of 2017 stamped their version on graphs of 2015, which TensorFlow then refuses.
    if any(node.op == _OLD_BATCH_NORM for node in part.node):
        part.versions.producer = min(part.versions.producer, _OLD_VERSION)
    return part


def _placeholder(node: NodeDef, shape: tuple[int, ...]) -> NodeDef:
    made = NodeDef(name=node.name, op="Placeholder")
    made.attr["dtype"].type = dtype_of(node)
    for size in shape:
        made.attr["shape"].shape.dim.add(size=size)
    return made


def _constant(name: str, value: bool | float) -> NodeDef:  # noqa: FBT001 - it is data
    made = NodeDef(name=name, op="Const")
    tensor = made.attr["value"].tensor
    if isinstance(value, bool):
        tensor.dtype = DT_BOOL
        tensor.bool_val.append(value)
    else:
        tensor.dtype = DT_FLOAT
        tensor.float_val.append(value)
    made.attr["dtype"].type = tensor.dtype
    tensor.tensor_shape.SetInParent()
    return made
