"""What is known of a backbone before it is made: plain data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from poets.preprocess import Preprocess
from poets.report import Reporter


class Source(Protocol):
    """Where a backbone's weights come from."""

    def digest(self, model_dir: Path) -> str | None:
        """Return what identifies the weights, or None where they are not on this machine yet."""

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:
        """Return the file with the weights, downloaded into `model_dir` where it must be.

        Raises ModelError where it cannot be had.
        """

    def describe(self) -> str:
        """Say in a few words where the weights come from."""


@dataclass(frozen=True)
class BackboneSpec:
    """One row of the table of backbones."""

    name: str
    maker: str  # "module:function", (BackboneSpec, Path of the weights) -> FrozenBackbone
    preprocess: Preprocess
    source: Source
    resizable: bool = False  # whether --image_size may change the size of its input
