"""Labelling with a look inside the network: is a picture unknown to it, and where is its label."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np

from poets.decode import UnreadableImageError, read_file
from poets.errors import ModelError, UsageError
from poets.heatmap import activation_map, as_heat
from poets.labelling.config import KNOWN_SHARE, ListingConfig, LookingConfig
from poets.labelling.explained import explain_places, write_explained
from poets.parallel import first_then, map_on_cores
from poets.predict import LabeledPicture, Prediction, ScoredPicture, name_labels
from poets.preprocess import FloatArray
from poets.runtimes.inner import Inner, InnerRunner
from poets.runtimes.model import Model
from poets.unknown import UNKNOWN, Familiar

_NO_MAP = "This network does not end in a map of places that it averages: nothing tells where."
_NO_MAP_HINT = "--explain needs one that does, like efficientnet_lite0 or mobilenet_1.0_224."


@dataclass(frozen=True)
class Task:
    """A picture to look at, and where its heat map goes."""

    path: Path
    explain_in: Path | None = None


@dataclass(frozen=True)
class Look:
    """How to look at pictures."""

    model: Model
    make_inner: Callable[[], InnerRunner]  # one for each thread
    listing: ListingConfig
    familiar: Familiar | None = None  # where pictures may be unknown
    known_share: float = KNOWN_SHARE


@dataclass(frozen=True)
class Verdict:
    """How far a picture is from those of the training."""

    distance: float
    farther_than: float  # the share of pictures of their kind that are nearer
    answer: tuple[Prediction, ...]  # `unknown`, where it is too far


def look_inside(model: Model) -> InnerRunner:
    """Load what looks into a model; raises ModelError where nothing does."""
    if model.make_inner is None:
        message = "This graph cannot be looked into."
        raise ModelError(message, hint="Leave --explain and --unknown out.")
    return model.make_inner()


def familiar_to(model: Model) -> Familiar:
    """Return what a model was trained on, in short; raises ModelError where it does not say it."""
    if model.manifest is None:
        message = "The graph does not say what pictures it was trained on, so none is unknown to it"
        raise ModelError(f"{message}.", hint="--unknown needs a graph that `retrain` made.")
    if not model.manifest.familiar:
        message = "The graph does not know what is unknown to it"
        hint = "An older poets made it, or of too few pictures: train again, with 20 or more."
        raise ModelError(f"{message}.", hint=hint)
    return Familiar.from_dict(model.manifest.familiar)


def look_into(
    models: Sequence[Model], paths: Sequence[Path], listing: ListingConfig, config: LookingConfig
) -> Iterator[LabeledPicture]:
    """Look at pictures as the flags say; what cannot be is said before the first one.

    Raises UsageError for several graphs, ModelError, OutputError.
    """
    if len(models) != 1:
        message = f"--explain and --unknown look into one graph, not into {len(models)}."
        raise UsageError(message, hint="Name one --graph.")
    (model,) = models
    familiar = familiar_to(model) if config.unknown else None
    look = Look(model, _inside_of(model, config), listing, familiar, config.known_share)
    places: Sequence[Path | None] = [None] * len(paths)
    if config.explain is not None:
        places = explain_places(config.explain, paths)
    return look_at(look, [Task(*task) for task in zip(paths, places, strict=True)])


def look_at(look: Look, tasks: Sequence[Task]) -> Iterator[LabeledPicture]:
    """Yield what is seen in each picture, in order; a bad one stops nothing.

    The scores are those of labelling without a look. Raises ModelError where the graph cannot be
    looked into, OutputError where a heat map cannot be written.
    """
    yield from map_on_cores(lambda: _Looker(look), tasks)


def _inside_of(model: Model, config: LookingConfig) -> Callable[[], InnerRunner]:
    """Return what hands out runners; that there is something to see is known before a folder is."""
    first = look_inside(model)
    if config.explain is not None:
        heat_of(first.run(np.zeros(model.preprocess.shape, np.float32)), first, 0)
    return first_then(first, lambda: look_inside(model))


class _Looker:
    """Looks at one picture after the other; one a thread."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._runner = look.make_inner()

    def __call__(self, task: Task) -> LabeledPicture:
        try:
            content = read_file(task.path)
            values = self._look.model.preprocess.load(content)
        except UnreadableImageError as error:
            return LabeledPicture(task.path, error=str(error))
        started = perf_counter()
        inner = self._runner.run(values)
        seconds = perf_counter() - started
        labeled = self._judged(self._named(task.path, inner, seconds), inner)
        if task.explain_in is None:
            return labeled
        write_explained(content, self._heat(inner), task.explain_in)
        return replace(labeled, explained_in=task.explain_in)

    def _named(self, path: Path, inner: Inner, seconds: float) -> LabeledPicture:
        listing = self._look.listing
        scored = ScoredPicture(path, inner.scores, seconds)
        labels = self._look.model.labels
        return next(name_labels([scored], labels, listing.top_k, listing.threshold))

    def _judged(self, labeled: LabeledPicture, inner: Inner) -> LabeledPicture:
        if self._look.familiar is None:
            return labeled
        verdict = judge(self._look.familiar, inner, self._look.known_share)
        return replace(
            labeled,
            predictions=verdict.answer or labeled.predictions,
            unknown=bool(verdict.answer),
            distance=verdict.distance,
            farther_than=verdict.farther_than,
        )

    def _heat(self, inner: Inner) -> FloatArray:
        """Return where the best label is seen."""
        return heat_of(inner, self._runner, int(np.argmax(inner.scores)))


def heat_of(inner: Inner, runner: InnerRunner, label_id: int) -> FloatArray:
    """Return where a label is seen, f32[h, w]; raises ModelError where nothing tells it."""
    places = activation_map(inner, runner.layers, label_id)
    if places is None:
        raise ModelError(_NO_MAP, hint=_NO_MAP_HINT)
    return as_heat(places)


def judge(familiar: Familiar, inner: Inner, known_share: float = KNOWN_SHARE) -> Verdict:
    """Tell whether a picture is unlike those of the training.

    It is where it is farther from them than `known_share` of the pictures of their kind. Raises
    ModelError where the network's features are others.
    """
    distance = _distance(familiar, inner)
    farther_than = familiar.farther_than(distance)
    unknown = farther_than > known_share
    return Verdict(distance, farther_than, (Prediction(UNKNOWN, farther_than),) if unknown else ())


def _distance(familiar: Familiar, inner: Inner) -> float:
    inputs = inner.layer_inputs
    if familiar.depth > len(inputs) or inputs[-familiar.depth].shape != familiar.mean.shape:
        message = "The graph's features are not those that its manifest tells of."
        raise ModelError(message, hint="Label without --unknown, or train again.")
    return float(familiar.distance(inputs[-familiar.depth][np.newaxis])[0])
