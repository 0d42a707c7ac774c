"""The codelab's five flowers, painted here: pictures to try things out with, without a network."""

import io
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from poets.datasets.painting.kinds import KINDS
from poets.datasets.painting.scene import paint
from poets.errors import DataError, UsageError
from poets.files import output_errors
from poets.parallel import CorePool
from poets.report import Reporter

LABELS = tuple(KINDS)
_NOTE = "painted_flowers.txt"  # marks a folder as drawn here, and says with what numbers
_NOTE_PATTERN = r"[0-9]+ pictures a label, painted by poets with seed [0-9]+\.\n"
_SILENT = Reporter()


@dataclass(frozen=True)
class _Order:
    """One picture to be painted."""

    label: str
    number: int  # from 1
    seed: int

    @property
    def name(self) -> str:
        return f"{self.label}/{self.label}_{self.number:04}.jpg"

    def rng(self) -> np.random.Generator:
        """Return the picture's own randomness: how many others there are does not matter."""
        key = (LABELS.index(self.label), self.number)
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))


def draw_painted_flowers(
    folder: Path, *, per_label: int = 100, seed: int = 0, reporter: Reporter = _SILENT
) -> Path:
    """Return `folder` with JPEG pictures, 256 pixels square, in a sub-folder a label.

    What was drawn before is kept as it is. Raises UsageError for a count or a seed that cannot
    be, DataError where something else is in the folder, OutputError where it cannot be written.
    """
    if per_label < 1 or seed < 0:
        message = f"{per_label} pictures a label with seed {seed} cannot be painted."
        raise UsageError(message, hint="Ask for 1 or more, with a seed of 0 or more.")
    note = f"{per_label} pictures a label, painted by poets with seed {seed}.\n"
    with output_errors(folder):
        if _is_there(folder, note):
            return folder
        place = folder.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".painting.", dir=place.parent) as studio:
            whole = Path(studio) / "whole"
            _draw_all(whole, per_label, seed, reporter)
            _write(whole / _NOTE, note.encode())
            _move(whole, place, lambda: _is_there(folder, note))
    return folder


def _is_there(folder: Path, note: str) -> bool:
    """Tell whether just these pictures are there; raise DataError where something else is."""
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return False
    found = _read_note(folder / _NOTE)
    missing = [label for label in LABELS if not (folder / label).is_dir()]
    if found == note and not missing:
        return True
    what = f"no folder '{missing[0]}'." if found == note else found.strip() or "something else."
    message = f"{folder} is there, but not with these painted flowers: {what}"
    raise DataError(message, hint="Name another folder, or move this one away.")


def _read_note(path: Path) -> str:
    """Return what the folder says of itself, "" where it is not one of ours."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        text = file.read(200).decode(errors="replace")
    return text if re.fullmatch(_NOTE_PATTERN, text) else ""


def _draw_all(folder: Path, per_label: int, seed: int, reporter: Reporter) -> None:
    for label in LABELS:
        (folder / label).mkdir(parents=True)
    orders = [_Order(label, n, seed) for label in LABELS for n in range(1, per_label + 1)]
    with (
        reporter.progress("Painting flowers", len(orders), "pictures") as advance,
        CorePool(lambda: _paint_jpeg) as pool,
    ):
        for order, content in zip(orders, pool.map(orders), strict=True):
            _write(folder / order.name, content)
            advance(1)


def _paint_jpeg(order: _Order) -> bytes:
    file = io.BytesIO()
    paint(order.label, order.rng()).save(file, "JPEG", quality=90)
    return file.getvalue()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a power cut leaves all of the pictures or none


def _move(whole: Path, place: Path, is_there: Callable[[], bool]) -> None:
    try:
        whole.rename(place)
    except OSError:
        if not is_there():  # else another process was faster
            raise
