"""What is in the files: hashes, features, and why some hold no picture."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from poets.backbones.compiled import Backbone
from poets.check.findings import Finding
from poets.check.headers import Header
from poets.decode import IMAGE_FORMATS, UnreadableImageError, decode, read_file
from poets.features.cache import FeatureCache, FileState
from poets.features.extract import Job, extract_features
from poets.features.recipe import Recipe
from poets.images import LabeledImage
from poets.parallel import map_on_cores
from poets.preprocess import FloatArray
from poets.report import Reporter, SkippedImage

_LITTLE = (32, 32)  # decoding to it tells whether a picture can be read


@dataclass(frozen=True)
class Contents:
    """The pictures that can be read, and the files that cannot."""

    images: tuple[LabeledImage, ...]
    hashes: tuple[bytes, ...]  # of each picture's file; b"" where it changed meanwhile
    values: FloatArray | None  # [n_images, feature_size]; None where no network was asked
    unreadable: tuple[SkippedImage, ...]
    architecture: str = ""  # of the network


@dataclass(frozen=True)
class _Read:
    image: LabeledImage
    sha256: bytes = b""
    reason: str = ""


def read_contents(images: Sequence[LabeledImage], reporter: Reporter) -> Contents:
    """Decode and hash every file, without a network or a cache."""
    found = []
    with reporter.progress("Pictures", len(images), "files") as advance:
        for one in map_on_cores(lambda: _decoded, images):
            found.append(one)
            advance(1)
    good = [one for one in found if not one.reason]
    bad = tuple(SkippedImage(one.image.path, one.reason) for one in found if one.reason)
    return Contents(tuple(one.image for one in good), tuple(one.sha256 for one in good), None, bad)


def extract_contents(
    headers: Sequence[Header], backbone: Backbone, cache: FeatureCache, reporter: Reporter
) -> Contents:
    """Return the features of every picture; those that the cache knows are not read again.

    Raises ModelError and OutputError as `extract_features` does.
    """
    recipe = Recipe.plain(backbone)
    # What is no picture at all is not worth a line in the reporter's list.
    others = [header.image for header in headers if header.format not in IMAGE_FORMATS]
    no_pictures = read_contents(others, Reporter())
    likely = [h.image for h in headers if h.format in IMAGE_FORMATS]
    images = sorted([*likely, *no_pictures.images])
    extraction = extract_features([Job(i, recipe) for i in images], backbone, cache, reporter)
    hashes = tuple(_hash(image, cache) for image in extraction.images)
    unreadable = sorted((*no_pictures.unreadable, *extraction.skipped), key=lambda s: s.path)
    return Contents(
        extraction.images, hashes, extraction.values, tuple(unreadable), backbone.architecture
    )


def content_findings(contents: Contents) -> list[Finding]:
    """Find files that cannot be read."""
    return [
        Finding(_kind(skipped.reason), skipped.reason, (skipped.path,), (skipped.path.parent.name,))
        for skipped in contents.unreadable
    ]


def _kind(reason: str) -> str:
    return "truncated" if reason.startswith("truncated") else "unreadable"


def _decoded(image: LabeledImage) -> _Read:
    try:
        content = read_file(image.path)
        decode(content, _LITTLE)
    except UnreadableImageError as error:
        return _Read(image, reason=str(error))
    return _Read(image, hashlib.sha256(content).digest())


def _hash(image: LabeledImage, cache: FeatureCache) -> bytes:
    """Ask the cache, which has just read the file or knows that it did not change since."""
    try:
        return cache.sha256_of(FileState.of(image.path)) or b""
    except OSError:
        return b""
