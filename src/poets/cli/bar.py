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
    """Return a bar with what tells most of the unit: sizes, accuracies or a rate."""
    columns: dict[str, tuple[ProgressColumn, ...]] = {
        "B": (DownloadColumn(), TransferSpeedColumn()),
        "steps": (MofNCompleteColumn(), TextColumn("{task.fields[status]}", markup=False)),
    }
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(28),
        *columns.get(unit, (MofNCompleteColumn(), _RateColumn(unit))),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=Console(stderr=True, highlight=False),
    )
