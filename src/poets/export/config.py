"""What `poets export` is told, beside the graph."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from poets.config.flags import Flag, FlagGroup, defaults_of
from poets.config.output import OutputConfig
from poets.errors import UsageError
from poets.export.table import EXPORTERS, Exporter, find_exporters


@dataclass(frozen=True, kw_only=True)
class ExportConfig(FlagGroup):
    """Which exports, where to, and proved with what."""

    to: Annotated[str, Flag(f"Names with commas between, of: {', '.join(EXPORTERS)}.")]
    output_dir: Annotated[Path | None, Flag("Folder for the exports; else the graph's.")] = None
    image_dir: Annotated[
        Path | None, Flag("The folder that was trained on: its test pictures prove the exports.")
    ] = None
    max_accuracy_drop: Annotated[
        float, Flag("Points of accuracy that a reduced export may lose.", 0, 100)
    ] = defaults_of(OutputConfig)["max_accuracy_drop"]

    def __post_init__(self) -> None:
        """Check each flag, and the names."""
        super().__post_init__()
        if not self.exporters:
            raise UsageError("--to names no export.", hint=f"There are: {', '.join(EXPORTERS)}.")

    @property
    def exporters(self) -> tuple[Exporter, ...]:
        """The rows of the table that were asked for."""
        return find_exporters(self.to)
