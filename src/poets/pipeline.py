"""The story of `retrain` in one screen."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from poets import __version__
from poets.backbones.compiled import INPUT_NODE, Backbone, open_backbone
from poets.backbones.spec import BackboneSpec
from poets.backbones.table import BACKBONES, find_backbone
from poets.classifier import Classifier
from poets.config import BackboneConfig, DataConfig, OutputConfig, RetrainConfig
from poets.dataset import Dataset, make_dataset
from poets.errors import DataError, ModelError, UnavailableError, UsageError
from poets.evaluate import Evaluation, evaluate, sample
from poets.export import frozen_graph, litert
from poets.features.cache import FeatureCache
from poets.features.extract import Extraction, extract_features
from poets.files import check_writable, replacing
from poets.heads.softmax import SoftmaxHead
from poets.images import LAYOUT_HINT, MIN_ADVISED, LabeledImage, count_labels, find_images
from poets.labels import encode_labels
from poets.manifest import Manifest
from poets.report import Reporter, StepReport
from poets.summaries import training_summaries
from poets.train import StepState, fit


@dataclass(frozen=True)
class RetrainResult:
    """What a training ended with."""

    evaluation: Evaluation
    files: Mapping[str, Path]  # what was written, by what it is


def retrain(config: RetrainConfig, reporter: Reporter) -> RetrainResult:
    """Train a new head on a folder of pictures and write the joined graph.

    Raises PoetsError for whatever a user can mend; nothing is then half-written.
    """
    _check_outputs(config.output)
    spec = find_backbone(config.backbone.architecture, config.backbone.image_size)
    images = _look_for_images(config.data, reporter)
    backbone = _get_backbone(spec, config.backbone, reporter)
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        extraction = extract_features(images, backbone, cache, reporter)
    _check_extraction(extraction, images, config.data, reporter)
    dataset = make_dataset(extraction.images, extraction.values, config.data.split)
    head = _train(dataset, backbone, config, reporter)
    testing = sample(dataset.testing, config.train.test_batch_size, config.train.seed)
    evaluation = evaluate(head, testing, dataset.labels)
    manifest = _manifest(backbone, evaluation, config)
    files = _write(Classifier(backbone, head, manifest), config.output)
    return RetrainResult(evaluation, files)


def _check_outputs(output: OutputConfig) -> None:
    """Fail before the work, not after it."""
    graph, labels = output.output_graph, output.output_labels
    if graph.suffix == ".tflite":
        hint = "Name a .pb; the .tflite is written beside it."
        raise UsageError(f"--output_graph {graph} is the place of the .tflite.", hint=hint)
    if labels in {graph, graph.with_suffix(".tflite")}:
        raise UsageError(f"--output_labels {labels} is the place of the graph.")
    for path in (graph, graph.with_suffix(".tflite"), labels):
        check_writable(path)
    check_writable(output.summaries_dir / "train" / "events")


def _look_for_images(data: DataConfig, reporter: Reporter) -> tuple[LabeledImage, ...]:
    reporter.looking_for_images(data.image_dir)
    images = find_images(data.image_dir)
    counts = count_labels(images)
    reporter.images_found(counts)
    require_two_labels(counts, data.image_dir)
    return images


def require_two_labels(counts: Mapping[str, int], image_dir: Path) -> None:
    """Raise DataError where there is nothing to tell apart."""
    if len(counts) < 2:
        found = f"Only one valid folder of images found at {image_dir}"
        hint = "Add a sub-folder with pictures of something else."
        raise DataError(f"{found} - multiple classes are needed for classification.", hint=hint)


def _get_backbone(spec: BackboneSpec, config: BackboneConfig, reporter: Reporter) -> Backbone:
    """Open the backbone; where it cannot be had, say which ones can."""
    try:
        backbone = open_backbone(spec, config.model_dir, reporter)
    except UnavailableError as error:
        here = [name for name, other in BACKBONES.items() if other.source.digest(config.model_dir)]
        hint = f"Works now, without a network: {', '.join(here)}. {error.hint}"
        raise ModelError(str(error), hint=hint) from error
    reporter.backbone(str(backbone), spec.source.describe())
    return backbone


def _check_extraction(
    extraction: Extraction,
    images: tuple[LabeledImage, ...],
    data: DataConfig,
    reporter: Reporter,
) -> None:
    if extraction.skipped and data.strict:
        listed = "\n".join(f"  {skipped}" for skipped in extraction.skipped)
        hint = "Mend or remove them, or leave --strict out to skip them."
        raise DataError(f"Files that are no readable pictures:\n{listed}", hint=hint)
    counts = count_labels(extraction.images)
    for label in count_labels(images):
        if label not in counts:
            reporter.warning(f"{label}: no readable picture; it is not a label.")
        elif counts[label] < MIN_ADVISED:
            reporter.warning(
                f"{label}: {counts[label]} pictures; fewer than {MIN_ADVISED} may cause trouble."
            )
    if not counts:
        raise DataError(f"No valid folders of images found at {data.image_dir}", hint=LAYOUT_HINT)
    require_two_labels(counts, data.image_dir)


def _train(
    dataset: Dataset, backbone: Backbone, config: RetrainConfig, reporter: Reporter
) -> SoftmaxHead:
    steps = config.train.how_many_training_steps
    graph = frozen_graph.read_graph(backbone.graph_path)
    with (
        training_summaries(config.output.summaries_dir, graph) as summaries,
        reporter.progress("Training", steps, "steps") as advance,
    ):

        def report(state: StepState) -> None:
            if state.evaluation is not None:
                reporter.step(_step_report(state))
            advance(1)

        return fit(dataset, config.train, [summaries, report])


def _step_report(state: StepState) -> StepReport:
    assert state.evaluation is not None
    training, validation = state.evaluation.training, state.evaluation.validation
    return StepReport(
        step=state.step,
        train_accuracy=training.accuracy,
        cross_entropy=training.cross_entropy,
        validation_accuracy=validation.accuracy if validation else None,
        n_validation=validation.n if validation else 0,
    )


def _manifest(backbone: Backbone, evaluation: Evaluation, config: RetrainConfig) -> Manifest:
    return Manifest(
        labels=evaluation.labels,
        preprocess=backbone.preprocess,
        input_name=INPUT_NODE,
        output_name=config.output.final_tensor_name,
        architecture=backbone.architecture,
        backbone_digest=backbone.digest,
        poets_version=__version__,
        training=asdict(config.train) | asdict(config.data.split),
        test_accuracy=evaluation.accuracy if evaluation.n else None,
        test_images=evaluation.n,
    )


def _write(classifier: Classifier, output: OutputConfig) -> dict[str, Path]:
    """Write every file beside its place, then put all in place: none without the others."""
    graph, tflite = output.output_graph, output.output_graph.with_suffix(".tflite")
    with ExitStack() as stack:
        partial_graph, partial_tflite, partial_labels = (
            stack.enter_context(replacing(path)) for path in (graph, tflite, output.output_labels)
        )
        frozen_graph.export(classifier, partial_graph)
        digest = hashlib.sha256(partial_graph.read_bytes()).hexdigest()
        manifest = replace(classifier.manifest, graph_sha256=digest)
        litert.export(replace(classifier, manifest=manifest), partial_tflite)
        partial_labels.write_bytes(encode_labels(classifier.manifest.labels))
    return {"graph": graph, "tflite": tflite, "labels": output.output_labels}
