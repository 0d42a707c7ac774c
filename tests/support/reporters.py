"""Reporters that remember."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from poets.report import Advance, Reporter


class Recorder(Reporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.titles: list[tuple[str, int, str]] = []
        self.advances: list[int] = []
        self.warnings: list[str] = []
        self.warned = Event()

    def warning(self, message: str) -> None:
        self.warnings.append(message)
        self.warned.set()

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:
        self.titles.append((name, total, unit))
        yield self.advances.append
