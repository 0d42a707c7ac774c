"""`poets count-ops`: how many operations a graph has."""

from collections import Counter
from pathlib import Path
from typing import NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import UserPath
from poets.registry import did_you_mean


@click.command("count-ops", context_settings=CONTEXT)
@click.argument("graph", type=UserPath())
@click.argument("op", required=False)
def command(graph: Path, op: str | None) -> None:
    """Count GRAPH's nodes, or those of the kind (Conv2D) or with the name OP."""
    from poets.cli.tables import print_table
    from poets.runtimes.operations import list_operations

    operations = list_operations(graph)
    if op is not None:
        found = sum(op in {one.kind, one.name} for one in operations)
        click.echo(found)
        suggestion = did_you_mean(op, {one.kind for one in operations})
        if not found and suggestion:
            click.echo(suggestion.strip(), err=True)
        return
    click.echo(len(operations))
    kinds = Counter(one.kind for one in operations).most_common()
    print_table([(f"{count:,}", kind) for kind, count in kinds], right=(0,))


def main() -> NoReturn:
    """Run as a console command."""
    run(command)
