"""What all commands share: how an error reaches the user, and with which exit code."""

import codecs
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

import click

from poets.cli.shown import shown
from poets.errors import EXIT_BROKEN_PIPE, EXIT_INTERRUPTED, PoetsError
from poets.registry import did_you_mean

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def run(command: click.Command) -> NoReturn:
    """Run a command and leave with its exit code; no traceback for what a user can cause."""
    _open_standard_streams()
    _let_all_text_out()
    _take_ends_as_interrupts()
    code = exit_code(lambda: command.main(standalone_mode=False))
    _let_go_of_full_streams()
    sys.exit(code)


def exit_code(work: Callable[[], object]) -> int:
    """Do the work; say what went wrong on standard error and return the exit code."""
    try:
        result = work()
        if sys.stdout is not None:  # it is closed
            sys.stdout.flush()
    except PoetsError as error:
        _say(str(error), error.hint)
        return error.exit_code
    except click.ClickException as error:
        _say(_usage_message(error), _usage_hint(error))
        return 2
    except (KeyboardInterrupt, click.Abort) as stop:
        click.echo(f"Interrupted; {str(stop) or 'what is done is kept.'}", err=True)
        return EXIT_INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click makes the one of the other, and of nothing else
        return _reader_left()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        _say(f"{error.filename}: {reason}." if error.filename else f"{reason}.", "")
        return 2
    return result if isinstance(result, int) else 0


def _open_standard_streams() -> None:
    """Give what the caller closed to nowhere: else the next file that is opened takes its place."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _let_all_text_out() -> None:
    """Write what an encoding lacks as escapes, and the bytes of names that are no UTF-8 as is."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        utf_8 = codecs.lookup(stream.encoding).name == "utf-8"
        stream.reconfigure(errors="surrogateescape" if utf_8 else "backslashreplace")


def _take_ends_as_interrupts() -> None:
    """Let `kill`, and a terminal that closes, clean up as Ctrl+C does; `nohup` stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):  # the second is not everywhere
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _let_go_of_full_streams() -> None:
    """Drop what cannot be written: at its end the interpreter would try again, and fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _reader_left() -> int:
    """Say nothing more: the reader of a pipe left, as `head` does."""
    for number in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    return EXIT_BROKEN_PIPE


def _say(message: str, hint: str) -> None:
    first, *rest = [*message.split("\n"), *hint.splitlines()]
    with suppress(OSError):  # a full disk or a broken pipe behind standard error
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
