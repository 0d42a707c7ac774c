"""Pictures to features: from the cache, or with a LiteRT interpreter on each core."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from poets.backbones.compiled import Backbone
from poets.decode import UnreadableImageError, read_file
from poets.features.cache import Entry, FeatureCache, FileState
from poets.images import LabeledImage
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray
from poets.report import Reporter, SkippedImage
from poets.runtimes.litert import LiteRTRunner

_STORED_AT_ONCE = 64  # what a kill at any moment can lose


@dataclass(frozen=True)
class Extraction:
    """Pictures with their features, and the files that are none."""

    images: tuple[LabeledImage, ...]
    values: FloatArray  # [n_images, feature_size], one row per image
    skipped: tuple[SkippedImage, ...]


@dataclass(frozen=True)
class _Found:
    """What a worker found in a file; without `state` it is not to be kept."""

    image: LabeledImage
    entry: Entry
    state: FileState | None = None


def extract_features(
    images: Sequence[LabeledImage], backbone: Backbone, cache: FeatureCache, reporter: Reporter
) -> Extraction:
    """Return each readable picture's features; only what the cache does not know is computed.

    Raises ModelError where the backbone cannot be run, OutputError where the cache cannot grow.
    """
    found = {image: _look_up(image, cache, backbone.digest) for image in images}
    cached = {image: entry for image, entry in found.items() if entry is not None}
    missing = [image for image in images if image not in cached]
    computed = _compute(missing, backbone, cache, reporter) if missing else {}
    entries = [(image, cached.get(image) or computed[image]) for image in images]
    skipped = tuple(SkippedImage(i.path, e.reason) for i, e in entries if e.values is None)
    rows = {image: e.values for image, e in entries if e.values is not None}
    reporter.features(len(cached), len(computed), skipped)
    values = np.stack(list(rows.values())) if rows else np.empty((0, backbone.feature_size))
    return Extraction(tuple(rows), values.astype(np.float32, copy=False), skipped)


def _look_up(image: LabeledImage, cache: FeatureCache, recipe: str) -> Entry | None:
    try:
        return cache.look_up(FileState.of(image.path), recipe)
    except OSError:
        return None  # the worker, who opens it, says why


def _compute(
    images: Sequence[LabeledImage], backbone: Backbone, cache: FeatureCache, reporter: Reporter
) -> dict[LabeledImage, Entry]:
    known = cache.known_content(backbone.digest)
    entries: dict[LabeledImage, Entry] = {}
    unsaved: list[tuple[FileState, Entry]] = []
    with reporter.progress("Features", len(images), "images") as advance:
        for found in map_on_cores(lambda: _Extractor(backbone, known), images):
            entries[found.image] = _complete(found.entry, cache, backbone.digest)
            if found.state is not None:
                unsaved.append((found.state, found.entry))
            if len(unsaved) >= _STORED_AT_ONCE:
                cache.store(unsaved, backbone.digest)
                unsaved.clear()
            advance(1)
            if len(entries) % 100 == 0:
                reporter.bottlenecks_created(len(entries))
    cache.store(unsaved, backbone.digest)
    return entries


def _complete(entry: Entry, cache: FeatureCache, recipe: str) -> Entry:
    """Fetch what the cache knows of content that turned up under another name."""
    if entry.values is not None or entry.reason:
        return entry
    return cache.look_up_content(entry.sha256, recipe) or entry


class _Extractor:
    """Reads, decodes and runs one file after the other; one a thread."""

    def __init__(self, backbone: Backbone, known: frozenset[bytes]) -> None:
        self._runner = LiteRTRunner(backbone.tflite_path)
        self._preprocess = backbone.preprocess
        self._known = known

    def __call__(self, image: LabeledImage) -> _Found:
        try:
            state = FileState.of(image.path)  # before reading: a later change is then seen
            content = read_file(image.path)
        except (OSError, UnreadableImageError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return _Found(image, Entry(b"", reason=reason.lower()))
        return _Found(image, self._entry(content), state)

    def _entry(self, content: bytes) -> Entry:
        digest = hashlib.sha256(content).digest()
        if digest in self._known:
            return Entry(digest)
        try:
            return Entry(digest, values=self._runner.run(self._preprocess.load(content)))
        except UnreadableImageError as error:
            return Entry(digest, reason=str(error))
