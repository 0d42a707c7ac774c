"""Reading a GraphDef: what a node feeds on, and what it says of itself."""

import math

from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.util.tensor_util import make_ndarray

_SHORT = 4  # numbers: a shape, or a size
PLACEHOLDERS = frozenset({"Placeholder", "PlaceholderV2", "PlaceholderWithDefault"})


class Nodes:
    """A graph's nodes by name, and which feeds on which."""

    def __init__(self, graph: GraphDef) -> None:
        self.by_name = {node.name: node for node in graph.node}

    def behind(self, sink: str, stop: str = "") -> dict[str, NodeDef]:
        """Return what `sink` is computed from, itself included; what is behind `stop` is not."""
        found: dict[str, NodeDef] = {}
        waiting = [sink]
        while waiting:
            name = waiting.pop()
            if name in self.by_name and name not in found:
                found[name] = self.by_name[name]
                waiting += [] if name == stop else feeds(found[name])
        return found

    def after(self, name: str) -> list[NodeDef]:
        """Return the nodes that feed on one."""
        return [node for node in self.by_name.values() if name in feeds(node)]

    def leaves(self) -> list[NodeDef]:
        """Return the nodes that no other feeds on."""
        used = {name for node in self.by_name.values() for name in feeds(node)}
        return [node for node in self.by_name.values() if node.name not in used]

    def origin(self, node: NodeDef, passing_on: frozenset[str]) -> NodeDef:
        """Return what a node's value comes from, not counting what only passes it on."""
        seen = set()
        while node.op in passing_on and node.name not in seen and node.input:
            seen.add(node.name)
            node = self.by_name.get(feeds(node)[0], node)
        return node

    def constants(self, node: NodeDef) -> list[list[float]]:
        """Return the numbers that a node feeds on, of each short constant all of them."""
        sources = [self.by_name[name] for name in feeds(node) if name in self.by_name]
        return [_numbers(self.origin(source, frozenset({"Identity"}))) for source in sources]


def feeds(node: NodeDef) -> list[str]:
    """Return the names of the nodes that one feeds on."""
    return [name.lstrip("^").split(":")[0] for name in node.input]


def dtype_of(node: NodeDef) -> int:
    """Return the type of what a node gives; an inner one gives float32."""
    return int(node.attr["dtype"].type) if node.op in PLACEHOLDERS else int(DT_FLOAT)


def shape_of(node: NodeDef) -> tuple[int, ...] | None:
    """Return a placeholder's shape, -1 for any size; None where it does not say.

    An empty shape says nothing: graphs of 2017 write it where they mean any.
    """
    dims = node.attr["shape"].shape.dim if "shape" in node.attr else ()
    return tuple(int(dim.size) for dim in dims) or None


def _numbers(node: NodeDef) -> list[float]:
    """Return a short constant's numbers; none for what is no such constant."""
    tensor = node.attr["value"].tensor
    if node.op != "Const" or math.prod(dim.size for dim in tensor.tensor_shape.dim) > _SHORT:
        return []
    try:
        value = make_ndarray(tensor)
    except (TypeError, ValueError):  # a broken one
        return []
    return [float(number) for number in value.flat] if value.dtype.kind in "fiu" else []
