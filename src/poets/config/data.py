"""Which pictures, and how they are split."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class SplitConfig(FlagGroup):
    """How many of each label's pictures are kept from training."""

    testing_percentage: Annotated[
        int, Flag("Percent of the pictures kept for the final test.", 0, 99)
    ] = 10
    validation_percentage: Annotated[
        int, Flag("Percent of the pictures kept to watch the training.", 0, 99)
    ] = 10

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        super().__post_init__()
        if self.testing_percentage + self.validation_percentage > 99:
            raise UsageError("--testing_percentage and --validation_percentage leave no training.")


@dataclass(frozen=True, kw_only=True)
class DataConfig(FlagGroup):
    """Which pictures."""

    image_dir: Annotated[Path, Flag("Folder with one sub-folder of pictures a label.")]
    strict: Annotated[bool, Flag("Make a picture that cannot be read an error.")] = False
    split: SplitConfig = field(default_factory=SplitConfig)
