"""What the operations of a frozen graph do, as far as the way back from its scores is concerned."""

from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef

from poets.runtimes.nodes import feeds
from poets.runtimes.way import Kind, Step, Way, find_way

_KINDS = {
    "Softmax": Kind.SCORES,
    "Sigmoid": Kind.SCORES,
    **dict.fromkeys(("Identity", "Reshape", "Squeeze", "StopGradient"), Kind.CARRY),
    "PlaceholderWithDefault": Kind.CARRY,  # where scripts of 2017 fed their bottlenecks
    "MatMul": Kind.DENSE,
    **dict.fromkeys(("BiasAdd", "Add", "AddV2"), Kind.ADD),
    "Relu": Kind.RELU,
    **dict.fromkeys(("Mean", "AvgPool"), Kind.POOL),
}


def way_of_graph(graph: GraphDef, scores: str) -> Way[str]:
    """Walk back from the node with the scores."""
    return find_way({node.name: step for node in graph.node if (step := _step(node))}, scores)


def _step(node: NodeDef) -> Step[str] | None:
    kind = _KINDS.get(node.op)
    if kind is None or any(node.attr[f"transpose_{side}"].b for side in "ab"):
        return None
    return Step(kind, tuple(feeds(node)))
