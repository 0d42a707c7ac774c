"""Calling a command in this process, as the console would."""

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import click

from poets.cli.app import exit_code


@dataclass(frozen=True)
class Called:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def call(command: click.Command, *arguments: object, folder: Path | None = None) -> Called:
    """Run a command in `folder`."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder or Path.cwd()), redirect_stdout(out), redirect_stderr(err):
        words = [str(argument) for argument in arguments]
        name = "poets" if isinstance(command, click.Group) else command.name
        code = exit_code(lambda: command.main(words, name, standalone_mode=False))
    return Called(code, out.getvalue(), err.getvalue())
