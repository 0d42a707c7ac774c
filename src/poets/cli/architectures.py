"""`poets architectures`: the networks there are, and what each needs."""

from pathlib import Path

import click

from poets.cli.app import CONTEXT
from poets.cli.options import UserPath
from poets.config import BackboneConfig, defaults_of


@click.command("architectures", context_settings=CONTEXT)
@click.option(
    "--model_dir",
    type=UserPath(),
    default=defaults_of(BackboneConfig)["model_dir"],
    show_default=True,
    help="Folder of downloaded archives and compiled networks.",
)
def command(model_dir: Path) -> None:
    """List the networks that --architecture takes."""
    from poets.backbones.table import BACKBONES
    from poets.cli.tables import print_table

    rows = [("architecture", "input", "source", "here")]
    for spec in BACKBONES.values():
        here = "yes" if spec.source.digest(model_dir) else ""
        rows.append((spec.name, f"{spec.preprocess.width} px", spec.source.describe(), here))
    print_table(rows, right=(1,))
