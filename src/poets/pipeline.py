"""The story of `retrain` in one screen."""

from dataclasses import dataclass

from poets.config.retrain import RetrainConfig
from poets.evaluation.scores import Evaluation, evaluate, sample
from poets.images import LabeledImage
from poets.report import Reporter
from poets.stages.collect import collect_dataset, look_for_images
from poets.stages.network import get_backbone
from poets.stages.publish import (
    Learned,
    Published,
    check_outputs,
    publish,
    with_eight_bits,
)
from poets.stages.training import train_head


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
    images = look_for_images(config.data, reporter)
    backbone = get_backbone(config.backbone, reporter)
    config = with_eight_bits(config, backbone)
    dataset = collect_dataset(images, backbone, config, reporter)
    head = train_head(dataset, backbone, config, reporter)
    testing = sample(dataset.testing, config.train.test_batch_size, config.train.seed)
    evaluation = evaluate(head, testing, dataset.labels)
    learned = Learned(head, backbone, dataset.training, testing, evaluation)
    return RetrainResult(evaluation, testing.images, publish(learned, config, reporter))
