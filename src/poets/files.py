"""Files appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from poets.errors import OutputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a file beside `path` to write to; it takes its place when the block ends well.

    Raises OutputError where the folder or the disk does not take it; `path` is then as it was.
    """
    partial = _beside(path)
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            with partial.open("rb") as file:  # a power cut leaves the old file or the new one
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def check_writable(path: Path) -> None:
    """Raise OutputError unless a file can be written at `path`; leaves no trace but folders."""
    with output_errors(path):
        if path.is_dir():
            raise OutputError(f"{path} is a folder.", hint="Give the name of a file to write.")
        path.parent.mkdir(parents=True, exist_ok=True)
        # The very name that `replacing` takes: it is longer than the file's own.
        partial = _beside(path)
        partial.touch()
        partial.unlink()


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system says about writing `path` into an OutputError."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "Make room there and the folder writable, or choose another place."
        raise OutputError(f"{path} cannot be written: {reason}.", hint=hint) from error


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")
