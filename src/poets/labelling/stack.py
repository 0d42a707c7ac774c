"""Learning how much each of several graphs counts, from pictures kept for validation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from poets.config.label import LabelConfig
from poets.dataset import label_ids_of
from poets.errors import DataError, UsageError
from poets.evaluation.config import EvaluateConfig
from poets.evaluation.folders import match_folders
from poets.evaluation.parts import make_split
from poets.images import LabeledImage, find_images
from poets.labelling.ensemble import Ensemble, fit_weights, make_ensemble, order_of
from poets.predict import score_images
from poets.preprocess import FloatArray
from poets.report import Reporter
from poets.runtimes.open import open_model


@dataclass(frozen=True)
class Stack:
    """What was learned, and how good it is on pictures that it was not learned from."""

    weights: tuple[float, ...]  # one a graph; they sum to 1
    accuracies: tuple[float, ...]  # of each graph alone, on the testing pictures
    accuracy: float  # of all together
    n: int  # testing pictures


@dataclass(frozen=True)
class _Scored:
    """The graphs' scores for the pictures of one part."""

    scores: tuple[FloatArray, ...]  # f32[n, n_labels] a graph
    label_ids: npt.NDArray[np.int64]  # [n]


def stack_graphs(graphs: Sequence[Path], image_dir: Path, reporter: Reporter) -> Stack:
    """Fit the weights on the validation pictures and measure them on the testing ones.

    Raises UsageError for a single graph, ModelError for graphs with other labels, DataError
    where the folder has no picture for one of the parts.
    """
    if len(graphs) < 2:
        raise UsageError("one graph alone needs no weights.", hint="Name two graphs or more.")
    models = [open_model(LabelConfig(graph=graph)) for graph in graphs]
    ensemble = make_ensemble(models, [str(graph) for graph in graphs])
    images = match_folders(find_images(image_dir), models[0], image_dir, reporter)
    parts = make_split(models[0].manifest, EvaluateConfig())(images)
    validation, testing = (
        _score(ensemble, [i for i, own in zip(images, parts, strict=True) if own == part], part)
        for part in ("validation", "testing")
    )
    weights = fit_weights(validation.scores, validation.label_ids)
    together = sum(w * s for w, s in zip(weights, testing.scores, strict=True))
    return Stack(
        tuple(weights),
        tuple(_accuracy(scores, testing.label_ids) for scores in testing.scores),
        _accuracy(np.asarray(together), testing.label_ids),
        len(testing.label_ids),
    )


def _score(ensemble: Ensemble, images: Sequence[LabeledImage], part: str) -> _Scored:
    paths = [image.path for image in images]
    columns = []
    for model in ensemble.models:
        order = order_of(ensemble.labels, model.labels)
        rows = [one.scores for one in score_images(model, paths)]
        columns.append([None if row is None else row[order] for row in rows])
    readable = [i for i, row in enumerate(columns[0]) if row is not None]
    if not readable:
        raise DataError(f"no readable picture is kept for {part}.", hint="Name a larger folder.")
    scores = tuple(np.array([column[i] for i in readable], np.float32) for column in columns)
    return _Scored(scores, label_ids_of(tuple(images[i] for i in readable), ensemble.labels))


def _accuracy(scores: FloatArray, label_ids: npt.NDArray[np.int64]) -> float:
    return float((scores.argmax(axis=1) == label_ids).mean())
