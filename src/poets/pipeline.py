"""The story of `retrain` in one screen."""

from dataclasses import dataclass

from poets.config.retrain import RetrainConfig
from poets.evaluation.scores import Evaluation, evaluate, sample
from poets.finetune.epoch_summaries import write_epochs
from poets.heads.batches import check_weighted_labels
from poets.images import LabeledImage, count_labels
from poets.page.history import History
from poets.report import Reporter
from poets.stages.collect import collect_dataset, look_for_images
from poets.stages.publish import (
    Learned,
    Published,
    check_outputs,
    with_eight_bits,
)
from poets.stages.report import Story, check_report, publish_with_report
from poets.stages.scratch import get_network
from poets.stages.summaries import write_summaries
from poets.stages.training import train_head
from poets.stages.tuning import Trained, fine_tune


@dataclass(frozen=True)
class RetrainResult:
    """What a training ended with."""

    evaluation: Evaluation
    testing: tuple[LabeledImage, ...]  # the pictures behind the evaluation's rows
    published: Published


def retrain(config: RetrainConfig, reporter: Reporter) -> RetrainResult:
    """Train a new head on a folder of pictures and write the joined graph.

    Raises PoetsError for whatever a user can mend; nothing is then half-written.
    """
    check_outputs(config.output, config.data)
    check_report(config)
    images = look_for_images(config.data, reporter)
    check_weighted_labels(config.head, count_labels(images))
    backbone, epochs = get_network(images, config, reporter)
    config = with_eight_bits(config, backbone)
    dataset = collect_dataset(images, backbone, config, reporter)
    history = History()
    head = train_head(dataset, backbone, config, reporter, history)
    trained = Trained(backbone, dataset, head, epochs)
    backbone, dataset, head, epochs = fine_tune(trained, images, config, reporter)
    write_epochs(epochs, config.output.summaries_dir)
    testing = sample(dataset.testing, config.train.test_batch_size, config.train.seed)
    evaluation = evaluate(head, testing, dataset.labels)
    learned = Learned(head, backbone, dataset.training, dataset.validation, testing, evaluation)
    write_summaries(learned, dataset, config, history.last_step)
    published = publish_with_report(Story(learned, dataset, history, epochs), config, reporter)
    return RetrainResult(evaluation, testing.images, published)
