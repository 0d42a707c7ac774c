"""`poets quantize-graph`: a graph with weights of 8 bits."""

from typing import Any, NoReturn

import click

from poets.cli.app import CONTEXT, run
from poets.cli.options import FlagCommand, build, flag_options
from poets.export.quantize import QuantizeConfig, explain_modes, quantize


@click.command(
    "quantize-graph",
    cls=FlagCommand,
    context_settings=CONTEXT,
    epilog=f"\b\nModes:\n{explain_modes()}",
)
@flag_options({"Graph": (QuantizeConfig,)})
def command(**values: Any) -> None:  # noqa: ANN401 - click passes each flag by its name
    """Write a graph anew, its weights in 8 bits."""
    from rich.filesize import decimal

    from poets.cli.tables import print_files

    config = build(QuantizeConfig, values)
    before = config.input.stat().st_size if config.input.is_file() else 0
    quantize(config)
    print_files([(config.output, f"{config.input.name} has {decimal(before)}")])


def main() -> NoReturn:
    """Run as a console command."""
    run(command)
