"""What all commands share: how an error reaches the user, and with which exit code."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import click

from poets.cli.shown import shown
from poets.errors import EXIT_INTERRUPTED, PoetsError
from poets.registry import did_you_mean

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def run(command: click.Command) -> NoReturn:
    """Run a command and leave with its exit code; no traceback for what a user can cause."""
    sys.exit(exit_code(lambda: command.main(standalone_mode=False)))


def exit_code(work: Callable[[], object]) -> int:
    """Do the work; say what went wrong on standard error and return the exit code."""
    try:
        result = work()
        sys.stdout.flush()
    except PoetsError as error:
        _say(str(error), error.hint)
        return error.exit_code
    except click.ClickException as error:
        _say(_usage_message(error), _usage_hint(error))
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nInterrupted; what is done is kept.", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _say(f"{error.filename or 'the system'}: {(error.strerror or str(error)).lower()}.", "")
        return 2
    return result if isinstance(result, int) else 0


def _say(message: str, hint: str) -> None:
    first, *rest = [*message.split("\n"), *hint.splitlines()]
    click.echo(f"Error: {shown(first)}", err=True)
    for line in rest:
        click.echo(f"  {shown(line.strip())}", err=True)


def _usage_message(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        known = _option_names(error.ctx)
        return f"no such option '{error.option_name}'.{did_you_mean(error.option_name, known)}"
    param = getattr(error, "param", None)
    if isinstance(error, click.MissingParameter) and param is not None:
        return f"{param.opts[0]} is missing."
    if isinstance(error, click.BadParameter) and param is not None:
        return f"{param.opts[0]}: {error.message}"
    return error.format_message()


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path} --help` lists what there is." if context else ""


def _option_names(context: click.Context | None) -> Sequence[str]:
    if context is None:
        return []
    return [name for param in context.command.params for name in param.opts]
