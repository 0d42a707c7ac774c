"""What the scripts that made a graph from elsewhere fed it with."""

from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import DT_INT32, DT_UINT8

from poets.runtimes.assume import CODELAB, INCEPTION, PIXELS, SHARES, Scale
from poets.runtimes.ends import INCEPTION_INPUT
from poets.runtimes.nodes import PLACEHOLDERS, Nodes, dtype_of, shape_of

_INCEPTION_SIZE = 299
_USUAL_SIZE = 224  # of the codelab
_HUB = ("module/", "module_apply_")  # scopes of a TensorFlow Hub module of 2018
_BEFORE_SCALING = frozenset({"Identity", "Cast", "Sub", "Add", "AddV2", "PlaceholderWithDefault"})
_PIXEL_RANGE = 64  # a graph that divides by so much divides pixel values, not their shares


def usual_scale(nodes: Nodes, source: NodeDef) -> Scale:
    """Return how the scripts that made such graphs scaled what they fed to `source`."""
    if source.name == INCEPTION_INPUT:
        return INCEPTION
    inner = source.op not in PLACEHOLDERS  # behind the graph's own decoder and resizer
    if inner or dtype_of(source) in {DT_UINT8, DT_INT32} or _scales(nodes, source):
        return PIXELS
    if source.name == "Placeholder" and any(name.startswith(_HUB) for name in nodes.by_name):
        return SHARES
    return CODELAB


def usual_size(nodes: Nodes, source: NodeDef) -> tuple[tuple[int, int], bool]:
    """Return height and width, and whether the graph says them itself."""
    shape = shape_of(source) or ()
    told: list[list[float]] = [list(shape[1:3]) if len(shape) == 4 else []]
    for sides in told + nodes.constants(source):  # a resize has its size in a constant
        if len(sides) == 2 and min(sides) > 0:
            return (int(sides[0]), int(sides[1])), True
    side = _INCEPTION_SIZE if source.name == INCEPTION_INPUT else _USUAL_SIZE
    return (side, side), False


def usual_channels(source: NodeDef) -> int:
    """Return 1 for what says that it takes gray pictures, else 3."""
    shape = shape_of(source) or ()
    return 1 if len(shape) == 4 and shape[3] == 1 else 3


def _scales(nodes: Nodes, node: NodeDef) -> bool:
    """Tell whether the graph itself brings pixel values into a small range."""
    seen = set()
    while node.name not in seen:
        seen.add(node.name)
        after = nodes.after(node.name)
        if len(after) != 1:
            return False
        node = after[0]
        numbers = [n for constant in nodes.constants(node) for n in constant]
        number = max(map(abs, numbers), default=0.0)
        if node.op in {"Div", "RealDiv"}:
            return number >= _PIXEL_RANGE
        if node.op == "Mul":
            return 0 < number <= 1 / _PIXEL_RANGE
        if node.op not in _BEFORE_SCALING:
            return False
    return False
