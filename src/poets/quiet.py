"""Keeping to itself what C++ libraries write to standard error."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_lock = threading.RLock()  # two at once would each keep the other's silence


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send to nowhere what the process, its C++ included, writes to standard error meanwhile."""
    with _lock:
        try:
            terminal = os.dup(2)
        except OSError:  # it is closed, and as quiet as can be
            yield
            return
        _flush()
        try:
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            _flush()
            os.dup2(terminal, 2)
            os.close(terminal)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
