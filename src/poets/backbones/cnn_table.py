"""The family of networks that begin with no weights: cnn_28, cnn_64_gray ..."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from poets.backbones.spec import BackboneSpec
from poets.errors import UsageError
from poets.preprocess import Preprocess
from poets.report import Reporter

MIN_SIZE, MAX_SIZE = 16, 224
EXAMPLES = ("cnn_28", "cnn_28_gray", "cnn_64")  # that are listed
_NAME = re.compile(r"cnn_(\d{1,6})(_gray)?")
_FIRST_FILTERS, _MOST_FILTERS = 32, 256
_SMALLEST_MAP = 7  # pixels that the last layer's map has at least
MAKER = "poets.backbones.cnn:make"


@dataclass(frozen=True)
class FromScratch:
    """No weights: `retrain` trains them on the pictures that it is given."""

    def is_here(self, model_dir: Path) -> bool:  # noqa: ARG002
        """Say that nothing is missing."""
        return True

    def digest(self, model_dir: Path) -> str | None:  # noqa: ARG002
        """Raise UsageError: there are no weights before there are pictures."""
        message = "a cnn knows nothing of pictures before `retrain` has trained it."
        raise UsageError(message, hint="Choose another architecture here.")

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:  # noqa: ARG002
        """Raise UsageError, for the same reason."""
        self.digest(model_dir)
        raise AssertionError

    def describe(self) -> str:
        """Say where the weights come from."""
        return "trained on your pictures"


def find_cnn(name: str) -> BackboneSpec | None:
    """Return the network that a name stands for, None for a name of no cnn.

    Raises UsageError for a size that is out of range.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    size = int(match[1])
    if not MIN_SIZE <= size <= MAX_SIZE:
        message = f"{name}: a cnn takes pictures of {MIN_SIZE} to {MAX_SIZE} pixels."
        raise UsageError(message, hint="For instance --architecture cnn_28, or cnn_64_gray.")
    channels = 1 if match[2] else 3
    filters = filters_of(size)
    weights = zip((channels, *filters), filters, strict=False)
    return BackboneSpec(
        name=name,
        maker=MAKER,
        preprocess=Preprocess(size, size, mean=127.5, std=127.5, channels=channels),
        source=FromScratch(),
        feature_size=filters[-1],
        # A 3 x 3 kernel, and batch norm's four numbers a filter.
        parameters=sum(9 * before * after + 4 * after for before, after in weights),
    )


def filters_of(size: int) -> tuple[int, ...]:
    """Return how many filters each layer has; between two layers the maps' sides are halved."""
    halvings = max(1, math.floor(math.log2(size / _SMALLEST_MAP)))
    return tuple(min(_FIRST_FILTERS << i, _MOST_FILTERS) for i in range(halvings + 1))
