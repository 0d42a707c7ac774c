"""`poets fetch`: brings pictures to try things out with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from poets.cli.app import CONTEXT
from poets.cli.options import UserPath
from poets.cli.shown import COLUMN
from poets.config.places import TF_FILES
from poets.errors import PoetsError, UsageError

_INTERRUPTED = "a download goes on from here the next time; half a set of pictures is not kept."


@click.command("fetch", context_settings=CONTEXT)
@click.argument("name", metavar="DATASET", required=False)
@click.argument("folder", type=UserPath(), required=False)
@click.option("--list", "listing", is_flag=True, help="List the data sets there are.")
@click.option(
    "--part",
    type=click.Choice(("train", "test", "all")),
    help="Pictures to train with, to test with, or both, of a published set: train.",
)
@click.option("--limit", type=int, metavar="N", help="So many pictures a label.")
@click.option("--seed", type=int, metavar="N", help="Chooses or paints others of them: 0.")
@click.option(
    "--else", "fallback", metavar="DATASET", help="Bring this where the other is not to be had."
)
def command(
    name: str | None,
    folder: Path | None,
    listing: bool,
    fallback: str | None,
    **choices: str | int | None,
) -> None:
    """Bring a data set to FOLDER (tf_files/DATASET): one sub-folder of pictures a label.

    Prints the folder. What is there already is kept as it is.
    """
    if listing or name is None:
        _list()
        if not listing:
            raise UsageError("no data set named.", hint="poets fetch DATASET [FOLDER]")
        return
    order = _Order(name, folder, {key: v for key, v in choices.items() if v is not None})
    try:
        click.echo(_fetch(order) if fallback is None else _fetch_or(order, fallback))
    except KeyboardInterrupt as stop:
        raise click.Abort(_INTERRUPTED) from stop


@dataclass(frozen=True)
class _Order:
    """What is to be brought, and where to."""

    name: str
    wanted: Path | None
    choices: Mapping[str, str | int]

    @property
    def folder(self) -> Path:
        part = self.choices.get("part", "train")
        return self.wanted or TF_FILES / (self.name if part == "train" else f"{self.name}_{part}")

    @property
    def options(self) -> dict[str, str | int]:
        """The choices, as the library calls them."""
        return {"per_label" if key == "limit" else key: v for key, v in self.choices.items()}


def _list() -> None:
    from poets.cli.tables import print_table
    from poets.datasets.table import DATASETS

    header = ("data set", "pictures", "labels", "download", "licence", "what", "source")
    rows = (
        (s.name, s.pictures, str(s.labels), s.size or "-", s.licence, s.description, s.source)
        for s in DATASETS.values()
    )
    print_table([header, *rows], right=(1, 2, 3))


def _fetch(order: _Order) -> Path:
    from poets.cli.console import console_reporter
    from poets.datasets.table import fetch_dataset

    path = fetch_dataset(order.name, order.folder, console_reporter("INFO"), order.options)
    labels = sorted(entry for entry in path.iterdir() if entry.is_dir())
    count = sum(1 for label in labels for _ in label.iterdir())
    _say(f"{count:,} pictures, {len(labels)} labels -> {path}")
    return path


def _fetch_or(order: _Order, fallback: str) -> Path:
    """Bring what is ordered, else `fallback`; one that is there already needs no second try."""
    instead = _Order(fallback, None, {})
    if instead.folder.is_dir() and not order.folder.is_dir():
        _say(f"{instead.folder} is there; to try {order.name} again, remove it")
        return instead.folder
    try:
        return _fetch(order)
    except PoetsError as error:
        _say(f"{order.name} is out of reach: {' '.join(str(error).split())}")
        _say(f"{fallback} instead", "")
        return _fetch(instead)


def _say(text: str, name: str = "Pictures") -> None:
    click.echo(f"{name:{COLUMN}}{text}", err=True)
