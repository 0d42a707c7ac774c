"""The frozen GraphDef: the backbone's nodes, a dense layer, a softmax and the manifest."""

import re
from pathlib import Path

from google.protobuf.message import DecodeError
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_STRING
from tensorboard.util.tensor_util import make_ndarray

from poets.backbones.compiled import FEATURES_NODE
from poets.classifier import Classifier
from poets.errors import ModelError, UsageError
from poets.heads.softmax import SoftmaxHead
from poets.manifest import Manifest
from poets.preprocess import FloatArray

MANIFEST_NODE = "poets/manifest"
SCOPE = "final_training_ops"
HIDDEN = f"{SCOPE}/hidden"
_NODE_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")  # TensorFlow's rule


def export(classifier: Classifier, path: Path) -> None:
    """Write the joined graph; nodes `input` and the manifest's output, batches of any size."""
    path.write_bytes(join(classifier).SerializeToString(deterministic=True))


def join(classifier: Classifier) -> GraphDef:
    """Return the backbone's graph with the head's nodes behind it.

    Raises UsageError for an output name that the graph cannot have.
    """
    graph = read_graph(classifier.backbone.graph_path)
    output = classifier.manifest.output_name
    _check_output_name(output, graph)
    head, below = classifier.head, FEATURES_NODE
    if head.hidden is not None:
        _add_dense(graph, HIDDEN, below, (head.hidden.weights, head.hidden.bias))
        below = f"{HIDDEN}/Relu"
        _add(graph, "Relu", below, f"{HIDDEN}/Wx_plus_b")
    _add_dense(graph, SCOPE, below, (head.weights, head.bias))
    _add(graph, "Softmax", output, f"{SCOPE}/Wx_plus_b")
    manifest = graph.node.add(name=MANIFEST_NODE, op="Const")
    manifest.attr["dtype"].type = DT_STRING
    manifest.attr["value"].tensor.CopyFrom(
        TensorProto(dtype=DT_STRING, string_val=[classifier.manifest.to_json()])
    )
    manifest.attr["value"].tensor.tensor_shape.SetInParent()
    return graph


def read_graph(path: Path) -> GraphDef:
    """Parse a GraphDef; raises ModelError for a file that holds none."""
    graph = GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: {(error.strerror or str(error)).lower()}.") from error
    except DecodeError as error:
        raise ModelError(f"{path} is no graph.", hint="Name a .pb or .tflite file.") from error
    if not graph.node:
        raise ModelError(
            f"{path} is no graph: it has no nodes.", hint="Name a .pb or .tflite file."
        )
    return graph


def manifest_of(graph: GraphDef) -> Manifest | None:
    """Return the manifest inside one of our graphs, None for one from elsewhere."""
    for node in graph.node:
        if node.name == MANIFEST_NODE and node.op == "Const":
            values = node.attr["value"].tensor.string_val
            return Manifest.from_json(values[0] if values else b"")
    return None


def check_name(name: str) -> None:
    """Raise UsageError for an output name that no graph can have."""
    if not _NODE_NAME.fullmatch(name):
        hint = "Letters, digits and . _ / - make a name; it begins with a letter or digit."
        raise UsageError(f"--final_tensor_name '{name}' is no name for a node.", hint=hint)


def attach(manifest: Manifest, path: Path) -> None:
    """Put another manifest into one of our graphs."""
    graph = read_graph(path)
    for node in graph.node:
        if node.name == MANIFEST_NODE:
            node.attr["value"].tensor.string_val[:] = [manifest.to_json()]
    path.write_bytes(graph.SerializeToString(deterministic=True))


def take_apart(graph: GraphDef, manifest: Manifest) -> tuple[GraphDef, SoftmaxHead]:
    """Return the backbone's graph and the head of one of our graphs: the reverse of `join`.

    Raises ModelError for a graph that `join` did not make.
    """
    backbone = GraphDef(versions=graph.versions, library=graph.library)
    ours = {MANIFEST_NODE, manifest.output_name}
    for node in graph.node:
        if node.name not in ours and not node.name.startswith(f"{SCOPE}/"):
            backbone.node.add().CopyFrom(node)
    constants = {n.name: n.attr["value"].tensor for n in graph.node if n.op == "Const"}
    scopes = [SCOPE, *([HIDDEN] if f"{HIDDEN}/weights" in constants else [])]
    names = [f"{scope}/{part}" for scope in scopes for part in ("weights", "biases")]
    try:
        head = SoftmaxHead.of([make_ndarray(constants[name]) for name in names])
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError("The graph's head is not one that `retrain` makes.") from error
    if not _fits(head, len(manifest.labels)):
        raise ModelError("The graph's head does not fit its labels.")
    return backbone, head


def _fits(head: SoftmaxHead, n_labels: int) -> bool:
    below = head.weights.shape[:1] if head.hidden is None else head.hidden.bias.shape
    return (
        head.bias.shape == (n_labels,)
        and head.weights.shape == (*below, n_labels)
        and (head.hidden is None or head.hidden.weights.shape[1:] == below)
    )


def _check_output_name(name: str, graph: GraphDef) -> None:
    check_name(name)
    taken = {node.name for node in graph.node} | {MANIFEST_NODE}
    if name in taken or name.startswith(f"{SCOPE}/"):
        raise UsageError(f"--final_tensor_name '{name}' is the name of another node of the graph.")


def _add_constant(graph: GraphDef, name: str, values: FloatArray) -> None:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = DT_FLOAT
    tensor = node.attr["value"].tensor
    tensor.dtype = DT_FLOAT
    for size in values.shape:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_content = values.astype("<f4").tobytes()


def _add_dense(
    graph: GraphDef, scope: str, below: str, layer: tuple[FloatArray, FloatArray]
) -> None:
    weights, bias = layer
    _add_constant(graph, f"{scope}/weights", weights)
    _add_constant(graph, f"{scope}/biases", bias)
    _add(graph, "MatMul", f"{scope}/MatMul", below, f"{scope}/weights")
    _add(graph, "BiasAdd", f"{scope}/Wx_plus_b", f"{scope}/MatMul", f"{scope}/biases")


def _add(graph: GraphDef, op: str, name: str, *inputs: str) -> None:
    node = graph.node.add(name=name, op=op, input=inputs)
    node.attr["T"].type = DT_FLOAT
