"""`poets`: the group of all commands."""

from typing import NoReturn

import click

from poets import __version__
from poets.cli.app import CONTEXT, run
from poets.registry import did_you_mean, load

SECTIONS = {  # of the help: each command's name, and what it is for in a line of 80 columns
    "Train and label": {
        "retrain": "Teach a network the labels of a folder of pictures.",
        "label-image": "Say what is in pictures.",
        "fetch": "Bring a data set: flower photos, digits ... or painted ones.",
    },
    "Look": {
        "evaluate": "Measure a graph: accuracy, figures of each label ...",
        "check": "Say what is wrong with a folder of pictures.",
        "tensorboard": "Show the training in a browser.",
        "augment": "Draw what distortions make of pictures.",
        "weights": "Draw what a graph of raw pixels looks for.",
        "split": "List the pictures to train on, to validate and to test with.",
    },
    "Put to use": {
        "export": "Write a graph for other runtimes, and prove it.",
        "stack": "Learn how much each of several graphs counts.",
        "architectures": "List the networks, and which of them are here.",
    },
    "From the codelab": {
        "show-image": "Say what is known of pictures: format, size, label ...",
        "count-ops": "Count a graph's nodes.",
        "graph-pb2tb": "Write a graph for TensorBoard.",
        "quantize-graph": "Write a graph anew, its weights in 8 bits.",
    },
}
COMMANDS = {  # imported when they are asked for
    name: f"poets.cli.{name.replace('-', '_')}:command"
    for section in SECTIONS.values()
    for name in section
}


class _LazyGroup(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        name = cmd_name.replace("_", "-")
        command: click.Command | None = load(COMMANDS[name]) if name in COMMANDS else None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, COMMANDS))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:{width}}", use) for name, use in commands.items()])

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
