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
_SCOPE = "final_training_ops"
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
    _add_constant(graph, f"{_SCOPE}/weights", classifier.head.weights)
    _add_constant(graph, f"{_SCOPE}/biases", classifier.head.bias)
    _add(graph, "MatMul", f"{_SCOPE}/MatMul", FEATURES_NODE, f"{_SCOPE}/weights")
    _add(graph, "BiasAdd", f"{_SCOPE}/Wx_plus_b", f"{_SCOPE}/MatMul", f"{_SCOPE}/biases")
    _add(graph, "Softmax", output, f"{_SCOPE}/Wx_plus_b")
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
        if node.name not in ours and not node.name.startswith(f"{_SCOPE}/"):
            backbone.node.add().CopyFrom(node)
    constants = {n.name: n.attr["value"].tensor for n in graph.node if n.op == "Const"}
    try:
        weights, bias = (make_ndarray(constants[f"{_SCOPE}/{n}"]) for n in ("weights", "biases"))
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError("The graph's head is not one that `retrain` makes.") from error
    n_labels = len(manifest.labels)
    if bias.shape != (n_labels,) or weights.ndim != 2 or weights.shape[1] != n_labels:
        raise ModelError("The graph's head does not fit its labels.")
    return backbone, SoftmaxHead(weights, bias)


def _check_output_name(name: str, graph: GraphDef) -> None:
    check_name(name)
    taken = {node.name for node in graph.node} | {MANIFEST_NODE}
    if name in taken or name.startswith(f"{_SCOPE}/"):
        raise UsageError(f"--final_tensor_name '{name}' is the name of another node of the graph.")


def _add_constant(graph: GraphDef, name: str, values: FloatArray) -> None:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = DT_FLOAT
    tensor = node.attr["value"].tensor
    tensor.dtype = DT_FLOAT
    for size in values.shape:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_content = values.astype("<f4").tobytes()


def _add(graph: GraphDef, op: str, name: str, *inputs: str) -> None:
    node = graph.node.add(name=name, op=op, input=inputs)
    node.attr["T"].type = DT_FLOAT
