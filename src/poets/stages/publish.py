"""Writing what was learned: every file, or none."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from poets import __version__
from poets.backbones.compiled import Backbone
from poets.classifier import Classifier
from poets.config.data import DataConfig
from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import Features
from poets.errors import AccuracyError, UsageError
from poets.evaluation.scores import Evaluation, evaluate
from poets.export import frozen_graph
from poets.export.exporting import (
    NOTHING,
    Batch,
    Demands,
    Proofs,
    draw_samples,
    export_all,
    require_pictures,
)
from poets.export.noise import noise_pictures
from poets.export.proof import Evidence
from poets.export.reread import reread_graph, reread_tflite
from poets.export.table import ALWAYS, EXPORTERS, Exporter
from poets.export.targets import check_places, check_targets, placing
from poets.files import check_writable, replacing
from poets.heads.softmax import SoftmaxHead
from poets.images import keep_out_of_pictures
from poets.labels import encode_labels
from poets.manifest import Manifest
from poets.report import Reporter
from poets.runtimes.litert import LiteRTRunner
from poets.unknown import learn_familiar


@dataclass(frozen=True)
class Learned:
    """What a training ended with."""

    head: SoftmaxHead  # of raw features
    backbone: Backbone
    training: Features
    validation: Features
    testing: Features
    evaluation: Evaluation  # of the head on `testing`

    @cached_property
    def validated(self) -> Evaluation:
        """What the head makes of `validation`."""
        return evaluate(self.head, self.validation, self.evaluation.labels)


@dataclass(frozen=True)
class Published:
    """What was written."""

    files: Mapping[str, Path]  # by the export's name; and `labels`
    proofs: Mapping[str, Proofs]  # of the exports that were asked for


def check_outputs(output: OutputConfig, data: DataConfig) -> None:
    """Fail before the work, not after it; raises UsageError and OutputError."""
    graph = output.output_graph
    keep_out_of_pictures([graph, output.output_labels], data.image_dir)
    frozen_graph.check_name(output.final_tensor_name)
    check_writable(graph)  # a folder, "." for one, may have no name that a suffix could be put to
    if graph.suffix == ".tflite":
        hint = "Name a .pb; the .tflite is written beside it."
        raise UsageError(f"--output_graph {graph} is the place of the .tflite.", hint=hint)
    exports = places_of(output)
    named = [(exporter.name, place) for exporter, place in exports.items()]
    check_places([*named, ("the labels file", output.output_labels)])
    check_targets([*exports.items()])
    check_writable(output.output_labels)
    check_writable(output.summaries_dir / "train" / "events")
    if output.intermediate_store_frequency:
        check_writable(output.intermediate_output_graphs_dir / "intermediate_1.pb")
    if output.checkpoint_path is not None:
        check_writable(output.checkpoint_path)
    if not data.split.testing_percentage:
        require_pictures(output.exporters, hint="Keep some: --testing_percentage 10")


def with_eight_bits(config: RetrainConfig, backbone: Backbone) -> RetrainConfig:
    """Ask for an 8-bit export too, where a `_quantized` name stands for a network of floats."""
    names = [exporter.name for exporter in config.output.exporters]
    tested = config.data.split.testing_percentage  # what it loses is measured
    if not backbone.quantized or _EIGHT_BITS in names or not tested or _has_8_bits(backbone):
        return config
    # The codelab's command line has no gate: what 8 bits cost is told, and stops nothing.
    allowed = config.output.max_accuracy_drop if names else 100.0
    exports = ",".join([*names, _EIGHT_BITS])
    output = replace(config.output, export=exports, max_accuracy_drop=allowed)
    return replace(config, output=output)


def _has_8_bits(backbone: Backbone) -> bool:
    graph = frozen_graph.read_graph(backbone.graph_path)
    return any(node.op == "Dequantize" for node in graph.node)


def places_of(output: OutputConfig) -> Mapping[Exporter, Path]:
    """Return where each export goes, the .pb first."""
    rows = dict.fromkeys([*(EXPORTERS[name] for name in ALWAYS), *output.exporters])
    places = {exporter: exporter.place(output.output_graph) for exporter in rows}
    if output.saved_model_dir is not None:
        places[EXPORTERS["saved_model"]] = output.saved_model_dir
    return places


def describe(labels: tuple[str, ...], backbone: Backbone, config: RetrainConfig) -> Manifest:
    """Return the manifest of a graph that is not tested yet."""
    return Manifest(
        labels=labels,
        preprocess=backbone.preprocess,
        input_name=backbone.input_node,
        output_name=config.output.final_tensor_name,
        architecture=backbone.architecture,
        backbone_digest=backbone.digest,
        poets_version=__version__,
        training=_settings(config),
    )


def _settings(config: RetrainConfig) -> dict[str, Any]:
    parts = (config.train, config.head, config.data.split, config.distort, config.fine_tune)
    return {name: value for part in parts for name, value in asdict(part).items()}


def publish(learned: Learned, config: RetrainConfig, reporter: Reporter) -> Published:
    """Write the graph, its .tflite, its labels and what else was asked for.

    All are written beside their places, and proved, before one takes its own. Raises
    AccuracyError for an export that loses too much, ModelError and OutputError.
    """
    output = config.output
    classifier = _classifier(learned, config)
    places = places_of(output)
    with replacing(output.output_labels) as labels, placing(places) as targets:
        files = {target.exporter.name: target.file for target in targets}
        asked = [exporter.name for exporter in output.exporters]
        demands = _demands(learned, config) if asked else _NO_DEMANDS
        batch = Batch(targets, asked, files["pb"])
        proofs = export_all(classifier, batch, demands, reporter)
        reread_graph(files["pb"], classifier, learned.testing)
        reread_tflite(files["tflite"], classifier)
        labels.write_bytes(encode_labels(learned.evaluation.labels))
    written = {exporter.name: place for exporter, place in places.items()}
    return Published(written | {"labels": output.output_labels}, proofs)


def check_gate(evaluation: Evaluation, gate: float | None) -> None:
    """Raise AccuracyError for a test accuracy below the gate that was asked for."""
    if gate is None:
        return
    asked = f"--assert_accuracy_at_least {gate:g}"
    if not evaluation.n:
        message = f"the test accuracy is unknown: no pictures were kept for testing, and {asked}."
        raise AccuracyError(f"{message} {NOTHING}", hint="--testing_percentage 10")
    if evaluation.accuracy < gate:
        share = f"{evaluation.accuracy:.4g} (N={evaluation.n})"
        message = f"the test accuracy of {share} is below {asked}. {NOTHING}"
        raise AccuracyError(message, hint="`poets check` looks for pictures that may mislead.")


def _classifier(learned: Learned, config: RetrainConfig) -> Classifier:
    evaluation = learned.evaluation
    manifest = replace(
        describe(evaluation.labels, learned.backbone, config),
        test_accuracy=evaluation.accuracy if evaluation.n else None,
        test_images=evaluation.n,
        familiar=_familiar(learned),
    )
    return Classifier(learned.backbone, learned.head, manifest)


def _familiar(learned: Learned) -> dict[str, Any]:
    """Return what --unknown goes by; nothing where too little is known for it."""
    depth = 1 if learned.head.hidden is None else 2
    familiar = learn_familiar(learned.training, learned.validation, depth)
    return {} if familiar is None else familiar.to_dict()


def _demands(learned: Learned, config: RetrainConfig) -> Demands:
    training = [image.path for image in learned.training.images]
    samples = draw_samples(training, config.train.seed)
    return Demands(_evidence(learned, config), samples, config.output.max_accuracy_drop)


def _evidence(learned: Learned, config: RetrainConfig) -> Evidence:
    evaluation = learned.evaluation
    if evaluation.n:
        paths = [image.path for image in learned.testing.images]
        return Evidence(paths, evaluation.probabilities, evaluation.label_ids)
    require_pictures(config.output.exporters, hint="Add pictures until some are kept for testing.")
    preprocess = learned.backbone.preprocess
    pictures = noise_pictures(preprocess)
    runner = LiteRTRunner(learned.backbone.tflite_path)
    features = np.stack([runner.run(preprocess.load(picture)) for picture in pictures])
    return Evidence(pictures, learned.head.probabilities(features), None)


_EIGHT_BITS = "tflite_dynamic"
_NO_DEMANDS = Demands(Evidence((), np.empty((0, 0), np.float32), None), (), 0.0)
