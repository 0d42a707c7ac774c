"""A real TensorBoard, stopped when the block ends."""

import json
import os
import re
import select
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.support.commands import Output, run_in

_SECONDS = 60


@dataclass(frozen=True)
class Started:
    """What the command said."""

    output: Output
    url: str
    pid: int


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def tensorboard(folder: Path, port: int, *flags: str | Path) -> Iterator[Started]:
    """Start it in `folder` with the installed command."""
    output = run_in(folder, "poets", "tensorboard", "--port", str(port), *flags)
    assert output.returncode == 0, output.stderr
    started = read(output)
    try:
        yield started
    finally:
        stop(started.pid)


def tabs_of(url: str, wanted: set[str]) -> set[str]:
    """Ask which of these tabs have something to show, until all have or a minute is over."""
    end = time.monotonic() + _SECONDS
    while True:
        with urlopen(f"{url}data/plugins_listing") as answer:
            listing = json.load(answer)
        found = {name for name in wanted if listing[name]["enabled"]}
        if found == wanted or time.monotonic() > end:
            return found


def read(output: Output) -> Started:
    """Find address and process in what the command said."""
    url, pid = re.search(r"http://\S+", output.stdout), re.search(r"kill (\d+)", output.stdout)
    assert url, output.stdout
    assert pid, output.stdout
    return Started(output, url[0], int(pid[1]))


def stop(pid: int) -> None:
    """Stop a process as `kill` does, and wait until it is gone."""
    process = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGTERM)
        ready, _, _ = select.select([process], [], [], _SECONDS)
        assert ready, f"{pid} goes on"
    finally:
        os.close(process)
