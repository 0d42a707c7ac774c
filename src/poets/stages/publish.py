"""Writing what was learned: every file, or none."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from poets import __version__
from poets.backbones.compiled import INPUT_NODE, Backbone
from poets.classifier import Classifier
from poets.config import OutputConfig, RetrainConfig
from poets.errors import UsageError
from poets.evaluate import Evaluation
from poets.export import frozen_graph, litert
from poets.files import check_writable, replacing
from poets.heads.softmax import SoftmaxHead
from poets.labels import encode_labels
from poets.manifest import Manifest


def check_outputs(output: OutputConfig) -> None:
    """Fail before the work, not after it; raises UsageError and OutputError."""
    graph, labels = output.output_graph, output.output_labels
    if graph.suffix == ".tflite":
        hint = "Name a .pb; the .tflite is written beside it."
        raise UsageError(f"--output_graph {graph} is the place of the .tflite.", hint=hint)
    if labels in {graph, graph.with_suffix(".tflite")}:
        raise UsageError(f"--output_labels {labels} is the place of the graph.")
    for path in (graph, graph.with_suffix(".tflite"), labels):
        check_writable(path)
    check_writable(output.summaries_dir / "train" / "events")
    if output.intermediate_store_frequency:
        check_writable(output.intermediate_output_graphs_dir / "intermediate_1.pb")
    if output.checkpoint_path is not None:
        check_writable(output.checkpoint_path)


def describe(labels: tuple[str, ...], backbone: Backbone, config: RetrainConfig) -> Manifest:
    """Return the manifest of a graph that is not tested yet."""
    return Manifest(
        labels=labels,
        preprocess=backbone.preprocess,
        input_name=INPUT_NODE,
        output_name=config.output.final_tensor_name,
        architecture=backbone.architecture,
        backbone_digest=backbone.digest,
        poets_version=__version__,
        training=asdict(config.train) | asdict(config.data.split) | asdict(config.distort),
    )


def publish(
    head: SoftmaxHead, backbone: Backbone, evaluation: Evaluation, config: RetrainConfig
) -> Mapping[str, Path]:
    """Write the graph, its .tflite and its labels; return each by what it is.

    All are written beside their places before one takes its own. Raises OutputError.
    """
    manifest = replace(
        describe(evaluation.labels, backbone, config),
        test_accuracy=evaluation.accuracy if evaluation.n else None,
        test_images=evaluation.n,
    )
    classifier = Classifier(backbone, head, manifest)
    labels = config.output.output_labels
    graph = config.output.output_graph
    tflite = graph.with_suffix(".tflite")
    with ExitStack() as stack:
        partial_graph, partial_tflite, partial_labels = (
            stack.enter_context(replacing(path)) for path in (graph, tflite, labels)
        )
        frozen_graph.export(classifier, partial_graph)
        digest = hashlib.sha256(partial_graph.read_bytes()).hexdigest()
        speaking = replace(classifier, manifest=replace(manifest, graph_sha256=digest))
        litert.export(speaking, partial_tflite)
        partial_labels.write_bytes(encode_labels(evaluation.labels))
    return {"graph": graph, "tflite": tflite, "labels": labels}
