"""The family of networks that are none: pixels_28, pixels_32_gray ... whose features are pixels."""

import re
from dataclasses import dataclass
from pathlib import Path

from poets.backbones.spec import BackboneSpec
from poets.errors import UsageError
from poets.preprocess import Preprocess
from poets.report import Reporter

MIN_SIZE, MAX_SIZE = 1, 256
EXAMPLES = ("pixels_28", "pixels_28_gray", "pixels_32")  # that are listed
COMPILER = "poets.backbones.pixels:compile_pixels"
_NAME = re.compile(r"pixels_(0|[1-9][0-9]{0,8})(_gray)?")


@dataclass(frozen=True)
class NoWeights:
    """Where nothing has to come from anywhere."""

    def is_here(self, model_dir: Path) -> bool:  # noqa: ARG002
        """Say that nothing is missing."""
        return True

    def digest(self, model_dir: Path) -> str | None:  # noqa: ARG002
        """Return what is the same for all: the rest of a network's digest tells them apart."""
        return "none"

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:  # noqa: ARG002
        """Return a place where no weights are."""
        return model_dir

    def describe(self) -> str:
        """Say that there is no network."""
        return "no network: the pixels are the features"


def find_pixels(name: str) -> BackboneSpec | None:
    """Return what a name stands for, None for a name of no such family.

    Raises UsageError for a size that is out of range.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    size, channels = int(match[1]), 1 if match[2] else 3
    if not MIN_SIZE <= size <= MAX_SIZE:
        message = f"{name}: pixels are taken of pictures of {MIN_SIZE} to {MAX_SIZE} pixels a side."
        raise UsageError(message, hint="For instance --architecture pixels_28, or pixels_28_gray.")
    preprocess = Preprocess(size, size, mean=0.0, std=255.0, channels=channels)
    return BackboneSpec(
        name=name,
        maker="",
        preprocess=preprocess,
        source=NoWeights(),
        feature_size=size * size * channels,
        compiler=COMPILER,
    )


def is_pixels(architecture: str) -> bool:
    """Tell whether features of that architecture are pixels from 0 to 1, row by row."""
    return _NAME.fullmatch(architecture) is not None
