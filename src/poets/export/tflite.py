"""The .tflite with smaller weights: what TensorFlow's converter makes of the joined graph."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from poets.backbones.compile import run_graph
from poets.backbones.compiled import FEATURES_NODE
from poets.backbones.eight_bit import with_plain_weights
from poets.backbones.quiet_tensorflow import quiet_stderr, tf
from poets.classifier import Classifier
from poets.decode import UnreadableImageError
from poets.errors import ModelError, PoetsError
from poets.export.joined import joined_graph
from poets.export.tflite_model import pack
from poets.manifest import Manifest
from poets.preprocess import FloatArray

Converter: TypeAlias = tf.lite.TFLiteConverter


def write_float16(classifier: Classifier, path: Path) -> None:
    """Write the model with weights of 16 bits; it computes with 32."""

    def configure(converter: Converter) -> None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]

    _write(classifier, path, configure)


def write_dynamic(classifier: Classifier, path: Path) -> None:
    """Write the model with large weights of 8 bits; it computes with what each input needs."""

    def configure(converter: Converter) -> None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]

    _write(classifier, path, configure)


def write_int8(classifier: Classifier, path: Path, pictures: Sequence[Path]) -> None:
    """Write the model that computes with 8 bits; `pictures` show what values it will meet.

    Its input and output stay float32, so that it is used as the others are.
    """

    def samples() -> Iterator[list[FloatArray]]:
        for picture in pictures:
            with suppress(UnreadableImageError):
                yield [classifier.manifest.preprocess.load(picture)[np.newaxis]]

    def configure(converter: Converter) -> None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]

    _write(classifier, path, configure)


def write_backbone(classifier: Classifier) -> None:
    """Write the .tflite that a backbone taken out of a .pb does not have."""
    backbone = classifier.backbone
    graph = tf.compat.v1.GraphDef.FromString(backbone.graph_path.read_bytes())
    with quiet_stderr():
        content = convert(with_plain_weights(graph), classifier.manifest, FEATURES_NODE)
    backbone.tflite_path.write_bytes(content)


def _write(classifier: Classifier, path: Path, configure: Callable[[Converter], None]) -> None:
    manifest = classifier.manifest
    with quiet_stderr():
        content = convert(joined_graph(classifier), manifest, manifest.output_name, configure)
    path.write_bytes(pack(schema.ModelT.InitFromPackedBuf(content), manifest))


def convert(
    graph: tf.compat.v1.GraphDef,
    manifest: Manifest,
    output: str,
    configure: Callable[[Converter], None] = lambda _: None,
) -> bytes:
    """Return the .tflite of a graph up to `output`, one picture at a time.

    Raises ModelError where the converter cannot.
    """
    preprocess = manifest.preprocess
    image = tf.TensorSpec((1, *preprocess.shape), tf.float32, "input")
    function = tf.function(
        lambda image: run_graph(graph, image, output, manifest.input_name), autograph=False
    )
    try:
        concrete = function.get_concrete_function(image)
        converter = Converter.from_concrete_functions([concrete])
        configure(converter)
        # It misses the ranges of inputs of 8 bits, which these are not.
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            return bytes(converter.convert())
    except (PoetsError, OSError):
        raise
    except Exception as error:  # the converter's own errors have no public type
        message = "TensorFlow's converter makes no such .tflite of this network."
        raise ModelError(message, hint=str(error).partition("\n")[0]) from error
