"""Exports made later, from a .pb alone, with or without the pictures it was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from poets.config.label import LabelConfig
from poets.errors import ModelError, UsageError
from poets.evaluation.config import EvaluateConfig
from poets.evaluation.folder import evaluate_folder
from poets.evaluation.folders import match_folders
from poets.evaluation.parts import make_split
from poets.export.config import ExportConfig
from poets.export.exporting import (
    Batch,
    Demands,
    Proofs,
    draw_samples,
    export_all,
    require_pictures,
)
from poets.export.loaded import opened_classifier
from poets.export.noise import noise_pictures
from poets.export.proof import Evidence
from poets.export.table import Exporter
from poets.export.targets import check_targets, placing
from poets.images import find_images
from poets.registry import load
from poets.report import Reporter
from poets.runtimes.model import Model
from poets.runtimes.open import why_no_graph
from poets.runtimes.open_graph import open_graph

_BACKBONE_TFLITE = "poets.export.tflite:write_backbone"  # imports TensorFlow


@dataclass(frozen=True)
class Exported:
    """What was written, and how far its scores are from the graph's."""

    files: Mapping[str, Path]  # by the export's name
    proofs: Mapping[str, Proofs]


def export_graph(graph: Path, config: ExportConfig, reporter: Reporter) -> Exported:
    """Write exports of a .pb that `retrain` wrote, each proved against it.

    Raises PoetsError for whatever a user can mend; nothing is then half-written.
    """
    exporters = config.exporters
    places = _places(graph, exporters, config.output_dir)
    if config.image_dir is None:
        require_pictures(exporters, hint="Name the folder that was trained on: --image_dir FOLDER")
    with opened_classifier(graph) as classifier, placing(places) as targets:
        demands = _demands(graph, config, reporter)
        asked = [exporter.name for exporter in places]
        if "tflite" in asked:
            load(_BACKBONE_TFLITE)(classifier)
        copies = [target.file for target in targets if target.exporter.name == "pb"]
        batch = Batch(targets, asked, copies[0] if copies else graph)
        proofs = export_all(classifier, batch, demands, reporter)
    return Exported({exporter.name: place for exporter, place in places.items()}, proofs)


def _places(
    graph: Path, exporters: Sequence[Exporter], folder: Path | None
) -> Mapping[Exporter, Path]:
    if not graph.is_file():
        raise ModelError(f"{graph}: {why_no_graph(graph)}", hint="Name a .pb that retrain wrote.")
    if graph.suffix == ".tflite":
        raise ModelError(f"{graph} is an export already.", hint="Name the .pb that it came from.")
    beside = graph if folder is None else folder / graph.name
    places = {exporter: exporter.place(beside) for exporter in exporters}
    if any(place.resolve() == graph.resolve() for place in places.values()):
        raise UsageError(f"{graph} would be written over itself.", hint="Name an --output_dir.")
    check_targets([*places.items()])
    return places


def _demands(graph: Path, config: ExportConfig, reporter: Reporter) -> Demands:
    """Ask the graph about its test pictures, or about generated ones."""
    model = open_graph(LabelConfig(graph=graph))
    if config.image_dir is None:
        return Demands(_noise_evidence(model), (), config.max_accuracy_drop)
    told = EvaluateConfig(image_dir=config.image_dir)
    known = evaluate_folder(model, config.image_dir, told, reporter)
    evidence = Evidence(
        [image.path for image in known.images],
        known.evaluation.probabilities,
        known.evaluation.label_ids,
    )
    images = match_folders(find_images(config.image_dir), model, config.image_dir, reporter)
    parts = make_split(model.manifest, told)(images)
    training = [i.path for i, part in zip(images, parts, strict=True) if part == "training"]
    return Demands(evidence, draw_samples(training, seed=0), config.max_accuracy_drop)


def _noise_evidence(model: Model) -> Evidence:
    pictures = noise_pictures(model.preprocess)
    runner = model.make_runner()
    scores = [runner.run(model.preprocess.load(picture)) for picture in pictures]
    return Evidence(pictures, np.stack(scores), None)
