"""Asking a graph about a folder of pictures whose labels are known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from poets.dataset import label_ids_of
from poets.errors import DataError
from poets.evaluation.calibration import Calibration, calibrate
from poets.evaluation.config import ALL, EvaluateConfig
from poets.evaluation.folders import match_folders
from poets.evaluation.parts import ALL_HINT, Split, make_split
from poets.evaluation.probabilities import as_probabilities
from poets.evaluation.scores import Evaluation
from poets.images import LabeledImage, find_images
from poets.predict import score_images
from poets.report import Reporter, SkippedImage
from poets.runtimes.model import Model

if TYPE_CHECKING:
    from poets.preprocess import FloatArray

_VALIDATION = "validation"


@dataclass(frozen=True)
class FolderEvaluation:
    """A graph's figures on one part of a folder, and what they rest on."""

    images: tuple[LabeledImage, ...]  # behind the rows of the scores
    evaluation: Evaluation
    calibration: Calibration
    skipped: tuple[SkippedImage, ...]


def evaluate_folder(
    model: Model, image_dir: Path, config: EvaluateConfig, reporter: Reporter
) -> FolderEvaluation:
    """Score the pictures of one part, and those of validation to calibrate with.

    Raises DataError for folders that are no labels of the graph, and where no picture is left.
    """
    images = match_folders(find_images(image_dir), model, image_dir, reporter)
    parts = {config.split} if config.split == ALL else {config.split, _VALIDATION}
    scored = _Scored(model, reporter)
    chosen = scored.choose(images, make_split(model.manifest, config), parts)
    if not chosen[config.split]:
        raise DataError(f"{image_dir}: no readable picture for {config.split}.", hint=ALL_HINT)
    evaluation = scored.evaluate(chosen[config.split])
    # Fitted to the very pictures that it is measured on, a temperature would prove nothing.
    fitting = [] if config.split == _VALIDATION else chosen.get(_VALIDATION, [])
    calibration = calibrate(evaluation, scored.evaluate(fitting) if fitting else None)
    skipped = tuple(SkippedImage(path, reason) for path, reason in scored.errors.items())
    return FolderEvaluation(tuple(chosen[config.split]), evaluation, calibration, skipped)


class _Scored:
    """The graph's scores so far, and the files that are no pictures."""

    def __init__(self, model: Model, reporter: Reporter) -> None:
        self._model, self._reporter = model, reporter
        self._scores: dict[Path, FloatArray] = {}
        self.errors: dict[Path, str] = {}
        self._told: frozenset[str] = frozenset()

    def choose(
        self, images: Sequence[LabeledImage], split: Split, parts: Collection[str]
    ) -> dict[str, list[LabeledImage]]:
        """Return the readable pictures of the parts, all scored.

        As in training, a part that unreadable files leave empty gets another picture.
        """
        while True:
            readable = [image for image in images if image.path not in self.errors]
            chosen: dict[str, list[LabeledImage]] = {part: [] for part in parts}
            for image, part in zip(readable, split(readable), strict=True):
                if part in parts:
                    chosen[part].append(image)
            paths = [image.path for part in chosen.values() for image in part]
            new = [path for path in paths if path not in self._scores]
            if not new:
                return chosen
            self._score(new)

    def evaluate(self, images: Sequence[LabeledImage]) -> Evaluation:
        """Measure the scores of some of the pictures."""
        scores = np.stack([self._scores[image.path] for image in images])
        probabilities, notes = as_probabilities(scores)
        for note in notes - self._told:
            self._reporter.warning(note)
        self._told |= notes
        labels = self._model.labels
        return Evaluation(labels, probabilities, label_ids_of(tuple(images), labels))

    def _score(self, paths: Sequence[Path]) -> None:
        with self._reporter.progress("Evaluating", len(paths), "images") as advance:
            for one in score_images(self._model, paths):
                if one.scores is None:
                    self.errors[one.path] = one.error
                else:
                    self._scores[one.path] = one.scores
                advance(1)
