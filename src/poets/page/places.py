"""Where the page may be written."""

from collections.abc import Sequence
from pathlib import Path

from poets.config.page import PageConfig
from poets.errors import UsageError
from poets.export.targets import check_places
from poets.files import check_writable

_MARK = b'<meta name="generator" content="poets '
_HEAD = 2000  # bytes in which a page of ours has said so


def check_page(place: Path, config: PageConfig, others: Sequence[tuple[str, Path]]) -> None:
    """Fail before the work, not after it; raises UsageError and OutputError.

    Where the user did not name the place, a file there that is no page of ours is left alone.
    """
    check_places([*others, ("the page of results", place)])
    check_writable(place)
    if config.report is None and place.is_file() and not is_page(place):
        hint = "Name another with --report, or leave it out with --no_report."
        raise UsageError(f"{place} is no page of results of ours, and is not replaced.", hint=hint)


def is_page(path: Path) -> bool:
    """Tell whether a file is a page of results."""
    with path.open("rb") as file:
        return _MARK in file.read(_HEAD)
