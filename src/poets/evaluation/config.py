"""What `poets evaluate` is told, beside the graph."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError
from poets.split import PARTS

ALL = "all"  # the part that is no part: every picture of a folder that nothing was trained on


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig(FlagGroup):
    """Which pictures."""

    image_dir: Annotated[
        Path | None, Flag("Folder with one sub-folder of pictures a label; else the codelab's.")
    ] = None
    split: Annotated[
        str, Flag("Which of its pictures; all is for a folder of new ones.", choices=(*PARTS, ALL))
    ] = "testing"
    testing_percentage: Annotated[
        int | None, Flag("Percent kept for the final test; else as in training.", 0, 99)
    ] = None
    validation_percentage: Annotated[
        int | None, Flag("Percent kept for validation; else as in training.", 0, 99)
    ] = None


@dataclass(frozen=True, kw_only=True)
class DocumentConfig(FlagGroup):
    """Where the figures go for other programs."""

    json: Annotated[Path | None, Flag("Write every figure there; - is standard output.")] = None
    csv: Annotated[Path | None, Flag("Write a line a label there; - is standard output.")] = None

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        if self.json is not None and self.json == self.csv:
            raise UsageError(f"--json {self.json} and --csv {self.csv} are one place.")
