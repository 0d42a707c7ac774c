"""Inception v3: the graph of 2015 that the codelab retrains, or the weights of Keras."""

from pathlib import Path

from google.protobuf.message import DecodeError

from poets.backbones import keras_applications
from poets.backbones.compile import FrozenBackbone, freeze, run_graph
from poets.backbones.frozen_archive import MAX_BYTES, find_member
from poets.backbones.old_graph import modernize
from poets.backbones.quiet_tensorflow import tf
from poets.backbones.spec import BackboneSpec
from poets.backbones.weights_file import read_weights
from poets.errors import ModelError
from poets.graph_ops import check_ops

GRAPH_FILE = "classify_image_graph_def.pb"
FEATURES = "pool_3/_reshape"  # its shape may be for one picture alone: what it reads is used
_HINT = "Delete it; Keras's weights are downloaded instead where there is a network."


def make(spec: BackboneSpec, weights: Path) -> FrozenBackbone:
    """Freeze the network up to its average pool, from whichever file `weights` is.

    Raises ModelError naming the file where it is broken or holds another network.
    """
    if weights.suffix == ".h5":
        return keras_applications.make(spec, weights)
    graph = read_graph(weights)
    by_name = {node.name: node for node in graph.node}
    missing = {spec.input_node, FEATURES} - by_name.keys()
    if missing:
        raise _broken(weights, f"its graph has no node '{min(missing)}'")
    check_ops(graph, weights, _HINT)

    def features(image: tf.Tensor) -> tf.Tensor:
        pool = run_graph(modernize(graph), image, by_name[FEATURES].input[0], spec.input_node)
        return tf.reshape(pool, [-1, pool.shape[-1]])

    try:
        return freeze(features, spec.preprocess, spec.input_node)
    # What TensorFlow says of a graph whose nodes do not fit together.
    except (ModelError, ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        size = f"{spec.preprocess.width} pixels"
        raise _broken(weights, f"its graph does not run at {size}") from error


def read_graph(path: Path) -> tf.compat.v1.GraphDef:
    """Parse the graph in a .pb or a .tgz, in memory; nothing of it runs.

    Raises ModelError naming the file where there is none that can be read.
    """
    try:
        return tf.compat.v1.GraphDef.FromString(_read(path))
    except DecodeError as error:
        raise _broken(path, "it holds no graph") from error


def _read(path: Path) -> bytes:
    if path.suffix == ".pb":
        return read_weights(path, MAX_BYTES, _HINT)
    try:
        _, content = find_member(path, [GRAPH_FILE])
    except ModelError as error:  # the archive of 2015 is not downloaded again
        raise ModelError(str(error), hint=_HINT) from error
    return content


def _broken(path: Path, reason: str) -> ModelError:
    return ModelError(f"{path}: {reason}.", hint=_HINT)
