"""Where a graph from elsewhere begins and ends."""

from collections.abc import Sequence

from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef

from poets.config import LabelConfig
from poets.errors import ModelError
from poets.runtimes.assume import INCEPTION_INPUT

_INCEPTION_SIZE = 299
_DEFAULT_SIZE = 224
_INPUTS = ("input", INCEPTION_INPUT)
_OUTPUTS = ("final_result",)


def find_input(graph: GraphDef, told: str | None) -> NodeDef:
    """Return the node that takes the picture; raises ModelError where that is not clear."""
    by_name = {node.name: node for node in graph.node}
    if told is not None:
        return _named(by_name, told, "--input_layer")
    named = [by_name[name] for name in _INPUTS if name in by_name]
    placeholders = [node for node in graph.node if node.op == "Placeholder"]
    return _only(named[:1] or placeholders, "inputs", "--input_layer")


def find_output(graph: GraphDef, told: str | None) -> NodeDef:
    """Return the node that gives the scores; raises ModelError where that is not clear."""
    by_name = {node.name: node for node in graph.node}
    if told is not None:
        return _named(by_name, told, "--output_layer")
    named = [by_name[name] for name in _OUTPUTS if name in by_name]
    used = {name.lstrip("^").split(":")[0] for node in graph.node for name in node.input}
    last = [node for node in graph.node if node.name not in used and node.op == "Softmax"]
    return _only(named or last, "outputs", "--output_layer")


def input_size(node: NodeDef, config: LabelConfig) -> tuple[int, int]:
    """Return height and width: what the user says, else the graph, else the codelab's 224."""
    own = [dim.size for dim in node.attr["shape"].shape.dim][1:3] if "shape" in node.attr else []
    usual = _INCEPTION_SIZE if node.name == INCEPTION_INPUT else _DEFAULT_SIZE
    height, width = (size if size > 0 else usual for size in (own if len(own) == 2 else (0, 0)))
    return config.input_height or height, config.input_width or width


def _named(by_name: dict[str, NodeDef], told: str, flag: str) -> NodeDef:
    name = told.removeprefix("import/").split(":")[0]
    if name not in by_name:
        raise ModelError(f"{flag} {told}: the graph has no such node.")
    return by_name[name]


def _only(nodes: Sequence[NodeDef], what: str, flag: str) -> NodeDef:
    if len(nodes) != 1:
        names = ", ".join(node.name for node in nodes[:5]) or "none"
        raise ModelError(
            f"The graph's {what} are not clear ({names}).", hint=f"Name it with {flag}."
        )
    return nodes[0]
