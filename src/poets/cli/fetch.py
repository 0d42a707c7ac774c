"""`poets fetch`: brings pictures to try things out with."""

from pathlib import Path

import click

from poets.cli.app import CONTEXT
from poets.cli.options import UserPath
from poets.config.places import TF_FILES
from poets.errors import PoetsError, UsageError

_COLUMN = 11


@click.command("fetch", context_settings=CONTEXT)
@click.argument("name", metavar="DATASET", required=False)
@click.argument("folder", type=UserPath(), required=False)
@click.option("--list", "listing", is_flag=True, help="List the data sets there are.")
@click.option(
    "--else", "fallback", metavar="DATASET", help="Bring this where the other is not to be had."
)
def command(name: str | None, folder: Path | None, listing: bool, fallback: str | None) -> None:
    """Bring a data set to FOLDER (tf_files/DATASET): one sub-folder of pictures a label.

    Prints the folder. What is there already is kept as it is.
    """
    from poets.datasets.table import DATASETS

    if listing or name is None:
        for spec in DATASETS.values():
            click.echo(f"{spec.name:18}{spec.description}")
        if not listing:
            raise UsageError("no data set named.", hint="poets fetch DATASET [FOLDER]")
        return
    click.echo(_fetch(name, folder) if fallback is None else _fetch_or(name, fallback, folder))


def _fetch(name: str, folder: Path | None) -> Path:
    from poets.cli.console import console_reporter
    from poets.datasets.table import fetch_dataset

    path = fetch_dataset(name, folder or TF_FILES / name, console_reporter("INFO"))
    labels = sorted(entry for entry in path.iterdir() if entry.is_dir())
    count = sum(1 for label in labels for _ in label.iterdir())
    _say(f"{count:,} pictures, {len(labels)} labels -> {path}")
    return path


def _fetch_or(name: str, fallback: str, folder: Path | None) -> Path:
    """Bring `name`, else `fallback`; one that is there already needs no second try."""
    wanted, instead = folder or TF_FILES / name, TF_FILES / fallback
    if instead.is_dir() and not wanted.is_dir():
        _say(f"{instead} is there; to try {name} again, remove it")
        return instead
    try:
        return _fetch(name, folder)
    except PoetsError as error:
        _say(f"{name} is out of reach: {' '.join(str(error).split())}")
        _say(f"{fallback} instead", "")
        return _fetch(fallback, None)


def _say(text: str, name: str = "Pictures") -> None:
    click.echo(f"{name:{_COLUMN}}{text}", err=True)
