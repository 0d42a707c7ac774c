"""What the doctor is told."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from poets.config.backbone import BackboneConfig
from poets.config.data import SplitConfig
from poets.config.flags import Flag, FlagGroup


@dataclass(frozen=True, kw_only=True)
class CheckConfig(FlagGroup):
    """All that the doctor is told."""

    image_dir: Path
    split: SplitConfig = field(default_factory=SplitConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    quick: Annotated[
        bool, Flag("Ask no network: files, names, copies and numbers only; writes nothing at all.")
    ] = False
    json: Annotated[bool, Flag("Print JSON, in which nothing is left out.")] = False
    strict: Annotated[bool, Flag("Let warnings count as errors in the exit code.")] = False
