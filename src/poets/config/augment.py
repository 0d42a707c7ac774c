"""What a sheet of distorted pictures is to show."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from poets.config.distort import DistortConfig
from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
MOST_VARIANTS = 16  # of a picture; more make no sheet that one can look at


@dataclass(frozen=True, kw_only=True)
class AugmentConfig(FlagGroup):
    """What a sheet of distorted pictures is to show."""

    image_dir: Annotated[Path, Flag("Folder with one sub-folder of pictures a label.")]
    output: Annotated[Path, Flag("The sheet: a .png, .jpg or .webp file.")] = Path(
        "tf_files/augmented.png"
    )
    pictures: Annotated[int, Flag("Pictures to show, of each label in turn.", 1, 32)] = 8
    image_size: Annotated[int, Flag("Side of the network's input in pixels.", 1, 500)] = 224
    gray: Annotated[bool, Flag("Show what a network without colours sees.")] = False
    seed: Annotated[int, Flag("Same seed, same sheet.", 0, 2**63 - 1)] = 0
    distort: DistortConfig = field(default_factory=DistortConfig)

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        super().__post_init__()
        if self.output.suffix.lower() not in SUFFIXES:
            message = f"--output {self.output}: its name ends with none of {', '.join(SUFFIXES)}."
            raise UsageError(message, hint="The end of its name says what kind of file it is.")
        if not self.distort.distorts:
            hint = "For example: --flip_left_right --random_rotation 10 --random_zoom 20."
            raise UsageError("no distortion is asked for: there is nothing to show.", hint=hint)

    @property
    def variants(self) -> int:
        """How many variants of a picture are shown."""
        return min(self.distort.distortion_variants or MOST_VARIANTS, MOST_VARIANTS)
