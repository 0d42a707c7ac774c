"""A file on its way: what came so far, beside the place that it is for."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from poets.errors import OutputError
from poets.files import output_errors
from poets.locks import is_at, lock
from poets.network.remote import Version, Wanted


class PartFile:
    """`<path>.part`, locked by whoever holds this, and `<path>.part.origin`."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self.path = path
        self._file = file
        self._notes = _notes_of(path)

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return os.fstat(self._file.fileno()).st_size

    def missing(self, url: str) -> Wanted | None:
        """Return what to ask for at `url`; None where the whole file is here."""
        version = self._version()
        if version is None or version.url != url:
            return Wanted(url)
        if version.total == self.size:
            return None
        return Wanted(url, self.size, version.validator) if version.validator else Wanted(url)

    def _version(self) -> Version | None:
        try:
            version = Version.from_text(self._notes.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        # More than there should be: something else wrote here.
        return version if 0 < self.size <= (version.total or self.size) else None

    def restart(self, version: Version) -> None:
        """Begin anew with bytes of `version`."""
        with output_errors(self.path):
            self._file.truncate(0)  # first: notes must never speak of older bytes
            # Half-written notes do no harm, as there is nothing yet that they speak of.
            self._notes.write_text(version.to_text(), "utf-8")

    def append(self, chunk: bytes) -> None:
        """Add bytes; raise OutputError where the disk takes no more."""
        rest = memoryview(chunk)
        with output_errors(self.path):
            while rest:
                rest = rest[self._file.write(rest) :]

    def publish(self, path: Path) -> None:
        """Put the whole file in its place."""
        with output_errors(path):
            os.fsync(self._file.fileno())
            self.path.replace(path)
            self._notes.unlink(missing_ok=True)

    def discard(self) -> None:
        """Throw away what came."""
        with output_errors(self.path):
            self.path.unlink(missing_ok=True)
            self._notes.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; an empty one is not left behind."""
        with self._file, suppress(OSError, OutputError):
            if not self.size and is_at(self._file, self.path):
                self.discard()


@contextmanager
def open_part(path: Path, waiting: Callable[[], None]) -> Iterator[PartFile]:
    """Yield what came of `path` so far, this process's alone until the block ends.

    `waiting` is called before waiting for another process that holds it. Raises OutputError.
    """
    partial = path.with_name(f"{path.name}.part")
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = PartFile(partial, lock(partial, waiting))
    try:
        yield part
    finally:
        part.close()


def _notes_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.origin")
