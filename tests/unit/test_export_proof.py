"""Exports that have to say what the trained head says, and what happens to those that do not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.classifier import Classifier
from poets.errors import AccuracyError, DataError, ModelError
from poets.export.exporting import (
    SAMPLES,
    Batch,
    Demands,
    Proofs,
    Target,
    draw_samples,
    export_all,
)
from poets.export.noise import noise_pictures
from poets.export.proof import Evidence, Picture, Proof, prove
from poets.export.reread import reread_graph, reread_tflite
from poets.export.table import EXPORTERS, Exporter
from poets.export.targets import placing
from poets.heads.softmax import SoftmaxHead
from poets.manifest import Manifest, read_zip_manifest
from poets.preprocess import FloatArray, Preprocess
from poets.report import Reporter
from poets.runtimes.litert import LiteRTRunner
from tests.support.archives import tree
from tests.support.backbones import FEATURE_SIZE, PREPROCESS, tiny_backbone
from tests.support.features import features_of
from tests.support.pictures import encoded, gradient

LABELS = ("daisy", "roses", "tulips")
TFLITE = EXPORTERS["tflite"]
REDUCED = replace(TFLITE, reduced=True)
SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)


def head(seed: int = 0) -> SoftmaxHead:
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 4, (FEATURE_SIZE, len(LABELS))).astype(np.float32)
    return SoftmaxHead(weights, np.zeros(len(LABELS), np.float32))


@pytest.fixture
def classifier(tmp_path: Path) -> Classifier:
    backbone = tiny_backbone(tmp_path / "backbone")
    manifest = Manifest(
        labels=LABELS,
        preprocess=PREPROCESS,
        input_name="input",
        output_name="final_result",
        architecture=backbone.architecture,
        backbone_digest=backbone.digest,
        poets_version="0",
    )
    return Classifier(backbone, head(), manifest)


def evidence_of(classifier: Classifier) -> Evidence:
    """What the head says of generated pictures, and its best labels as the true ones."""
    pictures = noise_pictures(PREPROCESS)
    runner = LiteRTRunner(classifier.backbone.tflite_path)
    features = np.stack([runner.run(PREPROCESS.load(picture)) for picture in pictures])
    scores = classifier.head.probabilities(features)
    return Evidence(pictures, scores, scores.argmax(axis=1))


def export(
    classifier: Classifier, evidence: Evidence, path: Path, exporter: Exporter = TFLITE
) -> Proofs:
    path.with_suffix(".pb").write_bytes(b"the graph")
    batch = Batch([Target(exporter, path, path)], ["tflite"], path.with_suffix(".pb"))
    return export_all(classifier, batch, Demands(evidence, (), 2.0), Reporter())["tflite"]


def compare(said: Sequence[FloatArray | None], label_ids: Sequence[int] | None = None) -> Proof:
    """Let a runtime say this of pictures whose scores by the head are SCORES."""
    answers = iter(said)
    content = encoded(gradient())
    truth = None if label_ids is None else np.array(label_ids)
    evidence = Evidence([content] * len(SCORES), SCORES, truth)
    proofs = prove({"": lambda _: next(answers)}, evidence, Preprocess(8, 8, 0, 1), Reporter())
    return proofs[""]


def test_an_export_that_says_the_same_is_proved(classifier: Classifier, tmp_path: Path) -> None:
    proof = export(classifier, evidence_of(classifier), tmp_path / "graph.tflite")["scores"]

    assert proof.pictures == 8
    assert proof.max_difference < 1e-6
    assert (proof.accuracy, proof.accuracy_lost) == (1.0, 0.0)


def test_the_manifest_keeps_the_proof(classifier: Classifier, tmp_path: Path) -> None:
    proofs = export(classifier, evidence_of(classifier), tmp_path / "graph.tflite")

    manifest = read_zip_manifest(tmp_path / "graph.tflite")

    assert manifest is not None
    assert manifest.export == {"format": "tflite", "scores": proofs["scores"].to_dict()}


def test_an_export_of_another_head_is_refused(classifier: Classifier, tmp_path: Path) -> None:
    others = evidence_of(replace(classifier, head=head(seed=1)))

    with pytest.raises(ModelError, match=r"tflite: its scores differ from the trained head's by"):
        export(classifier, others, tmp_path / "graph.tflite")


def test_a_reduced_export_that_loses_too_much_is_refused(
    classifier: Classifier, tmp_path: Path
) -> None:
    others = evidence_of(replace(classifier, head=head(seed=1)))

    with pytest.raises(AccuracyError, match=r"tflite loses \d.* more than --max_accuracy_drop 2\."):
        export(classifier, others, tmp_path / "graph.tflite", REDUCED)


def test_a_refused_export_leaves_the_old_file_and_nothing_else(
    classifier: Classifier, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "graph.tflite").write_bytes(b"old")
    others = evidence_of(replace(classifier, head=head(seed=1)))

    def refused() -> None:
        with placing({REDUCED: folder / "graph.tflite"}) as targets:
            batch = Batch(targets, ["tflite"], classifier.backbone.graph_path)
            export_all(classifier, batch, Demands(others, (), 2.0), Reporter())

    with pytest.raises(AccuracyError, match="Nothing was exported"):
        refused()
    assert tree(folder) == {"graph.tflite": b"old"}


def test_a_reduced_export_may_differ_while_it_names_as_well(
    classifier: Classifier, tmp_path: Path
) -> None:
    known = evidence_of(classifier)
    softer = replace(known, scores=0.9 * known.scores + np.float32(0.1 / len(LABELS)))

    proof = export(classifier, softer, tmp_path / "graph.tflite", REDUCED)["scores"]

    assert proof.max_difference > 1e-3
    assert proof.accuracy_lost == 0.0
    manifest = read_zip_manifest(tmp_path / "graph.tflite")
    assert manifest is not None
    assert (manifest.test_accuracy, manifest.test_images) == (1.0, 8)  # its own


@pytest.mark.parametrize("exporter", [TFLITE, REDUCED], ids=["exact", "reduced"])
def test_scores_that_are_no_numbers_prove_nothing(
    classifier: Classifier, tmp_path: Path, exporter: Exporter
) -> None:
    weights = np.full_like(classifier.head.weights, np.nan)
    broken = replace(classifier, head=replace(classifier.head, weights=weights))

    with pytest.raises(ModelError, match="its scores are no numbers"):
        export(broken, evidence_of(classifier), tmp_path / "graph.tflite", exporter)


def test_a_proof_counts_points_and_distances() -> None:
    said = SCORES.copy()
    said[0] = [0.4, 0.6]

    proof = compare(list(said), [0, 1, 0, 1])

    assert proof.max_difference == pytest.approx(0.5)
    assert proof.mean_difference == pytest.approx(0.125)
    assert (proof.accuracy, proof.accuracy_lost) == (0.5, 25.0)


def test_an_export_may_even_gain() -> None:
    said = SCORES.copy()
    said[3] = [0.4, 0.6]

    assert compare(list(said), [0, 1, 0, 1]).accuracy_lost == -25.0


def test_pictures_that_a_runtime_cannot_read_are_counted_and_left_out() -> None:
    proof = compare([SCORES[0], None, SCORES[2], None], [0, 1, 0, 1])

    assert (proof.pictures, proof.unreadable) == (2, 2)
    assert proof.max_difference == 0.0
    assert proof.accuracy == 1.0


def test_a_runtime_that_reads_nothing_has_no_figures() -> None:
    proof = compare([None] * 4, [0, 1, 0, 1])

    assert (proof.pictures, proof.unreadable, proof.accuracy) == (0, 4, None)
    assert np.isnan(proof.max_difference)


def test_without_labels_there_is_no_accuracy() -> None:
    assert compare(list(SCORES)).accuracy_lost is None


def test_a_test_picture_that_is_gone_is_named(classifier: Classifier, tmp_path: Path) -> None:
    gone = replace(evidence_of(classifier), pictures=[tmp_path / "gone.jpg"])

    with pytest.raises(DataError, match=r"gone\.jpg: no such file"):
        export(classifier, gone, tmp_path / "graph.tflite")


def test_runtimes_get_the_file_and_what_the_network_takes() -> None:
    seen: list[Picture] = []

    def look(picture: Picture) -> FloatArray:
        seen.append(picture)
        first: FloatArray = SCORES[0]
        return first

    content, preprocess = encoded(gradient()), Preprocess(8, 6, 10.0, 2.0)
    prove({"": look}, Evidence([content], SCORES[:1], None), preprocess, Reporter())

    assert seen[0].content == content
    np.testing.assert_array_equal(seen[0].values, preprocess.load(content))


def test_generated_pictures_are_alike_each_time_and_fit_the_network() -> None:
    preprocess = Preprocess(40, 50, 0.0, 1.0)
    pictures = noise_pictures(preprocess)

    assert pictures == noise_pictures(preprocess)
    assert len(set(pictures)) == len(pictures) == 8
    assert preprocess.load(pictures[0]).std() > 20.0


def test_samples_are_few_each_once_and_the_same_for_the_same_seed() -> None:
    paths = [Path(f"{number % 150}.jpg") for number in range(300)]

    samples = draw_samples(paths, seed=3)

    assert len(samples) == len(set(samples)) == SAMPLES
    assert samples == draw_samples(paths[::-1], seed=3) != draw_samples(paths, seed=4)
    assert sorted(draw_samples(paths[:5], seed=3)) == sorted(paths[:5])


def test_files_of_every_run_are_read_again(classifier: Classifier, tmp_path: Path) -> None:
    testing = features_of(np.random.default_rng(0).normal(0, 1, (9, FEATURE_SIZE)), [0, 1, 2] * 3)
    other = replace(classifier, head=head(seed=1))
    for name in ("pb", "tflite"):
        batch = Batch(
            [Target(EXPORTERS[name], tmp_path, tmp_path / f"g.{name}")], [], tmp_path / "g.pb"
        )
        export_all(other, batch, Demands(evidence_of(other), (), 0.0), Reporter())

    reread_graph(tmp_path / "g.pb", other, testing)
    reread_tflite(tmp_path / "g.tflite", other)
    with pytest.raises(ModelError, match=r"g\.pb does not score as the trained head does"):
        reread_graph(tmp_path / "g.pb", classifier, testing)
    with pytest.raises(ModelError, match=r"g\.tflite does not score as the trained head does"):
        reread_tflite(tmp_path / "g.tflite", classifier)
