"""Whether a picture that its EXIF tag turns looks the right way up to the network."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image
from PIL.ExifTags import Base

from poets.backbones.compiled import Backbone
from poets.check.crossfit import Labeled, train_head
from poets.check.findings import Finding
from poets.check.headers import Header
from poets.decode import IMAGE_FORMATS, ByteArray
from poets.errors import DataError
from poets.features.cache import FeatureCache
from poets.features.extract import Job, extract_features
from poets.features.recipe import Recipe
from poets.heads.softmax import Standardization
from poets.images import LabeledImage
from poets.preprocess import FloatArray
from poets.report import Reporter

SAMPLED, FEWEST = 120, 60  # pictures without a tag that show what the right way up looks like
_SURE = 0.8
_SEED = 0
_QUARTER_TURNS = {5, 6, 7, 8}
_LONGEST = 4  # times the shorter side is looked at of a panorama
_LEAST = 1e-6  # probability: one view alone decides nothing


@dataclass(frozen=True)
class TurnedRecipe(Recipe):
    """The middle of the picture as it is shown, turned further by counter-clockwise quarters."""

    quarters: int

    @cached_property
    def key(self) -> str:
        """The backbone and the turn."""
        return f"{self.backbone_digest} middle turned {self.quarters}"

    def load(self, content: bytes) -> FloatArray:
        """Return the backbone's input, f32[height, width, channels]; raises UnreadableImageError.

        Nothing is squeezed: else a head would tell a turn by that, and portraits are squeezed the
        other way than landscapes.
        """
        height, width = self.preprocess.height, self.preprocess.width
        side = max(height, width)
        pixels = self.preprocess.decode(content, _size_around(content, side))
        turned = np.rot90(_middle(pixels, side, side), self.quarters)
        return self.preprocess.normalize(_middle(turned, height, width))


@dataclass(frozen=True)
class Turner:
    """What makes features of turned pictures."""

    backbone: Backbone
    cache: FeatureCache
    reporter: Reporter

    def views(self, images: Sequence[LabeledImage]) -> FloatArray:
        """Return the features of each picture in its four positions, f32[n, 4, feature_size].

        Raises DataError for a picture that is gone since it was read.
        """
        digest, preprocess = self.backbone.digest, self.backbone.preprocess
        recipes = [TurnedRecipe(digest, preprocess, quarters) for quarters in range(4)]
        jobs = [Job(image, recipe) for recipe in recipes for image in images]
        extraction = extract_features(jobs, self.backbone, self.cache, self.reporter)
        if extraction.skipped:
            raise DataError(f"{extraction.skipped[0]}.", hint="It was read before; run again.")
        return extraction.values.reshape(4, len(images), -1).swapaxes(0, 1)


def why_not_judged(headers: Sequence[Header]) -> str:
    """Say why tags cannot be judged; "" where they can, or there are none to judge."""
    untagged = sum(header.turn is None for header in headers)
    if not _doubtful(headers) or untagged >= FEWEST:
        return ""
    return f"{FEWEST} pictures without an EXIF tag that turns them are needed"


def rotation_findings(headers: Sequence[Header], turner: Turner) -> Iterator[Finding]:
    """Find tags of which the file itself says nothing, and that the network doubts.

    A head learns from pictures without a tag, each in its four positions, to tell a position
    (S. Gidaris, P. Singh, N. Komodakis, "Unsupervised representation learning by predicting image
    rotations", ICLR 2018). It then judges the four positions of each picture with a tag. `headers`
    are those of readable pictures.
    """
    doubtful = _doubtful(headers)
    untagged = [header.image for header in headers if header.turn is None]
    if not doubtful or why_not_judged(headers):
        return
    rng = np.random.default_rng(_SEED)
    drawn = np.sort(rng.permutation(len(untagged))[:SAMPLED])
    views = turner.views([*(untagged[row] for row in drawn), *(h.image for h in doubtful)])
    chances = _chances(views[: len(drawn)], views[len(drawn) :])
    for header, row in zip(doubtful, chances, strict=True):
        quarters = header.turn.quarters if header.turn else 0
        # Without the tag the picture would stand as it does in the view turned back by it.
        undone = row[-quarters % 4] / (row[0] + row[-quarters % 4])
        if undone > _SURE:
            said = f"{100 * undone:.0f} % for its pixels without the tag"
            yield Finding("doubtful-rotation", said, (header.image.path,), (header.image.label,))


def _size_around(content: bytes, side: int) -> tuple[int, int]:
    """Return height and width of the picture as it is shown, its shorter side being `side`."""
    try:
        with Image.open(io.BytesIO(content), formats=IMAGE_FORMATS) as picture:
            width, height = picture.size
            is_turned = picture.getexif().get(Base.Orientation) in _QUARTER_TURNS
    except Exception:  # whatever is wrong is said when it is decoded
        return side, side
    if is_turned:
        width, height = height, width
    shorter = min(width, height)
    tall, wide = (min(round(side * n / shorter), _LONGEST * side) for n in (height, width))
    return tall, wide


def _middle(pixels: ByteArray, height: int, width: int) -> ByteArray:
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def _doubtful(headers: Sequence[Header]) -> list[Header]:
    return [h for h in headers if h.turn is not None and h.turn.evidence == "none"]


def _chances(sample: FloatArray, views: FloatArray) -> FloatArray:
    """Return how likely each view is the one that is the right way up, f32[n, 4]."""
    size = sample.shape[-1]
    flat = sample.reshape(-1, size)
    standardization = Standardization.of(flat)
    positions = np.tile(np.arange(4, dtype=np.int64), len(sample))
    data = Labeled(standardization.apply(flat), positions, n_labels=4)
    head = train_head(data, np.arange(len(flat)))
    seen = head.probabilities(standardization.apply(views.reshape(-1, size))).reshape(-1, 4, 4)
    logs = np.log(np.maximum(seen, _LEAST))
    # If view k is right, view t stands turned by t - k. The four are not independent of each
    # other: half the sum of their logarithms is about what they are worth.
    turned = np.arange(4)
    sums = [logs[:, turned, (turned - k) % 4].sum(axis=1) for k in range(4)]
    chances = np.exp(0.5 * np.stack(sums, axis=1))
    result: FloatArray = chances / chances.sum(axis=1, keepdims=True)
    return result
