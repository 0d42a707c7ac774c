"""All that the doctor says."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from poets.check.findings import Finding, Severity
from poets.check.gain import Gain


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
