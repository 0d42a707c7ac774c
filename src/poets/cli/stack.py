"""`poets stack`: how much each of several graphs is to count when they label together."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from poets.cli.app import CONTEXT
from poets.cli.options import FlagCommand, UserPath
from poets.cli.shown import COLUMN, shown

if TYPE_CHECKING:
    from poets.labelling.stack import Stack


@click.command("stack", cls=FlagCommand, context_settings=CONTEXT)
@click.argument("graphs", nargs=-1, required=True, type=UserPath())
@click.option(
    "--image_dir",
    type=UserPath(),
    required=True,
    help="The folder that the graphs were trained on, one sub-folder of pictures a label.",
)
def command(graphs: tuple[Path, ...], image_dir: Path) -> None:
    """Learn from the validation pictures how much each graph counts, and test it."""
    from poets.cli.console import console_reporter
    from poets.labelling.stack import stack_graphs

    stack = stack_graphs(graphs, image_dir, console_reporter("INFO"))
    _print(stack, graphs)


def _print(stack: "Stack", graphs: tuple[Path, ...]) -> None:
    from poets.cli.tables import print_table

    rows = [("graph", "weight", "test accuracy")]
    for graph, weight, accuracy in zip(graphs, stack.weights, stack.accuracies, strict=True):
        rows.append((str(graph), f"{weight:.3f}", f"{100 * accuracy:.1f} %"))
    rows.append(("all together", "", f"{100 * stack.accuracy:.1f} % (N={stack.n})"))
    print_table(rows, right=(1, 2))
    flags = " ".join(f"--graph {shlex.quote(str(graph))}" for graph in graphs)
    weights = ",".join(f"{weight:.3f}" for weight in stack.weights)
    next_line = shown(f"label-image {flags} --weights {weights} PHOTO ...")
    click.echo(f"\n{'Next':{COLUMN}}{next_line}")
