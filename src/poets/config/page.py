"""The page of results."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup
from poets.errors import UsageError

PAGE_FILE = "report.html"


@dataclass(frozen=True, kw_only=True)
class PageConfig(FlagGroup):
    """Whether there is a page of results, and where."""

    report: Annotated[
        Path | None, Flag(f"The page of results; else {PAGE_FILE} beside the graph.")
    ] = None
    no_report: Annotated[bool, Flag("Write no page of results.")] = False

    def __post_init__(self) -> None:
        """Check what no flag can check alone."""
        super().__post_init__()
        if self.no_report and self.report is not None:
            raise UsageError(f"--no_report and --report {self.report}: leave one.")

    def place(self, graph: Path) -> Path | None:
        """Return where the page of a graph goes, None for nowhere."""
        return None if self.no_report else self.report or graph.with_name(PAGE_FILE)
