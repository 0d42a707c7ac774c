"""`poets graph-pb2tb`: a graph for TensorBoard to draw."""

import shlex
from pathlib import Path
from typing import NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import UserPath
from poets.cli.shown import shown


@click.command("graph-pb2tb", context_settings=CONTEXT)
@click.argument("out_dir", type=UserPath())
@click.argument("graph", type=UserPath())
def command(out_dir: Path, graph: Path) -> None:
    """Write GRAPH, a .pb, into OUT_DIR for TensorBoard's Graphs tab.

    Once more for the same graph replaces it; nothing else in OUT_DIR is touched.
    """
    from poets.export.frozen_graph import read_graph
    from poets.files import replacing
    from poets.summaries.events import EventFile

    definition = read_graph(graph)
    # TensorBoard reads what has "tfevents" in its name. Not named as a training's own files:
    # `retrain` would replace it.
    path = out_dir / f"events.out.tfevents.0.{graph.stem}.graph"
    with replacing(path) as partial, partial.open("wb") as file:
        EventFile(file).graph(definition)
    click.echo(shown(f"Saved      {path}"))
    click.echo(f"Next       poets tensorboard --logdir {shlex.quote(str(out_dir))}")


def main() -> NoReturn:
    """Run as a console command."""
    run(command)
