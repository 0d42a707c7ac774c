"""What TensorBoard is given once the training is over: pictures, curves, a row, points."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import NoneType
from typing import get_args

import numpy as np

from poets.config.flags import FlagGroup, defaults_of, flags_of
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset, Features, IntArray
from poets.evaluation.scores import Evaluation, evaluate
from poets.features.cache import FeatureCache
from poets.features.examples import examples
from poets.features.recipe import DistortedRecipe, Recipe
from poets.features.thumbnails import thumbnails
from poets.heads.drawing import draw_weights, weight_sheet
from poets.stages.publish import Learned
from poets.summaries.confusion import confusion_picture
from poets.summaries.curves import curve_summaries
from poets.summaries.events import EventFile, last_event_file, new_event_file, remove_event_files
from poets.summaries.hparams import Setting, session_summaries
from poets.summaries.lettering import legible
from poets.summaries.pictures import (
    MOST_PICTURES,
    evenly,
    image_summary,
    labelled_sheet,
    mistakes_sheet,
    variants_sheet,
    worst_mistakes,
)
from poets.summaries.projector import MOST_POINTS, Points, write_projector
from poets.summaries.tags import (
    CONFUSION,
    DISTORTED_PICTURES,
    MISTAKES,
    TEST,
    TRAIN,
    TRAINING_PICTURES,
    VALIDATION,
    WEIGHTS,
)

_DISTORTED, _VARIANTS = 6, 7  # pictures on the sheet, and variants of each
_USUAL = {"architecture", "how_many_training_steps", "learning_rate", "train_batch_size"}
_COLUMNS = ("label", "named", "part", "file")
_TELLING = {"output", "report", "page"}  # settings that change nothing of what is learned


def write_summaries(
    learned: Learned, dataset: Dataset, config: RetrainConfig, last_step: int | None = None
) -> None:
    """Write what follows from a trained head beside the summaries of its training.

    Raises OutputError. Pictures come from the cache: those that it does not hold are read.
    """
    folder = config.output.summaries_dir
    if last_step is None:  # a training that was complete
        last_step = config.train.how_many_training_steps - 1
    validation = evaluate(learned.head, dataset.validation, dataset.labels)
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        desk = _Desk(learned, dataset, config, cache)
        with last_event_file(folder / TRAIN) as events:
            desk.show_inputs(events)
            desk.show_weights(events, last_step)
        if validation.n:
            with last_event_file(folder / VALIDATION) as events:
                events.summary(last_step, curve_summaries(validation))
        remove_event_files(folder / TEST)
        if learned.evaluation.n:
            with new_event_file(folder / TEST) as events:
                desk.show_results(events, last_step)
        with new_event_file(folder) as events:
            results = _results(learned.evaluation, validation)
            row = session_summaries(settings_of(config), told_of(config), results)
            events.summary(last_step, row)
        write_projector(folder, desk.points())


def settings_of(config: RetrainConfig) -> dict[str, Setting]:
    """Return every flag that may change what is learned, by its name."""
    return {
        name: _told(getattr(group, name), kind)
        for group in _groups(config)
        for name, kind, _ in flags_of(type(group))
        if kind is not Path
    }


def _told(value: Setting | None, kind: type) -> Setting:
    """Return a value of one type whether it is given or not: TensorBoard has one for a column."""
    if NoneType in get_args(kind):
        return "" if value is None else str(value)
    assert value is not None
    return value


def told_of(config: RetrainConfig) -> frozenset[str]:
    """Return the settings that are worth a column: the usual ones, and what was told otherwise."""
    told = {
        name
        for group in _groups(config)
        for name, default in defaults_of(type(group)).items()
        if getattr(group, name) != default
    }
    return frozenset(told | _USUAL)


def _groups(config: RetrainConfig) -> list[FlagGroup]:
    names = [field.name for field in fields(config) if field.name not in _TELLING]
    return [*(getattr(config, name) for name in names), config.data.split]


def _results(testing: Evaluation, validation: Evaluation) -> Mapping[str, float]:
    tested = {
        "test accuracy": testing.accuracy,
        "test cross entropy": testing.cross_entropy,
    }
    watched = {"validation accuracy": validation.accuracy}
    return (tested if testing.n else {}) | (watched if validation.n else {})


@dataclass(frozen=True)
class _Desk:
    """What the summaries are made of."""

    learned: Learned
    dataset: Dataset
    config: RetrainConfig
    cache: FeatureCache

    def show_inputs(self, events: EventFile) -> None:
        """Show some of the pictures that were trained on, and what distortions make of them."""
        training = _without_copies(self.dataset.training)
        rows = evenly(training.label_ids, MOST_PICTURES, self._rng())
        images = [training.images[row] for row in rows]
        jpegs = thumbnails(self.cache, [image.path for image in images])
        sheet = labelled_sheet(jpegs, self._names(training, rows))
        if sheet is not None:
            events.summary(0, [image_summary(TRAINING_PICTURES, sheet)])
        if self.config.distort.distorts:
            self._show_distorted(training, events)

    def _show_distorted(self, training: Features, events: EventFile) -> None:
        rows = evenly(training.label_ids, _DISTORTED, self._rng())
        images = [training.images[row] for row in rows]
        columns = [
            examples(self.cache, [image.path for image in images], recipe)
            for recipe in self._recipes()
        ]
        sheet = variants_sheet(columns, self._names(training, rows))
        if sheet is not None:
            events.summary(0, [image_summary(DISTORTED_PICTURES, sheet)])

    def _recipes(self) -> list[Recipe]:
        """Return the plain one, and those of the variants; of endless ones, examples."""
        backbone, distort = self.learned.backbone, self.config.distort
        count = min(distort.distortion_variants or _VARIANTS, _VARIANTS)
        variants = DistortedRecipe.variants(backbone, distort, self.config.train.seed, count)
        return [Recipe.plain(backbone), *variants]

    def show_weights(self, events: EventFile, step: int) -> None:
        """Show what a head of pixels looks for."""
        head, preprocess = self.learned.head, self.learned.backbone.preprocess
        if head.hidden is None and len(head.weights) == math.prod(preprocess.shape):
            drawn = weight_sheet(draw_weights(head, preprocess, self.dataset.labels))
            events.summary(step, [image_summary(WEIGHTS, drawn, "PNG")])

    def show_results(self, events: EventFile, step: int) -> None:
        """Show the final test: which labels were taken for which, and which pictures."""
        evaluation = self.learned.evaluation
        matrix = confusion_picture(evaluation.confusion, evaluation.labels)
        values = [*curve_summaries(evaluation), image_summary(CONFUSION, matrix, "PNG")]
        rows = worst_mistakes(evaluation)
        paths = [self.learned.testing.images[row].path for row in rows]
        sheet = mistakes_sheet(thumbnails(self.cache, paths), rows, evaluation)
        if sheet is not None:
            values.append(image_summary(MISTAKES, sheet))
        events.summary(step, values)

    def points(self) -> Points:
        """Return some pictures of all parts for the projector."""
        parts = {
            "training": _without_copies(self.dataset.training),
            "validation": self.dataset.validation,
            "testing": self.dataset.testing,
        }
        label_ids = np.concatenate([part.label_ids for part in parts.values()])
        rows = evenly(label_ids, MOST_POINTS, self._rng())
        values = np.concatenate([part.values for part in parts.values()])[rows]
        images = [image for part in parts.values() for image in part.images]
        names = np.repeat(list(parts), [len(part) for part in parts.values()])
        named = self.learned.head.probabilities(values).argmax(axis=1)
        known = [
            (images[row].label, self.dataset.labels[guess], str(names[row]), images[row].path.name)
            for row, guess in zip(rows.tolist(), named.tolist(), strict=True)
        ]
        jpegs = thumbnails(self.cache, [images[row].path for row in rows.tolist()])
        return Points(values, jpegs, _COLUMNS, known)

    def _names(self, features: Features, rows: IntArray) -> list[str]:
        names = legible(self.dataset.labels)
        return [names[label] for label in features.label_ids[rows]]

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.config.train.seed)


def _without_copies(features: Features) -> Features:
    """Return each picture once: distortions make several rows of one."""
    first = {image.path: row for row, image in reversed(list(enumerate(features.images)))}
    rows: Sequence[int] = sorted(first.values())
    if len(rows) == len(features):
        return features
    images = tuple(features.images[row] for row in rows)
    chosen: IntArray = np.array(rows)
    return Features(features.values[chosen], features.label_ids[chosen], images)
