"""From weights to files that need no TensorFlow: a frozen graph and the same for LiteRT."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from poets.backbones.compiled import (
    FEATURES_NODE,
    GRAPH_FILE,
    TFLITE_FILE,
)
from poets.backbones.eight_bit import with_plain_weights
from poets.backbones.quiet_tensorflow import (
    convert_variables_to_constants_v2,
    keras,
    quiet_stderr,
    tf,
)
from poets.backbones.spec import INPUT_NODE, BackboneSpec
from poets.errors import ModelError
from poets.preprocess import Preprocess
from poets.registry import load


@dataclass(frozen=True)
class FrozenBackbone:
    """A network without variables or functions, for any number of pictures at once."""

    graph: tf.compat.v1.GraphDef  # f32[-1, height, width, channels] to `features` f32[n, d]
    feature_size: int
    input_node: str = INPUT_NODE


def compile_backbone(spec: BackboneSpec, weights: Path, folder: Path) -> int:
    """Write the network of `spec` into `folder`: graph and LiteRT model; return how many features.

    Same weights, same bytes. Raises ModelError where `weights` is broken.
    """
    with quiet_stderr():
        keras.backend.clear_session()  # it counts names, and they end up in the graph
        frozen: FrozenBackbone = load(spec.maker)(spec, weights)
        tflite = _to_tflite(frozen, spec.preprocess, weights)
    _check_size(spec, frozen, weights)
    (folder / GRAPH_FILE).write_bytes(frozen.graph.SerializeToString(deterministic=True))
    (folder / TFLITE_FILE).write_bytes(tflite)
    return frozen.feature_size


def _check_size(spec: BackboneSpec, frozen: FrozenBackbone, weights: Path) -> None:
    """Raise ModelError for a file with another network in it that runs all the same."""
    if spec.feature_size not in {0, frozen.feature_size}:
        features = f"{frozen.feature_size} features, {spec.name} has {spec.feature_size}"
        message = f"{weights}: the network in it has {features}."
        raise ModelError(message, hint="Put the right file there, or delete it.")


def freeze(
    network: Callable[[tf.Tensor], tf.Tensor], preprocess: Preprocess, input_node: str = INPUT_NODE
) -> FrozenBackbone:
    """Trace `network`, f32[n, *preprocess.shape] to f32[n, d], and turn variables to constants.

    Only plain operations are left, no functions. Raises ModelError for an output of another shape.
    """
    with _inlined():
        image = tf.TensorSpec((None, *preprocess.shape), tf.float32, input_node)
        concrete = _trace(lambda image: tf.identity(network(image), FEATURES_NODE), image)
    (output,) = concrete.outputs
    if output.dtype != tf.float32 or output.shape.rank != 2 or output.shape[1] is None:
        raise ModelError(f"Features are a vector a picture, not {output.dtype.name}{output.shape}.")
    graph = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
    graph = tf.compat.v1.graph_util.extract_sub_graph(graph, [FEATURES_NODE])
    return FrozenBackbone(graph, output.shape[1], input_node)


def run_graph(
    graph: tf.compat.v1.GraphDef, image: tf.Tensor, node: str, input_node: str = INPUT_NODE
) -> tf.Tensor:
    """Return a node's output for `image`, which takes the place of the input's node."""
    (output,) = tf.import_graph_def(graph, {f"{input_node}:0": image}, [f"{node}:0"], name="")
    return output


def _to_tflite(frozen: FrozenBackbone, preprocess: Preprocess, weights: Path) -> bytes:
    graph = with_plain_weights(frozen.graph)
    image = tf.TensorSpec((1, *preprocess.shape), tf.float32, INPUT_NODE)
    concrete = _trace(
        lambda image: run_graph(graph, image, FEATURES_NODE, frozen.input_node), image
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    try:
        return bytes(converter.convert())
    except Exception as error:  # the converter's own errors have no public type
        message = f"{weights}: this network cannot be converted for LiteRT."
        raise ModelError(message, hint=str(error).partition("\n")[0]) from error


@contextmanager
def _inlined() -> Iterator[None]:
    """Trace into the functions that a network calls; Keras has some that XLA would compile."""
    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(run_eagerly=True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _trace(
    network: Callable[[tf.Tensor], tf.Tensor], image: tf.TensorSpec
) -> tf.types.experimental.ConcreteFunction:
    return tf.function(network, autograph=False).get_concrete_function(image)
