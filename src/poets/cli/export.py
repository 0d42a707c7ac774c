"""`poets export`: further files of a graph that `retrain` wrote."""

from pathlib import Path
from typing import Any

import click

from poets.cli.app import CONTEXT
from poets.cli.options import FlagCommand, UserPath, build, flag_options
from poets.config.flags import defaults_of
from poets.config.output import OutputConfig
from poets.export.config import ExportConfig
from poets.export.table import EXPORTERS

_INTERRUPTED = "no file was changed."
_ROWS = "\n".join(f"{name:16}{exporter.description}" for name, exporter in EXPORTERS.items())


@click.command("export", cls=FlagCommand, context_settings=CONTEXT, epilog=f"\b\nExports:\n{_ROWS}")
@click.argument("graph", metavar="[GRAPH]", required=False, type=UserPath())
@flag_options({"Exports": (ExportConfig,)})
def command(graph: Path | None, **values: Any) -> None:  # noqa: ANN401
    """Write GRAPH (tf_files/retrained_graph.pb) for other runtimes, each export proved against it.

    With --image_dir they have to label its test pictures as GRAPH does, else generated ones.
    """
    from poets.cli.console import console_reporter
    from poets.cli.exports import describe_files
    from poets.cli.tables import print_files
    from poets.export.from_graph import export_graph

    config = build(ExportConfig, values)
    path = graph or defaults_of(OutputConfig)["output_graph"]
    try:
        exported = export_graph(path, config, console_reporter("INFO"))
    except KeyboardInterrupt as stop:
        raise click.Abort(_INTERRUPTED) from stop
    print_files(describe_files(exported.files, exported.proofs))
