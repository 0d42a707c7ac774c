"""From weights to files that need no TensorFlow: a frozen graph and the same for LiteRT."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from poets.backbones.compiled import (
    FEATURES_NODE,
    GRAPH_FILE,
    INFO_FILE,
    INPUT_NODE,
    TFLITE_FILE,
)
from poets.backbones.quiet_tensorflow import (
    convert_variables_to_constants_v2,
    keras,
    quiet_stderr,
    tf,
)
from poets.backbones.spec import BackboneSpec
from poets.errors import ModelError
from poets.preprocess import Preprocess
from poets.registry import load


@dataclass(frozen=True)
class FrozenBackbone:
    """A network without variables or functions, for any number of pictures at once."""

    graph: tf.compat.v1.GraphDef  # `input` f32[-1, height, width, 3] to `features` f32[n, d]
    feature_size: int


def compile_backbone(spec: BackboneSpec, weights: Path, folder: Path) -> None:
    """Write the network of `spec` into `folder`: graph, LiteRT model, description.

    Same weights, same bytes. Raises ModelError where `weights` is broken.
    """
    with quiet_stderr():
        keras.backend.clear_session()  # it counts names, and they end up in the graph
        frozen = load(spec.maker)(spec, weights)
        tflite = _to_tflite(frozen, spec.preprocess, weights)
    (folder / GRAPH_FILE).write_bytes(frozen.graph.SerializeToString(deterministic=True))
    (folder / TFLITE_FILE).write_bytes(tflite)
    info = {
        "architecture": spec.name,
        "preprocess": spec.preprocess.to_dict(),
        "feature_size": frozen.feature_size,
    }
    (folder / INFO_FILE).write_text(json.dumps(info, indent=1, sort_keys=True) + "\n")


def freeze(network: Callable[[tf.Tensor], tf.Tensor], preprocess: Preprocess) -> FrozenBackbone:
    """Trace `network`, f32[n, height, width, 3] to f32[n, d], and turn its variables to constants.

    Raises ModelError where its output has another shape.
    """
    concrete = _trace(lambda image: tf.identity(network(image), FEATURES_NODE), None, preprocess)
    (output,) = concrete.outputs
    if output.dtype != tf.float32 or output.shape.rank != 2 or output.shape[1] is None:
        raise ModelError(f"Features are a vector a picture, not {output.dtype.name}{output.shape}.")
    graph = convert_variables_to_constants_v2(concrete).graph.as_graph_def()
    graph = tf.compat.v1.graph_util.extract_sub_graph(graph, [FEATURES_NODE])
    return FrozenBackbone(graph, output.shape[1])


def run_graph(graph: tf.compat.v1.GraphDef, image: tf.Tensor, node: str) -> tf.Tensor:
    """Return a node's output for `image`, which takes the place of the node `input`."""
    (output,) = tf.import_graph_def(graph, {f"{INPUT_NODE}:0": image}, [f"{node}:0"], name="")
    return output


def _to_tflite(frozen: FrozenBackbone, preprocess: Preprocess, weights: Path) -> bytes:
    concrete = _trace(lambda image: run_graph(frozen.graph, image, FEATURES_NODE), 1, preprocess)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    try:
        return bytes(converter.convert())
    except Exception as error:  # the converter's own errors have no public type
        message = f"{weights}: this network cannot be converted for LiteRT."
        raise ModelError(message, hint=str(error).partition("\n")[0]) from error


def _trace(
    network: Callable[[tf.Tensor], tf.Tensor], batch: int | None, preprocess: Preprocess
) -> tf.types.experimental.ConcreteFunction:
    shape = [batch, preprocess.height, preprocess.width, 3]
    image = tf.TensorSpec(shape, tf.float32, INPUT_NODE)
    return tf.function(network, autograph=False).get_concrete_function(image)
