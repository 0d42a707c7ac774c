"""Starting TensorBoard so that it outlives the command and its terminal."""

import os
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import IO

from poets.errors import DataError, UsageError
from poets.tensorboard.running import (
    Address,
    OtherProgramError,
    Running,
    SilentError,
    find_running,
    wake,
)
from poets.tensorboard.server import READY

_EVENTS = "events.out.tfevents."
_PATIENCE = 120.0  # seconds; long enough for a machine that is busy training


def show(logdir: Path, address: Address) -> tuple[Running, bool]:
    """Return the TensorBoard that shows `logdir` at `address`, and whether it was started now.

    Raises DataError where there is nothing to show, and UsageError where the port is taken or
    nobody can listen there.
    """
    if not _has_events(logdir):
        hint = "`retrain --image_dir FOLDER` writes them; --logdir names their folder."
        raise DataError(f"{logdir}: no summaries of a training there.", hint=hint)
    other_port = f"Use another port: --port {address.port % 65535 + 1}"
    try:
        running = find_running(address)
        found = running or _start(logdir, address)
    except OtherProgramError as error:
        message = f"port {address.port} is taken by another program."
        raise UsageError(message, hint=other_port) from error
    if not found.shows(logdir):
        message = f"port {address.port} is taken by a TensorBoard that shows {found.logdir}."
        stop = f"\nOr stop that one: kill {found.pid}" if found.pid else ""
        raise UsageError(message, hint=other_port + stop)
    return found, running is None


def _has_events(logdir: Path) -> bool:
    names = (name for *_, files in os.walk(logdir, followlinks=True) for name in files)
    return any(name.startswith(_EVENTS) for name in names)


def _start(logdir: Path, address: Address) -> Running:
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as log, os.fdopen(reading, "rb", buffering=0) as ready:
        with os.fdopen(writing, "wb") as pipe:  # the child's alone: its end is then seen
            process = _launch(logdir, address, log, pipe.fileno())
        try:
            running = _wait(process, address, log, ready)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    wake(address)
    return running


def _launch(
    logdir: Path, address: Address, log: IO[bytes], ready: int
) -> "subprocess.Popen[bytes]":
    flags = ["--logdir", str(logdir.resolve()), "--host", address.host, "--port", str(address.port)]
    return subprocess.Popen(  # noqa: S603 - our own module
        # -P: a file in the working folder that is named like a module is not that module.
        [sys.executable, "-P", "-m", "poets.tensorboard.server", *flags],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env=os.environ | {READY: str(ready)},
        pass_fds=[ready],
    )


def _wait(
    process: "subprocess.Popen[bytes]", address: Address, log: IO[bytes], ready: IO[bytes]
) -> Running:
    """Wait until it says that it listens, or ends."""
    if not select.select([ready], [], [], _PATIENCE)[0]:
        raise UsageError(f"TensorBoard does not answer within {_PATIENCE:.0f} seconds.")
    has_ended = not ready.read(1)
    if has_ended:
        process.wait()
    running = _find(address, 0.0 if has_ended else _PATIENCE)
    if running is None:
        hint = "--host and --port say where it listens."
        raise UsageError(f"TensorBoard does not start: {_last_line(log)}", hint=hint)
    return running if has_ended or running.pid else replace(running, pid=process.pid)


def _find(address: Address, patience: float) -> Running | None:
    end = time.monotonic() + patience
    while True:
        try:
            return find_running(address)
        except SilentError:  # it may be ours, about to answer: each time it was given seconds
            if time.monotonic() > end:
                return None


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing.")
