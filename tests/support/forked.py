"""Commands in processes of their own that need not import what others have imported before.

`run_forked` asks a program, this file, that forks itself for each command, and then imports what
the command did: a command is as before, but is not at work for seconds before it begins.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

MODULES = {
    "retrain": "poets.cli.retrain",
    "label-image": "poets.cli.label_image",
    "poets": "poets.cli.poets",
}
AT_START = ("PYTHON", "LC_", "LANG", "TF_")  # variables that count before a command is at work
STREAMS, IMPORTED = ("stdout", "stderr"), "imported"  # files in a folder that is for one command
# ONNX Runtime has threads from its import on, which a fork has not, and waits for at its end.
NOT_SHARED = {"poets.export.onnx"}
PATIENCE = 600  # seconds; SIGALRM ends a command that takes longer


def run_forked(
    folder: Path, arguments: list[str], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run one of MODULES in `folder`, with these variables and no others, and nothing to read."""
    with tempfile.TemporaryDirectory() as room:
        code = _ask(room, str(folder), arguments, dict(variables))
        stdout, stderr = (Path(room, name).read_text() for name in STREAMS)
    return subprocess.CompletedProcess(arguments, code, stdout, stderr)


def _ask(*request: object) -> int:
    process = _start()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@cache
def _start() -> subprocess.Popen[str]:
    # -P: beside this file lie modules that are called as those of the standard library.
    process = subprocess.Popen(
        [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.communicate)  # the end of what it reads is its end
    return process


def _serve() -> None:
    for line in sys.stdin:
        room, *command = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(Path(room), *command)
        _, status = os.waitpid(child, 0)
        _import_what(Path(room, IMPORTED))
        gc.freeze()  # a child that collects garbage would copy what it shares with its parent
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(room: Path, folder: str, arguments: list[str], variables: dict[str, str]) -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(STREAMS, start=1):
        os.dup2(os.open(room / name, os.O_WRONLY | os.O_CREAT), number)
    signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.argv = arguments
    atexit.register(_tell_imported, room / IMPORTED)
    sys.exit(import_module(MODULES[Path(arguments[0]).name]).main())


def _tell_imported(path: Path) -> None:
    path.write_text("\n".join(name for name in sys.modules if name.startswith("poets.")))


def _import_what(path: Path) -> None:
    """Import what a command imported; nothing where it was killed."""
    names = set(path.read_text().splitlines()) if path.exists() else set()
    for name in sorted(names - NOT_SHARED):
        import_module(name)


if __name__ == "__main__":
    _serve()
