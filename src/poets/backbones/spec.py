"""What is known of a backbone before it is made: plain data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from poets.preprocess import Preprocess
from poets.report import Reporter

INPUT_NODE = "input"


class Source(Protocol):
    """Where a backbone's weights come from."""

    def is_here(self, model_dir: Path) -> bool:
        """Tell at a glance, unread, whether the weights are on this machine."""

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
    maker: str  # "module:function", (BackboneSpec, Path of the weights) -> FrozenBackbone, or ""
    preprocess: Preprocess
    source: Source
    feature_size: int = 0  # 0 where only making it tells
    parameters: int = 0  # up to the features, without a head
    download_bytes: int = 0  # about; 0 where nothing is downloaded
    min_size: int = 0  # the smallest that --image_size may ask for; 0 where it may not ask
    input_node: str = INPUT_NODE  # of the exported graph
    quantized: bool = False  # whether its exports have 8-bit weights
    # "module:function", (BackboneSpec, Path of the weights, Path of the folder to fill) -> int,
    # the number of features
    compiler: str = "poets.backbones.compile:compile_backbone"
