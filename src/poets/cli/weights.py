"""`poets weights`: what a graph on pixels looks for, as pictures."""

from pathlib import Path
from typing import NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import UserPath
from poets.cli.shown import shown
from poets.config.flags import defaults_of
from poets.config.output import OutputConfig


@click.command("weights", context_settings=CONTEXT)
@click.argument("graph", type=UserPath(), default=defaults_of(OutputConfig)["output_graph"])
@click.option(
    "--output",
    type=UserPath(),
    default=Path("weights"),
    show_default=True,
    metavar="DIR",
    help="Folder for the pictures.",
)
def command(graph: Path, output: Path) -> None:
    """Draw the weights of a GRAPH that was trained on pixels_N, a picture a label.

    A bright pixel speaks for the label where the picture is red, and against it where it is blue;
    where it is white, it does not matter. weights.png has them all.
    """
    from poets.export.weight_pictures import write_weights

    for path in write_weights(graph, output):
        click.echo(shown(path))


def main() -> NoReturn:
    """Run as a console command."""
    run(command)
