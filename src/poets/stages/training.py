"""Training the head, with all who listen to it."""

from contextlib import ExitStack
from dataclasses import dataclass

from poets.backbones.compiled import Backbone
from poets.checkpoint import Checkpoint, fingerprint
from poets.classifier import Classifier
from poets.config.head import HeadConfig
from poets.config.output import OutputConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset
from poets.distort import Distortion
from poets.export import frozen_graph
from poets.features.fresh import FreshBatches
from poets.files import replacing
from poets.heads.batches import shares_of
from poets.heads.softmax import SoftmaxHead
from poets.manifest import Manifest
from poets.report import Advance, Reporter, StepReport
from poets.stages.head import Ending, settle, standardize
from poets.stages.idle import tell_idle_flags
from poets.stages.publish import describe
from poets.summaries.training import training_summaries
from poets.train import Snapshot, StepListener, StepState, TrainingData, fit, with_l2


def train_head(
    dataset: Dataset,
    backbone: Backbone,
    config: RetrainConfig,
    reporter: Reporter,
    listener: StepListener,
) -> SoftmaxHead:
    """Train, go on from a checkpoint where there is one, and tell of every step."""
    steps, ending = config.train.how_many_training_steps, Ending(len(dataset.labels))
    settings = settle(config, backbone)
    tell_idle_flags(config, settings, reporter)
    with ExitStack() as stack:
        data = _make_data(dataset, backbone, config, stack)
        checkpoint = _checkpoint(dataset, config)
        start = _start(checkpoint, config.output, reporter)
        unfinished = _Unfinished(backbone, describe(dataset.labels, backbone, config), data)
        graph = frozen_graph.join(unfinished.classifier(data.blank_head(config.head.hidden_units)))
        resumed = start is not None
        summaries = training_summaries(config.output.summaries_dir, graph, resumed=resumed)
        advance = stack.enter_context(reporter.progress("Training", steps, "steps"))
        listeners: list[StepListener] = [stack.enter_context(summaries), _Teller(reporter, advance)]
        listeners += [ending, listener]
        if config.output.intermediate_store_frequency:
            listeners.append(_IntermediateGraphs(unfinished, config.output, reporter))
        if checkpoint is not None:
            listeners.append(stack.enter_context(checkpoint.saving()))
        advance(start.step if start else 0)
        settings = _say_l2(with_l2(data, config.train, settings), config.head, reporter)
        head = fit(data, config.train, listeners, start, settings)
    ending.tell(steps, reporter)
    return head


def _say_l2(settings: HeadConfig, asked: HeadConfig, reporter: Reporter) -> HeadConfig:
    if settings.l2 is not None and asked.l2 is None:
        reporter.l2_picked(settings.l2)
    return settings


def _make_data(
    dataset: Dataset, backbone: Backbone, config: RetrainConfig, stack: ExitStack
) -> TrainingData:
    standardization = standardize(dataset, backbone)
    shares = shares_of(config.head, dataset.labels, dataset.training.label_ids)
    fresh = None
    if config.distort.draws_anew:
        distortion = Distortion.of(config.distort)
        fresh = stack.enter_context(
            FreshBatches(dataset.training, backbone, distortion, standardization, shares)
        )
    return TrainingData.of(dataset, fresh, standardization, shares)


def _checkpoint(dataset: Dataset, config: RetrainConfig) -> Checkpoint | None:
    path = config.output.checkpoint_path
    if path is None:
        return None
    return Checkpoint(path, fingerprint(dataset, config.train, config.distort, config.head))


def _start(
    checkpoint: Checkpoint | None, output: OutputConfig, reporter: Reporter
) -> Snapshot | None:
    start = checkpoint.load() if checkpoint else None
    if start is not None:
        reporter.resumed(start.step)
    if checkpoint is not None and checkpoint.is_of_another:
        place = f"--checkpoint_path {output.checkpoint_path}"
        other = "is of other pictures or settings: this training begins anew, in its place."
        reporter.warning(f"{place} {other}")
    return start


class _Teller:
    """Tells the reporter of each step."""

    def __init__(self, reporter: Reporter, advance: Advance) -> None:
        self._reporter, self._advance = reporter, advance

    def __call__(self, state: StepState) -> None:
        if state.evaluation is not None:
            training, validation = state.evaluation.training, state.evaluation.validation
            report = StepReport(
                step=state.step,
                train_accuracy=training.accuracy,
                cross_entropy=training.cross_entropy,
                validation_accuracy=validation.accuracy if validation else None,
                n_validation=validation.n if validation else 0,
            )
            self._reporter.step(report)
        self._advance(1)


@dataclass(frozen=True)
class _Unfinished:
    """What turns a head under training into a classifier."""

    backbone: Backbone
    manifest: Manifest
    data: TrainingData

    def classifier(self, head: SoftmaxHead) -> Classifier:
        """Return the classifier with that head of standardised features."""
        return Classifier(self.backbone, head.fold(self.data.standardization), self.manifest)


class _IntermediateGraphs:
    """Saves the joined graph every so many steps."""

    def __init__(self, unfinished: _Unfinished, output: OutputConfig, reporter: Reporter) -> None:
        self._unfinished, self._reporter = unfinished, reporter
        self._folder = output.intermediate_output_graphs_dir
        self._frequency = output.intermediate_store_frequency

    def __call__(self, state: StepState) -> None:
        if state.step == 0 or state.step % self._frequency:
            return
        path = self._folder / f"intermediate_{state.step}.pb"
        with replacing(path) as partial:
            frozen_graph.export(self._unfinished.classifier(state.updated), partial)
        self._reporter.intermediate_saved(path)
