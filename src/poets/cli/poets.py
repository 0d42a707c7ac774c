"""`poets`: the group of all commands."""

from typing import NoReturn

import click

from poets import __version__
from poets.cli.app import CONTEXT, run
from poets.registry import did_you_mean, load

COMMANDS = {  # imported when they are asked for
    "retrain": "poets.cli.retrain:command",
    "label-image": "poets.cli.label_image:command",
    "fetch": "poets.cli.fetch:command",
    "evaluate": "poets.cli.evaluate:command",
    "export": "poets.cli.export:command",
    "check": "poets.cli.check:command",
    "stack": "poets.cli.stack:command",
    "weights": "poets.cli.weights:command",
    "split": "poets.cli.split:command",
    "augment": "poets.cli.augment:command",
    "architectures": "poets.cli.architectures:command",
    "show-image": "poets.cli.show_image:command",
    "count-ops": "poets.cli.count_ops:command",
    "graph-pb2tb": "poets.cli.graph_pb2tb:command",
    "quantize-graph": "poets.cli.quantize_graph:command",
    "tensorboard": "poets.cli.tensorboard:command",
}


class _LazyGroup(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        name = cmd_name.replace("_", "-")
        command: click.Command | None = load(COMMANDS[name]) if name in COMMANDS else None
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(f"no command '{args[0]}'.{did_you_mean(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings=CONTEXT, invoke_without_command=True)
@click.version_option(__version__, "--version", message="poets %(version)s")
@click.pass_context
def command(context: click.Context) -> None:
    """Retrain an image classifier from a folder of pictures, and put it to use."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> NoReturn:
    """Run as a console command."""
    run(command)
