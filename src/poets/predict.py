"""Naming what is in pictures."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from poets.decode import UnreadableImageError
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray
from poets.runtimes.model import Model


@dataclass(frozen=True)
class Prediction:
    """A label and how sure the graph is of it."""

    label: str
    score: float  # in [0, 1]

    def __str__(self) -> str:
        return f"{self.label} (score={self.score:.5f})"


@dataclass(frozen=True)
class LabeledPicture:
    """What the graph says of one picture, or why it could not be asked."""

    path: Path
    predictions: tuple[Prediction, ...] = ()  # best first
    seconds: float = 0.0  # of the forward pass
    error: str = ""


def top_k(scores: FloatArray, labels: Sequence[str], k: int) -> tuple[Prediction, ...]:
    """Return the k best of f32[n_labels], best first; equal ones in label order."""
    best = np.argsort(-scores, kind="stable")[:k]
    return tuple(Prediction(labels[i], float(scores[i])) for i in best)


def label_images(model: Model, paths: Sequence[Path], k: int = 5) -> Iterator[LabeledPicture]:
    """Yield what the graph says of each picture, in order; a bad one stops nothing."""
    if len(paths) == 1 or not model.threads:
        labeler = _Labeler(model, k)
        yield from map(labeler, paths)
    else:
        yield from map_on_cores(lambda: _Labeler(model, k), paths)


class _Labeler:
    """Reads, decodes and labels one picture after the other; one a thread."""

    def __init__(self, model: Model, k: int) -> None:
        self._runner = model.make_runner()
        self._model, self._k = model, k

    def __call__(self, path: Path) -> LabeledPicture:
        try:
            values = self._model.preprocess.load(path)
        except UnreadableImageError as error:
            return LabeledPicture(path, error=str(error))
        started = time.perf_counter()
        scores = self._runner.run(values)
        seconds = time.perf_counter() - started
        return LabeledPicture(path, top_k(scores, self._model.labels, self._k), seconds)
