"""Training the network itself where that is asked for, and keeping what is better."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poets.backbones.compiled import Backbone, open_backbone
from poets.backbones.table import find_backbone
from poets.checkpoint import fingerprint
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset, Features
from poets.errors import UsageError
from poets.finetune.examples import Room
from poets.finetune.halfway import halfway_of
from poets.finetune.learned_file import Base, LearnedSource, learned_once
from poets.finetune.pictures import Pictures, Variants
from poets.finetune.plan import Plan, Tuning
from poets.finetune.score import Epoch, Learned, Score
from poets.finetune.tunable import TUNABLE_HINT, check_tunable
from poets.heads.batches import shares_of
from poets.heads.softmax import SoftmaxHead
from poets.images import LabeledImage
from poets.registry import load
from poets.report import Reporter
from poets.stages.collect import collect_dataset

_FORMAT = 2  # raise it when the same settings would lead elsewhere: networks are then trained again
_TUNE = "poets.finetune.tuning:tune"
_MAKER = "poets.finetune.network:make"
_PATIENCE = 5
_ADVISED = 1500  # training pictures, from which on it pays


class Trained(NamedTuple):
    """A network, what it makes of the pictures, and a head for that."""

    backbone: Backbone
    dataset: Dataset
    head: SoftmaxHead
    epochs: tuple[Epoch, ...] = ()  # in which the network itself was trained


def check_tuning(config: RetrainConfig) -> None:
    """Fail before the work, not after it; raises UsageError."""
    if not config.fine_tune.tunes:
        return
    if config.backbone.tfhub_module is not None:
        message = "--fine_tune_blocks: the blocks of a --tfhub_module cannot be trained."
        raise UsageError(message, hint=TUNABLE_HINT)
    check_tunable(find_backbone(config.backbone.architecture, config.backbone.image_size))
    require_validation(config, "--fine_tune_blocks")


def require_validation(config: RetrainConfig, what: str) -> None:
    """Raise UsageError where no picture is kept to stop a training by."""
    if not config.data.split.validation_percentage:
        message = f"{what}: without validation pictures nothing says when to stop."
        raise UsageError(message, hint="Keep some: --validation_percentage 10")


def fine_tune(
    trained: Trained, images: Sequence[LabeledImage], config: RetrainConfig, reporter: Reporter
) -> Trained:
    """Train the last blocks as well, where that is asked for; return what names pictures better.

    Raises PoetsError; what was learned once is found again without TensorFlow.
    """
    if not config.fine_tune.tunes:
        return trained
    base = _base(config)
    path = _place(trained, config)
    tuning = _tuning(trained, base, config, path)
    learned = learned_once(path, lambda: _learn(tuning, config, reporter), reporter)
    frozen = Score.of(trained.head, trained.dataset.validation)
    if not learned.best:
        seen = [epoch.validation.accuracy for epoch in learned.epochs]
        reporter.fine_tuned(frozen.accuracy, max(seen), kept=False)
        return trained._replace(epochs=learned.epochs)
    spec = replace(
        base.spec,
        name=f"{base.spec.name}-tuned",
        maker=_MAKER,
        source=LearnedSource(path, base),
    )
    backbone = open_backbone(spec, config.backbone.model_dir, reporter)
    dataset = collect_dataset(images, backbone, config, _Again(reporter))
    tuned = Trained(backbone, dataset, SoftmaxHead.of(learned.head), learned.epochs)
    score = Score.of(tuned.head, dataset.validation)
    kept = score.is_better(frozen)
    reporter.fine_tuned(frozen.accuracy, score.accuracy, kept=kept)
    return tuned if kept else trained._replace(epochs=learned.epochs)


def _base(config: RetrainConfig) -> Base:
    spec = find_backbone(config.backbone.architecture, config.backbone.image_size)
    return Base(spec, config.backbone.model_dir, config.fine_tune.n_blocks)


def _place(trained: Trained, config: RetrainConfig) -> Path:
    """Return the file for what these pictures and settings lead to."""
    settings = [_FORMAT, asdict(config.fine_tune), config.train.seed, config.head.class_weights]
    digest = hashlib.sha256(fingerprint(trained.dataset, config.distort).encode())
    digest.update(json.dumps(settings, sort_keys=True).encode())
    digest.update(trained.backbone.digest.encode())
    for values in trained.head.arrays:
        digest.update(values.tobytes())
    name = f"{trained.backbone.architecture}-tuned-{digest.hexdigest()[:16]}.npz"
    return config.backbone.model_dir / name


def _tuning(trained: Trained, base: Base, config: RetrainConfig, path: Path) -> Tuning:
    return Tuning(
        base,
        trained.head,
        _pictures(trained.dataset.training, base, config, distorted=True),
        _pictures(trained.dataset.validation, base, config),
        _plan(trained.dataset, config, path),
    )


def _learn(tuning: Tuning, config: RetrainConfig, reporter: Reporter) -> Learned:
    n = len(tuning.training)
    if n < _ADVISED:
        few = f"{n} training pictures are few for it: it pays from about {_ADVISED:,} on."
        reporter.warning(f"--fine_tune_blocks: {few}")
    blocks = config.fine_tune.fine_tune_blocks
    reporter.training_network(f"{tuning.base.spec.name}, blocks: {blocks},", n)
    learned: Learned = load(_TUNE)(tuning, Room(config.backbone.bottleneck_dir), reporter)
    return learned


def _pictures(
    features: Features, base: Base, config: RetrainConfig, *, distorted: bool = False
) -> Pictures:
    """Return each picture once; where features are of variants, it is in them several times."""
    label_ids = dict(zip(features.images, features.label_ids, strict=True))
    preprocess = base.spec.preprocess
    variants = Variants.of(preprocess, config.distort, config.train.seed)
    return Pictures(
        tuple(label_ids),
        np.array([*label_ids.values()], np.int64),
        variants if distorted else Variants(preprocess),
    )


def _plan(dataset: Dataset, config: RetrainConfig, path: Path) -> Plan:
    return Plan(
        epochs=config.fine_tune.epochs,
        patience=_PATIENCE,
        learning_rate=config.fine_tune.fine_tune_learning_rate,
        seed=config.train.seed,
        better=Score.is_better,
        shares=shares_of(config.head, dataset.labels, dataset.training.label_ids),
        halfway=halfway_of(path),
    )


class _Again(Reporter):
    """Passes on how far the work is; what there is to say of the pictures was said before."""

    def __init__(self, reporter: Reporter) -> None:
        self.progress = reporter.progress  # type: ignore[method-assign]
        self.features = reporter.features  # type: ignore[method-assign]
