"""The network that the pictures are run through: one that is there, or one trained on them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from poets.backbones.cnn_table import find_cnn
from poets.backbones.compiled import Backbone, open_backbone
from poets.backbones.spec import BackboneSpec
from poets.backbones.table import find_backbone
from poets.config.backbone import BackboneConfig
from poets.config.distort import DistortConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset, make_dataset
from poets.distort import Distortion
from poets.errors import DataError, UsageError
from poets.features.cache import FeatureCache
from poets.features.extract import Extraction
from poets.finetune.contents import Contents, find_readable
from poets.finetune.examples import Room
from poets.finetune.halfway import halfway_of
from poets.finetune.learned_file import LearnedSource, learned_once
from poets.finetune.pictures import Pictures, Variants
from poets.finetune.plan import Plan, Scratch
from poets.finetune.score import Epoch, Learned, Score
from poets.heads.batches import shares_of
from poets.images import LabeledImage
from poets.registry import load
from poets.report import Reporter
from poets.stages.collect import check_extraction
from poets.stages.network import get_backbone
from poets.stages.tuning import check_tuning, require_validation

_FORMAT = 2  # raise it when the same settings would lead elsewhere: networks are then trained again
_LEARN = "poets.finetune.scratch:learn"
_PATIENCE, _LEARNING_RATE = 10, 3e-3
# What a hand does to a digit, and a camera to a thing: without it, few pictures are learned by
# heart. Not mirrored: letters and digits would be others.
_DISTORTIONS = DistortConfig(random_rotation=10, random_shift=8, random_zoom=10)
_OTHER = "A network that knows pictures already may do: --architecture efficientnet_lite0"


def get_network(
    images: Sequence[LabeledImage], config: RetrainConfig, reporter: Reporter
) -> tuple[Backbone, tuple[Epoch, ...]]:
    """Open the network; where it is to learn from these pictures, let it, unless it did before.

    Return it with the epochs in which it learned.

    Raises PoetsError where it cannot be had, or not be trained as asked for.
    """
    spec = _own_network(config.backbone)
    if spec is None:
        check_tuning(config)
        return get_backbone(config.backbone, reporter), ()
    if config.fine_tune.tunes:
        message = f"--fine_tune_blocks: {spec.name} is trained as a whole."
        raise UsageError(message, hint="Leave --fine_tune_blocks out.")
    require_validation(config, spec.name)
    path, learned = _learned(spec, images, config, reporter)
    backbone = open_backbone(
        replace(spec, source=LearnedSource(path)), config.backbone.model_dir, reporter
    )
    reporter.backbone(str(backbone), spec.source.describe())
    return backbone, learned.epochs


def seen_distortions(config: RetrainConfig) -> DistortConfig:
    """Return what the training pictures go through; a network from scratch has some of its own."""
    if config.distort.distorts or _own_network(config.backbone) is None:
        return config.distort
    return _DISTORTIONS


def _own_network(config: BackboneConfig) -> BackboneSpec | None:
    """Return the network that is to learn from these pictures; None where it is to be opened."""
    if config.tfhub_module is not None or find_cnn(config.architecture) is None:
        return None
    return find_backbone(config.architecture, config.image_size)


def _learned(
    spec: BackboneSpec, images: Sequence[LabeledImage], config: RetrainConfig, reporter: Reporter
) -> tuple[Path, Learned]:
    """Return the file of what the network learned from these pictures, learning it if need be."""
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        contents = find_readable(images, spec.preprocess, cache, reporter)
    nothing = np.zeros((len(contents.images), 0), np.float32)
    extraction = Extraction(contents.images, nothing, contents.skipped)
    check_extraction(extraction, images, config.data, Reporter())  # what it tells is told later
    dataset = make_dataset(contents.images, nothing, config.data.split)
    scratch = _scratch(spec, dataset, config)
    digest = _digest(scratch, contents)[:16]
    path = config.backbone.model_dir / f"{spec.name}-{digest}.npz"
    scratch = replace(scratch, plan=replace(scratch.plan, halfway=halfway_of(path)))

    def learn() -> Learned:
        reporter.training_network(spec.name, len(scratch.training))
        room = Room(config.backbone.bottleneck_dir)
        learned: Learned = load(_LEARN)(scratch, room, reporter)
        if not learned.best:
            raise DataError(f"{spec.name} learned nothing from these pictures.", hint=_OTHER)
        return learned

    return path, learned_once(path, learn, reporter)


def _scratch(spec: BackboneSpec, dataset: Dataset, config: RetrainConfig) -> Scratch:
    variants = Variants(spec.preprocess)  # the training distorts them itself
    training, validation = dataset.training, dataset.validation
    return Scratch(
        preprocess=spec.preprocess,
        n_labels=len(dataset.labels),
        distortion=Distortion.of(seen_distortions(config)),
        training=Pictures(training.images, training.label_ids, variants),
        validation=Pictures(validation.images, validation.label_ids, variants),
        plan=Plan(
            epochs=config.fine_tune.epochs,
            patience=_PATIENCE,
            learning_rate=_LEARNING_RATE,
            seed=config.train.seed,
            better=Score.is_surer,
            from_scratch=True,
            shares=shares_of(config.head, dataset.labels, training.label_ids),
        ),
    )


def _digest(scratch: Scratch, contents: Contents) -> str:
    """Return what tells what is learned from these pictures, with these settings."""
    hashes = dict(zip(contents.images, contents.hashes, strict=True))
    settings = [
        _FORMAT,
        scratch.preprocess.to_dict(),
        scratch.plan.epochs,
        scratch.plan.seed,
        scratch.distortion.to_dict(),
        None if scratch.plan.shares is None else scratch.plan.shares.tolist(),
    ]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for part in (scratch.training, scratch.validation):
        for image, label_id in zip(part.images, part.label_ids.tolist(), strict=True):
            digest.update(f"{hashes[image].hex()} {label_id} ".encode())
        digest.update(b"next part")
    return digest.hexdigest()
