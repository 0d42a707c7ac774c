"""The story of `retrain` in one screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from poets.config import RetrainConfig
from poets.evaluate import Evaluation, evaluate, sample
from poets.images import LabeledImage
from poets.report import Reporter
from poets.stages.collect import collect_dataset, look_for_images
from poets.stages.network import get_backbone
from poets.stages.publish import check_outputs, publish
from poets.stages.training import train_head


@dataclass(frozen=True)
class RetrainResult:
    """What a training ended with."""

    evaluation: Evaluation
    testing: tuple[LabeledImage, ...]  # the pictures behind the evaluation's rows
    files: Mapping[str, Path]  # what was written, by what it is


def retrain(config: RetrainConfig, reporter: Reporter) -> RetrainResult:
    """Train a new head on a folder of pictures and write the joined graph.

    Raises PoetsError for whatever a user can mend; nothing is then half-written.
    """
    check_outputs(config.output)
    images = look_for_images(config.data, reporter)
    backbone = get_backbone(config.backbone, reporter)
    dataset = collect_dataset(images, backbone, config, reporter)
    head = train_head(dataset, backbone, config, reporter)
    testing = sample(dataset.testing, config.train.test_batch_size, config.train.seed)
    evaluation = evaluate(head, testing, dataset.labels)
    files = publish(head, backbone, evaluation, config)
    return RetrainResult(evaluation, testing.images, files)
