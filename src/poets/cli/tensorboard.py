"""`poets tensorboard`: the training in a browser."""

from pathlib import Path

import click

from poets.cli.app import CONTEXT
from poets.config.flags import defaults_of
from poets.config.output import OutputConfig


@click.command("tensorboard", context_settings=CONTEXT)
@click.option(
    "--logdir",
    type=click.Path(path_type=Path),
    default=defaults_of(OutputConfig)["summaries_dir"],
    show_default=True,
    help="Folder of the summaries that `retrain` wrote.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=6006, show_default=True, help="Its port."
)
@click.option(
    "--host", default="localhost", show_default=True, help="Its address; 0.0.0.0 for all machines."
)
def command(logdir: Path, port: int, host: str) -> None:
    """Show the training in a browser: starts TensorBoard in the background."""
    from poets.tensorboard.running import Address
    from poets.tensorboard.start import show

    address = Address(host, port)
    running, is_new = show(logdir.expanduser(), address)
    click.echo(f"TensorBoard {'is on' if is_new else 'was on already'}: {address}")
    click.echo(f"  It shows {logdir} and stays on when this terminal closes.")
    stop = f"`kill {running.pid}`" if running.pid else "where it was started"
    click.echo(f"  Stop it: {stop}")
