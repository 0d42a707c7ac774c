"""What the doctor is told, and all that it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from poets.check.findings import Finding, Severity
from poets.check.gain import Gain
from poets.config import BackboneConfig, Flag, SplitConfig


@dataclass(frozen=True, kw_only=True)
class CheckConfig:
    """All that the doctor is told."""

    image_dir: Path
    split: SplitConfig = field(default_factory=SplitConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    quick: Annotated[
        bool, Flag("Ask no network: files, names, copies and numbers only; writes nothing at all.")
    ] = False
    json: Annotated[bool, Flag("Print JSON, in which nothing is left out.")] = False
    strict: Annotated[bool, Flag("Let warnings count as errors in the exit code.")] = False


@dataclass(frozen=True, kw_only=True)
class Examination:
    """All that was found."""

    image_dir: Path
    architecture: str  # "" where no network was asked
    counts: Mapping[str, int]  # pictures that can be read, by label
    findings: tuple[Finding, ...]  # in the order of KINDS
    gains: tuple[Gain, ...]
    not_checked: dict[str, str]  # why, by kind

    def count(self, severity: Severity) -> int:
        """Return how many findings are that serious."""
        return sum(finding.severity == severity for finding in self.findings)
