"""Naming what is in pictures."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from poets.decode import UnreadableImageError
from poets.errors import ModelError
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.model import Model

_BATCH = 32  # pictures at once, where a runtime takes several
_BATCH_PIXELS = _BATCH * 300 * 300  # what they may have together: 35 MB of float32


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
    sorted_to: Path | None = None  # where a copy of it was put
    explained_in: Path | None = None  # the picture with its heat map
    unknown: bool = False  # it is unlike the pictures of the training
    distance: float | None = None  # from those, where it was measured
    farther_than: float | None = None  # the share of pictures of their kind, in [0, 1]


@dataclass(frozen=True)
class ScoredPicture:
    """The graph's scores for one picture, or why there are none."""

    path: Path
    scores: FloatArray | None = None  # [n_labels]
    seconds: float = 0.0  # of the forward pass; in a batch, its share
    error: str = ""


def top_k(scores: FloatArray, labels: Sequence[str], k: int) -> tuple[Prediction, ...]:
    """Return the k best of f32[n_labels], best first; equal ones in label order.

    Raises ModelError for scores that are no numbers.
    """
    if not np.isfinite(scores).all():
        hint = "Its weights may be damaged, or --input_mean and --input_std be those of another."
        raise ModelError("The graph's scores are no numbers.", hint=hint)
    best = np.argsort(-scores, kind="stable")[:k]
    return tuple(Prediction(labels[i], float(scores[i])) for i in best)


def name_labels(
    scored: Iterable[ScoredPicture], labels: Sequence[str], k: int, threshold: float = 0.0
) -> Iterator[LabeledPicture]:
    """Yield each picture with its k best labels, those with a score below `threshold` left out.

    Raises ModelError for scores that are no numbers.
    """
    for one in scored:
        best = () if one.scores is None else top_k(one.scores, labels, k)
        named = tuple(prediction for prediction in best if prediction.score >= threshold)
        yield LabeledPicture(one.path, named, one.seconds, one.error)


def score_images(model: Model, paths: Sequence[Path]) -> Iterator[ScoredPicture]:
    """Yield the graph's scores for each picture, in order, on every core.

    Raises ModelError where the graph cannot run; a bad picture stops nothing.
    """
    if len(paths) == 1:
        yield _Scorer(model)(paths[0])
    elif model.run_batch is None:
        yield from map_on_cores(lambda: _Scorer(model), paths)
    else:
        yield from _score_in_batches(model.run_batch, model.preprocess, paths)


class _Scorer:
    """Reads, decodes and scores one picture after the other; one a thread."""

    def __init__(self, model: Model) -> None:
        self._runner = model.make_runner()
        self._preprocess = model.preprocess

    def __call__(self, path: Path) -> ScoredPicture:
        loaded = _load(self._preprocess, path)
        if isinstance(loaded, ScoredPicture):
            return loaded
        started = time.perf_counter()
        scores = self._runner.run(loaded)
        return ScoredPicture(path, scores, time.perf_counter() - started)


def _score_in_batches(
    run_batch: Callable[[FloatArray], FloatArray], preprocess: Preprocess, paths: Sequence[Path]
) -> Iterator[ScoredPicture]:
    """Decode on every core, and hand the runtime as many pictures as fit in memory."""
    size = max(1, min(_BATCH, _BATCH_PIXELS // (preprocess.height * preprocess.width)))
    pictures = zip(paths, map_on_cores(lambda: partial(_load, preprocess), paths), strict=True)
    while batch := list(islice(pictures, size)):
        values = [loaded for _, loaded in batch if not isinstance(loaded, ScoredPicture)]
        started = time.perf_counter()
        scores = iter(run_batch(np.stack(values)) if values else ())
        seconds = (time.perf_counter() - started) / max(1, len(values))
        for path, loaded in batch:
            if isinstance(loaded, ScoredPicture):
                yield loaded
            else:
                yield ScoredPicture(path, next(scores), seconds)


def _load(preprocess: Preprocess, path: Path) -> FloatArray | ScoredPicture:
    """Return the network's input for a picture, or what there is to say of one without."""
    try:
        return preprocess.load(path)
    except UnreadableImageError as error:
        return ScoredPicture(path, error=str(error))
