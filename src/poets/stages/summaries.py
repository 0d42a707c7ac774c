"""What TensorBoard is given once the training is over: pictures, curves, a row, points."""

from dataclasses import dataclass

import numpy as np

from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset, Features, IntArray
from poets.features.cache import FeatureCache
from poets.features.examples import examples
from poets.features.recipe import DistortedRecipe, Recipe
from poets.features.thumbnails import thumbnails
from poets.heads.drawing import draw_weights, is_of_pixels, weight_sheet
from poets.stages.hparams import results_of, settings_of, told_of
from poets.stages.publish import Learned
from poets.stages.scratch import seen_distortions
from poets.summaries.confusion import confusion_picture
from poets.summaries.curves import curve_summaries
from poets.summaries.events import EventFile, last_event_file, new_event_file, remove_event_files
from poets.summaries.hparams import session_summaries
from poets.summaries.lettering import legible
from poets.summaries.pictures import (
    MOST_PICTURES,
    evenly,
    image_summary,
    labelled_sheet,
    mistakes_sheet,
    variants_sheet,
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
_COLUMNS = ("label", "named", "part", "file")


def write_summaries(
    learned: Learned, dataset: Dataset, config: RetrainConfig, last_step: int | None
) -> None:
    """Write what follows from a trained head beside the summaries of its training.

    They are put at `last_step`; None where none was measured now, as the checkpoint was complete.
    Raises OutputError. Pictures come from the cache: those that it does not hold are read.
    """
    folder = config.output.summaries_dir
    if last_step is None:
        last_step = config.train.how_many_training_steps - 1
    with FeatureCache(config.backbone.bottleneck_dir) as cache:
        desk = _Desk(learned, dataset, config, cache)
        with last_event_file(folder / TRAIN) as events:
            desk.show_inputs(events)
            desk.show_weights(events, last_step)
        if learned.validated.n:
            with last_event_file(folder / VALIDATION) as events:
                events.summary(last_step, curve_summaries(learned.validated))
        remove_event_files(folder / TEST)
        if learned.evaluation.n:
            with new_event_file(folder / TEST) as events:
                desk.show_results(events, last_step)
        with new_event_file(folder) as events:
            results = results_of(learned.evaluation, learned.validated)
            row = session_summaries(settings_of(config), told_of(config), results)
            events.summary(last_step, row)
        write_projector(folder, desk.points())


@dataclass(frozen=True)
class _Desk:
    """What the summaries are made of."""

    learned: Learned
    dataset: Dataset
    config: RetrainConfig
    cache: FeatureCache

    def show_inputs(self, events: EventFile) -> None:
        """Show some of the pictures that were trained on, and what distortions make of them."""
        training = self.dataset.training.once()
        rows = evenly(training.label_ids, MOST_PICTURES, self._rng())
        images = [training.images[row] for row in rows]
        jpegs = thumbnails(self.cache, [image.path for image in images])
        sheet = labelled_sheet(jpegs, self._names(training, rows))
        if sheet is not None:
            events.summary(0, [image_summary(TRAINING_PICTURES, sheet)])
        if seen_distortions(self.config).distorts:
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
        backbone, distort = self.learned.backbone, seen_distortions(self.config)
        count = min(distort.distortion_variants or _VARIANTS, _VARIANTS)
        variants = DistortedRecipe.variants(backbone, distort, self.config.train.seed, count)
        return [Recipe.plain(backbone), *variants]

    def show_weights(self, events: EventFile, step: int) -> None:
        """Show what a head of pixels looks for."""
        head, preprocess = self.learned.head, self.learned.backbone.preprocess
        if is_of_pixels(head, preprocess):
            drawn = weight_sheet(draw_weights(head, preprocess, self.dataset.labels))
            events.summary(step, [image_summary(WEIGHTS, drawn, "PNG")])

    def show_results(self, events: EventFile, step: int) -> None:
        """Show the final test: which labels were taken for which, and which pictures."""
        evaluation = self.learned.evaluation
        matrix = confusion_picture(evaluation.confusion, evaluation.labels)
        values = [*curve_summaries(evaluation), image_summary(CONFUSION, matrix, "PNG")]
        rows = evaluation.mistakes[:MOST_PICTURES]
        paths = [self.learned.testing.images[row].path for row in rows]
        sheet = mistakes_sheet(thumbnails(self.cache, paths), rows, evaluation)
        if sheet is not None:
            values.append(image_summary(MISTAKES, sheet))
        events.summary(step, values)

    def points(self) -> Points:
        """Return some pictures of all parts for the projector."""
        everything = self.dataset.everything.once()
        chosen = everything.take(evenly(everything.label_ids, MOST_POINTS, self._rng()))
        parts = {image: name for name, part in self.dataset.parts.items() for image in part.images}
        named = self.learned.head.probabilities(chosen.values).argmax(axis=1)
        known = [
            (image.label, self.dataset.labels[guess], parts[image], image.path.name)
            for image, guess in zip(chosen.images, named.tolist(), strict=True)
        ]
        jpegs = thumbnails(self.cache, [image.path for image in chosen.images])
        return Points(chosen.values, jpegs, _COLUMNS, known)

    def _names(self, features: Features, rows: IntArray) -> list[str]:
        names = legible(self.dataset.labels)
        return [names[label] for label in features.label_ids[rows]]

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng(self.config.train.seed)
