"""Running a command on a terminal."""

import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.support.commands import COMMANDS


def on_terminal(folder: Path, *arguments: str | Path, **environment: str) -> tuple[int, str]:
    """Run a command whose streams are a terminal of 100 columns; return its code and its text."""
    name, *rest = map(str, arguments)
    ours, theirs = pty.openpty()
    size = {"COLUMNS": "100", "LINES": "30", "TERM": "xterm-256color"}
    with subprocess.Popen(
        [COMMANDS / name, *rest],
        cwd=folder,
        env=os.environ | size | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        text = b""
        with suppress(OSError):  # how the end of a terminal is told
            while chunk := os.read(ours, 65536):
                text += chunk
    os.close(ours)
    return process.returncode, text.decode().replace("\r\n", "\n")
