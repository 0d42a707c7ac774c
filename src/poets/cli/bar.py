"""The progress bar, drawn on standard error."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text


class _RateColumn(ProgressColumn):
    """How many units a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return "92 images/s"; nothing before there is a speed."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} {self._unit}/s" if speed else "")


def make_bar(unit: str) -> Progress:
    """Return a bar with count, rate and time left; for bytes, with their sizes."""
    if unit == "B":
        count: tuple[ProgressColumn, ...] = (DownloadColumn(), TransferSpeedColumn())
    else:
        count = (MofNCompleteColumn(), _RateColumn(unit))
    text = TextColumn("{task.description}", markup=False)
    remaining = TimeRemainingColumn(elapsed_when_finished=True)
    return Progress(
        text, BarColumn(28), *count, remaining, console=Console(stderr=True, highlight=False)
    )
