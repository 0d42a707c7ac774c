"""Where the page may be written."""

from collections.abc import Sequence
from pathlib import Path

from poets.config.page import PageConfig
from poets.errors import UsageError
from poets.export.targets import check_places
from poets.files import check_writable

_MARK = b'<meta name="generator" content="poets '
_EVALUATION = b'<meta name="poets-page" content="evaluation">'
_HEAD = 2000  # bytes in which a page of ours has said so
_EVALUATION_FILE = "evaluation.html"


def check_page(place: Path, config: PageConfig, others: Sequence[tuple[str, Path]]) -> None:
    """Fail before the work, not after it; raises UsageError and OutputError.

    Where the user did not name the place, a file there that is no page of ours is left alone.
    """
    check_places([*others, ("the page of results", place)])
    check_writable(place)
    if config.report is None and place.is_file() and not is_page(place):
        hint = "Name another with --report, or leave it out with --no_report."
        raise UsageError(f"{place} is no page of results of ours, and is not replaced.", hint=hint)


def place_of_evaluation(config: PageConfig, graph: Path) -> Path | None:
    """Return where the page of an evaluation goes, None for nowhere.

    Where the user did not name the place, the page of the graph's training is not replaced.
    """
    place = config.place(graph)
    if place is None or config.report is not None or not place.is_file():
        return place
    is_training = is_page(place) and not _says(place, _EVALUATION)
    return place.with_name(_EVALUATION_FILE) if is_training else place


def is_page(path: Path) -> bool:
    """Tell whether a file is a page of results."""
    return _says(path, _MARK)


def _says(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return mark in file.read(_HEAD)
