"""Pictures to features: from the cache, or with a LiteRT interpreter on each core."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from poets.backbones.compiled import Backbone
from poets.decode import UnreadableImageError, read_file
from poets.errors import DataError
from poets.features.cache import Entry, FeatureCache, FileState
from poets.features.recipe import Recipe
from poets.images import LabeledImage
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray
from poets.report import Reporter, SkippedImage
from poets.runtimes.litert import LiteRTRunner

_STORED_AT_ONCE = 64  # what a kill at any moment can lose


@dataclass(frozen=True)
class Job:
    """A picture, and how it is to be prepared for the backbone."""

    image: LabeledImage
    recipe: Recipe


@dataclass(frozen=True)
class Extraction:
    """Pictures with their features, and the files that are none."""

    images: tuple[LabeledImage, ...]
    values: FloatArray  # [n_images, feature_size], one row per image
    skipped: tuple[SkippedImage, ...]


@dataclass(frozen=True)
class _Found:
    """What a worker found in a file; without `state` it is not to be kept.

    The entry has neither values nor a reason where the cache knows the content already.
    """

    job: Job
    entry: Entry
    state: FileState | None = None


def extract_features(
    jobs: Sequence[Job], backbone: Backbone, cache: FeatureCache, reporter: Reporter
) -> Extraction:
    """Return each readable picture's features; only what the cache does not know is computed.

    Raises ModelError where the backbone cannot be run, OutputError where the cache cannot grow,
    DataError where it is damaged.
    """
    entries = [_look_up(job, cache) for job in jobs]
    missing = [index for index, entry in enumerate(entries) if entry is None]
    found = _find([jobs[index] for index in missing], backbone, cache, reporter)
    for index, one in zip(missing, found, strict=True):
        entries[index] = _complete(one, cache)
    images, values, skipped = [], [], []
    for job, entry in zip(jobs, entries, strict=True):
        if entry is None or entry.values is None:
            skipped.append(SkippedImage(job.image.path, entry.reason if entry else ""))
        else:
            images.append(job.image)
            values.append(entry.values)
    computed = sum(one.entry.values is not None for one in found)
    reporter.features(len(values) - computed, computed, skipped)
    if any(row.size != backbone.feature_size for row in values):
        raise DataError(f"{cache.path} is damaged.", hint="Delete it, and run again.")
    array = np.array(values, dtype=np.float32).reshape(-1, backbone.feature_size)
    return Extraction(tuple(images), array, tuple(skipped))


def _look_up(job: Job, cache: FeatureCache) -> Entry | None:
    try:
        return cache.look_up(FileState.of(job.image.path), job.recipe.key)
    except OSError:
        return None  # the worker, who opens it, says why


def _find(
    jobs: Sequence[Job], backbone: Backbone, cache: FeatureCache, reporter: Reporter
) -> list[_Found]:
    if not jobs:
        return []
    known = {key: cache.known_content(key) for key in {job.recipe.key for job in jobs}}
    all_found: list[_Found] = []
    unsaved: list[_Found] = []
    with reporter.progress("Features", len(jobs), "images") as advance:
        for found in map_on_cores(lambda: _Extractor(backbone, known), jobs):
            all_found.append(found)
            unsaved.append(found)
            if len(unsaved) >= _STORED_AT_ONCE:
                _store(unsaved, cache)
                unsaved.clear()
            advance(1)
            if len(all_found) % 100 == 0:
                reporter.bottlenecks_created(len(all_found))
    _store(unsaved, cache)
    return all_found


def _store(found: Sequence[_Found], cache: FeatureCache) -> None:
    for key, group in groupby(found, lambda one: one.job.recipe.key):
        cache.store([(one.state, one.entry) for one in group if one.state is not None], key)


def _complete(found: _Found, cache: FeatureCache) -> Entry:
    """Fetch what the cache knows of content that turned up under another name."""
    entry = found.entry
    if entry.values is not None or entry.reason:
        return entry
    known = cache.look_up_content(entry.sha256, found.job.recipe.key)
    return known or Entry(entry.sha256, reason="lost with the cache; run again")


class _Extractor:
    """Reads, decodes and runs one file after the other; one a thread."""

    def __init__(self, backbone: Backbone, known: Mapping[str, frozenset[bytes]]) -> None:
        self._runner = LiteRTRunner(backbone.tflite_path)
        self._known = known

    def __call__(self, job: Job) -> _Found:
        try:
            state = FileState.of(job.image.path)  # before reading: a later change is then seen
            content = read_file(job.image.path)
        except (OSError, UnreadableImageError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return _Found(job, Entry(b"", reason=reason.lower()))
        return _Found(job, self._entry(content, job.recipe), state)

    def _entry(self, content: bytes, recipe: Recipe) -> Entry:
        digest = hashlib.sha256(content).digest()
        if digest in self._known[recipe.key]:
            return Entry(digest)
        try:
            return Entry(digest, values=self._runner.run(recipe.load(content)))
        except UnreadableImageError as error:
            return Entry(digest, reason=str(error))
