"""Reporters that remember."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event

from poets.report import Advance, Reporter, SkippedImage


class Recorder(Reporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.titles: list[tuple[str, int, str]] = []
        self.advances: list[int] = []
        self.warnings: list[str] = []
        self.warned = Event()
        self.cached, self.new = 0, 0
        self.skipped: Sequence[SkippedImage] = ()
        self.bottlenecks: list[int] = []

    def warning(self, message: str) -> None:
        self.warnings.append(message)
        self.warned.set()

    def features(self, cached: int, new: int, skipped: Sequence[SkippedImage]) -> None:
        self.cached, self.new, self.skipped = cached, new, skipped

    def bottlenecks_created(self, count: int) -> None:
        self.bottlenecks.append(count)

    @contextmanager
    def progress(self, name: str, total: int, unit: str) -> Iterator[Advance]:
        self.titles.append((name, total, unit))
        yield self.advances.append
