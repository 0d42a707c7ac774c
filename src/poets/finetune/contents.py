"""Which files are pictures, and what they hold by their hashes, without any network."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from poets.decode import UnreadableImageError, read_file
from poets.features.cache import Entry, FeatureCache, FileState
from poets.images import LabeledImage
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray, Preprocess
from poets.report import Reporter, SkippedImage

_READABLE = "readable"  # the recipe's place: there are no features, but they could be made
_NOTHING: FloatArray = np.zeros(0, np.float32)
_STORED_AT_ONCE = 64


@dataclass(frozen=True)
class Contents:
    """The pictures among the files."""

    images: tuple[LabeledImage, ...]
    hashes: tuple[bytes, ...]  # SHA-256 of each one's file
    skipped: tuple[SkippedImage, ...]


def find_readable(
    images: Sequence[LabeledImage], preprocess: Preprocess, cache: FeatureCache, reporter: Reporter
) -> Contents:
    """Tell pictures from what cannot be read; a file is opened once, and then known to the cache.

    Raises OutputError where the cache cannot grow.
    """
    entries = {image: _look_up(image, cache) for image in images}
    missing = [image for image, entry in entries.items() if entry is None]
    if missing:
        with reporter.progress("Pictures", len(missing), "images") as advance:
            unsaved: list[tuple[FileState, Entry]] = []
            for image, state, entry in map_on_cores(lambda: _Prober(preprocess), missing):
                entries[image] = entry
                if state is not None:
                    unsaved.append((state, entry))
                if len(unsaved) >= _STORED_AT_ONCE:
                    cache.store(unsaved, _READABLE)
                    unsaved.clear()
                advance(1)
            cache.store(unsaved, _READABLE)
    return _contents({image: entry for image, entry in entries.items() if entry is not None})


def _contents(entries: Mapping[LabeledImage, Entry]) -> Contents:
    readable = {image: entry for image, entry in entries.items() if entry.values is not None}
    skipped = [
        SkippedImage(image.path, entry.reason)
        for image, entry in entries.items()
        if entry.values is None
    ]
    return Contents(
        tuple(readable), tuple(entry.sha256 for entry in readable.values()), tuple(skipped)
    )


def _look_up(image: LabeledImage, cache: FeatureCache) -> Entry | None:
    try:
        return cache.look_up(FileState.of(image.path), _READABLE)
    except OSError:
        return None  # who opens it says why


class _Prober:
    def __init__(self, preprocess: Preprocess) -> None:
        self._preprocess = preprocess

    def __call__(self, image: LabeledImage) -> tuple[LabeledImage, FileState | None, Entry]:
        try:
            state = FileState.of(image.path)  # before reading: a later change is then seen
            content = read_file(image.path)
        except (OSError, UnreadableImageError) as error:
            return image, None, Entry(b"", reason=str(error))
        digest = hashlib.sha256(content).digest()
        try:
            self._preprocess.decode(content)
        except UnreadableImageError as error:
            return image, state, Entry(digest, reason=str(error))
        return image, state, Entry(digest, values=_NOTHING)
