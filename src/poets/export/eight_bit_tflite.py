"""A .tflite with 8-bit weights, made of one of our graphs by TensorFlow's converter."""

import hashlib
from dataclasses import replace
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from poets.backbones.eight_bit import with_plain_weights
from poets.backbones.quiet_tensorflow import quiet_stderr, tf
from poets.errors import ModelError
from poets.export.eight_bit_graph import read_outputs
from poets.export.frozen_graph import manifest_of
from poets.export.tflite import convert
from poets.export.tflite_model import attach, pack
from poets.manifest import read_zip_manifest


def write(source: Path, outputs: tuple[str, ...], path: Path) -> None:
    """Write the model, labels and manifest inside; raises ModelError for a graph from elsewhere."""
    graph = read_outputs(_graph_of(source), outputs)
    manifest = manifest_of(graph)
    if manifest is None:
        raise ModelError(
            f"{source} does not say what pictures it takes: `retrain` did not write it.",
            hint="Name a .pb with --output; that one needs no more than the graph.",
        )
    definition = tf.compat.v1.GraphDef.FromString(graph.SerializeToString())
    with quiet_stderr():
        plain = with_plain_weights(definition)
        content = convert(plain, manifest, manifest.output_name, _with_small_weights)
    untested = replace(manifest, test_accuracy=None, test_images=0, graph_sha256="")
    path.write_bytes(pack(schema.ModelT.InitFromPackedBuf(content), untested))
    attach(untested, path)


def _with_small_weights(converter: tf.lite.TFLiteConverter) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]


def _graph_of(source: Path) -> Path:
    """Return the .pb that a .tflite of ours was written with; any other file as it is."""
    manifest = read_zip_manifest(source)
    if manifest is None:
        return source
    graph = source.with_suffix(".pb")
    if graph.is_file() and hashlib.sha256(graph.read_bytes()).hexdigest() == manifest.graph_sha256:
        return graph
    message = f"{source} is converted already; {graph}, which it was written with, is not there."
    raise ModelError(message, hint="Name the .pb with --input.")
