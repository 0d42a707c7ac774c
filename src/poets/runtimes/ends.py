"""Where a graph from elsewhere begins and ends."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tensorboard.compat.proto.node_def_pb2 import NodeDef
from tensorboard.compat.proto.types_pb2 import (
    DT_BOOL,
    DT_DOUBLE,
    DT_FLOAT,
    DT_HALF,
    DT_INT32,
    DT_UINT8,
)

from poets.errors import ModelError
from poets.runtimes.labels import node_name
from poets.runtimes.nodes import PLACEHOLDERS, Nodes, dtype_of, shape_of

INCEPTION_INPUT = "Mul"  # the graph of 2015 decodes a JPEG first; the codelab feeds behind that
PICTURE_TYPES = frozenset({DT_FLOAT, DT_DOUBLE, DT_HALF, DT_INT32, DT_UINT8})

_INPUTS = ("input", INCEPTION_INPUT)
_OUTPUTS = ("final_result", "softmax")
_SCORES = frozenset({"Softmax", "Sigmoid"})
_PASSING_ON = frozenset({"Identity", "Reshape", "Squeeze", "StopGradient"})
_DECODERS = frozenset({"DecodeJpeg", "DecodePng", "DecodeImage", "DecodeBmp", "DecodeGif"})
_FOR_TRAINING = re.compile(r"(^|[_/])(keep|drop|train|phase)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Ends:
    """What takes the picture, what gives the scores, and what else has to be set."""

    source: NodeDef
    sink: NodeDef
    settings: Mapping[str, bool | float]  # inputs that are for training, set as labelling wants


def find_ends(nodes: Nodes, input_layer: str | None, output_layer: str | None) -> Ends:
    """Find both, or take those that the user names.

    Raises ModelError where the graph does not tell enough, or has no such node.
    """
    sink = _find_sink(nodes) if output_layer is None else _named(nodes, output_layer, "output")
    behind = nodes.behind(sink.name)
    source = _find_source(behind) if input_layer is None else _named(nodes, input_layer, "input")
    needed = nodes.behind(sink.name, stop=source.name)
    if source.name not in needed:
        raise ModelError(f"The graph's '{sink.name}' does not hang on its '{source.name}'.")
    others = (n for n in needed.values() if n.op in PLACEHOLDERS and n.name != source.name)
    return Ends(source, sink, dict(_settings(nodes, others)))


def _find_sink(nodes: Nodes) -> NodeDef:
    for name in _OUTPUTS:
        if name in nodes.by_name:
            return nodes.by_name[name]
    leaves = [node for node in nodes.leaves() if node.op not in {"Const", "NoOp", *PLACEHOLDERS}]
    scores = [leaf for leaf in leaves if nodes.origin(leaf, _PASSING_ON).op in _SCORES]
    return _only(scores or leaves, "output")


def _find_source(behind: Mapping[str, NodeDef]) -> NodeDef:
    """Choose among the nodes behind the scores."""
    pictures = [node for node in behind.values() if _takes_pictures(node)]
    # What is gray beside a picture in colour is a mask of it.
    pictures = [node for node in pictures if not _is_gray(node)] or pictures
    decodes = any(node.op in _DECODERS for node in behind.values())
    for name in _INPUTS:
        node = behind.get(name)
        if node is not None and (node in pictures or (decodes and node.op not in PLACEHOLDERS)):
            return node
    if decodes:
        pictures += [node for node in behind.values() if node.op == "ResizeBilinear"]
    plain = [node for node in pictures if node.op != "PlaceholderWithDefault"]
    sure = [node for node in plain if shape_of(node) is not None]
    return _only(sure or plain or pictures, "input")


def _takes_pictures(node: NodeDef) -> bool:
    if node.op not in PLACEHOLDERS or dtype_of(node) not in PICTURE_TYPES:
        return False
    shape = shape_of(node)
    if shape is None:
        return not _FOR_TRAINING.search(node.name)
    return len(shape) == 4 and shape[3] in {1, 3, -1}


def _is_gray(node: NodeDef) -> bool:
    return (shape_of(node) or [0])[-1] == 1


def _settings(nodes: Nodes, others: Iterable[NodeDef]) -> Iterable[tuple[str, bool | float]]:
    """Yield what each input that is for training is to be when the training is over."""
    for node in others:
        for_training = _FOR_TRAINING.search(node.name)
        if for_training and dtype_of(node) == DT_BOOL:
            yield node.name, False
        elif for_training and dtype_of(node) == DT_FLOAT and not (shape_of(node) or ()):
            # TensorFlow 1 keeps a share of the values, 2 drops one, which it takes from 1.
            yield node.name, 0.0 if any(n.op == "Sub" for n in nodes.after(node.name)) else 1.0
        elif node.op != "PlaceholderWithDefault":
            raise ModelError(
                f"The graph wants a value for '{node.name}' too, which nobody can guess.",
                hint="Freeze it with that value as a constant.",
            )


def _named(nodes: Nodes, told: str, end: str) -> NodeDef:
    name = node_name(told)
    if name in nodes.by_name:
        return nodes.by_name[name]
    try:
        found = find_ends(nodes, None, None)
    except ModelError as error:
        hint = error.hint
    else:
        own = found.source if end == "input" else found.sink
        hint = f"Leave it out: the graph's own is '{own.name}'."
    raise ModelError(f"--{end}_layer {told}: the graph has no such node.", hint=hint)


def _only(candidates: list[NodeDef], end: str) -> NodeDef:
    if len(candidates) == 1:
        return candidates[0]
    names = ", ".join(node.name for node in candidates[:5]) or "none that looks like one"
    message = f"The graph does not tell which node is its {end} ({names})."
    raise ModelError(message, hint=f"Name it with --{end}_layer.")
