"""Writing exports and proving each one, before any of them takes its place."""

import hashlib
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from poets.classifier import Classifier
from poets.errors import AccuracyError, ModelError, UsageError
from poets.export.proof import MAX_DIFFERENCE, Evidence, Proof, Runtime, prove
from poets.export.table import Exporter
from poets.files import output_errors
from poets.manifest import Manifest
from poets.registry import load
from poets.report import Reporter

Proofs: TypeAlias = Mapping[str, Proof]  # by runtime
SAMPLES = 100  # training pictures that show a calibrated export what values it will meet
NOTHING = "Nothing was exported."
_FAULT = "This is a fault of the converter's or of poets': leave this export out, and report it."


@dataclass(frozen=True)
class Demands:
    """What exports are made with, and what they have to stand up to."""

    evidence: Evidence
    samples: Sequence[Path]  # training pictures
    max_accuracy_drop: float  # in points


@dataclass(frozen=True)
class Target:
    """An export to write."""

    exporter: Exporter
    place: Path
    file: Path  # beside the place, until it is proved


@dataclass(frozen=True)
class Batch:
    """The exports to write at once."""

    targets: Sequence[Target]  # a .pb before the .tflite that speaks for it
    asked: Collection[str]  # the names of those to prove with pictures
    graph: Path  # the .pb that a .tflite speaks for: a target's file, or one that is there


def export_all(
    classifier: Classifier, batch: Batch, demands: Demands, reporter: Reporter
) -> Mapping[str, Proofs]:
    """Write every file, prove those that were asked for, and put the manifest into each.

    Raises ModelError for what cannot be made or has other scores than the trained head,
    AccuracyError for a reduced export that loses more than it may, and OutputError.
    """
    for target in batch.targets:
        if target.exporter.name in batch.asked:
            reporter.exporting(target.exporter.name)
        with output_errors(target.place):
            _write(target, classifier, demands)
    manifest = classifier.manifest
    proofs: Mapping[str, Proofs] = {}
    if batch.asked:
        asked = [target for target in batch.targets if target.exporter.name in batch.asked]
        proofs = _prove(asked, manifest, demands, reporter)
    for target in batch.targets:
        said = _proved(manifest, target.exporter, proofs.get(target.exporter.name, {}))
        if target.exporter.name == "tflite":  # the only one whose scores are the graph's own
            said = replace(said, graph_sha256=_sha256(batch.graph))
        with output_errors(target.place):
            load(target.exporter.attach)(said, target.file)
    return proofs


def draw_samples(training: Sequence[Path], seed: int) -> list[Path]:
    """Return some of the training pictures, each once, the same ones for the same seed."""
    paths = sorted(set(training))
    rows = np.random.default_rng(seed).permutation(len(paths))[:SAMPLES]
    return [paths[row] for row in rows]


def require_pictures(exporters: Sequence[Exporter], hint: str) -> None:
    """Raise UsageError for exports that only labelled pictures can prove."""
    reduced = ", ".join(exporter.name for exporter in exporters if exporter.reduced)
    if reduced:
        raise UsageError(f"{reduced}: what it loses is measured on test pictures.", hint=hint)


def _write(target: Target, classifier: Classifier, demands: Demands) -> None:
    write: Callable[..., None] = load(target.exporter.write)
    if target.exporter.calibrated:
        write(classifier, target.file, demands.samples)
    else:
        write(classifier, target.file)


def _prove(
    targets: Sequence[Target], manifest: Manifest, demands: Demands, reporter: Reporter
) -> Mapping[str, Proofs]:
    """Open each file with its own runtime and let all of them label the same pictures."""
    runtimes: dict[tuple[Exporter, str], Runtime] = {
        (target.exporter, way): runtime
        for target in targets
        for way, runtime in load(target.exporter.open)(target.file, manifest).items()
    }
    proofs: dict[str, dict[str, Proof]] = {target.exporter.name: {} for target in targets}
    proved = prove(runtimes, demands.evidence, manifest.preprocess, reporter)
    for (exporter, way), proof in proved.items():
        if way not in exporter.decoding:
            _check(exporter, proof, demands.max_accuracy_drop)
        proofs[exporter.name][way] = proof
    return proofs


def _check(exporter: Exporter, proof: Proof, max_accuracy_drop: float) -> None:
    if not math.isfinite(proof.max_difference):
        raise ModelError(f"{exporter.name}: its scores are no numbers. {NOTHING}", hint=_FAULT)
    if not exporter.reduced and proof.max_difference > MAX_DIFFERENCE:
        difference = f"by {proof.max_difference:.2g}, more than {MAX_DIFFERENCE:g}"
        message = f"{exporter.name}: its scores differ from the trained head's {difference}."
        raise ModelError(f"{message} {NOTHING}", hint=_FAULT)
    lost = proof.accuracy_lost
    if exporter.reduced and lost is not None and lost > max_accuracy_drop:
        message = f"{exporter.name} loses {lost:.1f} points of accuracy (N={proof.pictures})"
        raise AccuracyError(
            f"{message}, more than --max_accuracy_drop {max_accuracy_drop:g}. {NOTHING}",
            hint=f"Leave {exporter.name} out, or allow --max_accuracy_drop {math.ceil(lost)}.",
        )


def _proved(manifest: Manifest, exporter: Exporter, proofs: Proofs) -> Manifest:
    """Return the manifest that says how the export was proved."""
    if not proofs:
        return replace(manifest, export={})
    said = {way: proof.to_dict() for way, proof in proofs.items()}
    proved = replace(manifest, export={"format": exporter.name, **said})
    if not exporter.reduced:
        return proved
    (own,) = proofs.values()
    return replace(proved, test_accuracy=own.accuracy, test_images=own.pictures)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
