"""The table of data sets that `poets fetch` brings: a new one is a row and a function."""

from dataclasses import dataclass
from pathlib import Path

from poets.errors import UsageError
from poets.registry import did_you_mean, load
from poets.report import Reporter


@dataclass(frozen=True)
class DatasetSpec:
    """One row: what the pictures are, and how they come."""

    name: str
    description: str
    loader: str  # "module:function", called as (folder: Path, reporter=Reporter) -> Path
    offline: bool  # whether it works without a network


DATASETS: dict[str, DatasetSpec] = {
    spec.name: spec
    for spec in (
        DatasetSpec(
            name="flower_photos",
            description="3,670 photos of five kinds of flowers, 229 MB to download",
            loader="poets.datasets.flower_photos:fetch_flower_photos",
            offline=False,
        ),
        DatasetSpec(
            name="painted_flowers",
            description="the same five kinds, 500 pictures drawn on this machine",
            loader="poets.datasets.painted_flowers:draw_painted_flowers",
            offline=True,
        ),
    )
}


def fetch_dataset(name: str, folder: Path, reporter: Reporter) -> Path:
    """Bring the data set with that name to `folder`: one sub-folder of pictures a label.

    Raises UsageError for an unknown name, with the nearest known one, DataError where the
    pictures cannot be had, and OutputError where they cannot be written.
    """
    if name not in DATASETS:
        message = f"no data set '{name}'.{did_you_mean(name, DATASETS)}"
        raise UsageError(message, hint=f"There are: {', '.join(DATASETS)}.")
    path: Path = load(DATASETS[name].loader)(folder, reporter=reporter)
    return path
