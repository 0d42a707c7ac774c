"""A folder of pictures made here: whole or not at all, and nobody's own pictures touched."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from poets.errors import DataError
from poets.files import output_errors

_PREFIX = ".making."
_LOCK = "poets.lock"


@dataclass(frozen=True)
class Recipe:
    """What a folder is to hold, and the note in it that says so."""

    name: str
    what: str  # as in "not with these painted flowers"
    labels: tuple[str, ...]
    note: str
    note_pattern: str  # of all notes that this maker writes

    def is_in(self, folder: Path) -> bool:
        """Tell whether just these pictures are there; raise DataError where something else is."""
        if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
            return False
        found = self._read_note(folder)
        missing = [label for label in self.labels if not (folder / label).is_dir()]
        if found == self.note and not missing:
            return True
        alike = found == self.note
        there = f"no folder '{missing[0]}'." if alike else found.strip() or "something else."
        message = f"{folder} is there, but not with these {self.what}: {there}"
        raise DataError(message, hint="Name another folder, or move this one away.")

    def write_note(self, folder: Path) -> None:
        """Mark a folder as made here."""
        (folder / self._note_name).write_text(self.note, encoding="utf-8")

    @property
    def _note_name(self) -> str:
        return f"{self.name}.txt"

    def _read_note(self, folder: Path) -> str:
        """Return what the folder says of itself, "" where it is not one of ours."""
        path = folder / self._note_name
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            text = file.read(200).decode(errors="replace")
        return text if re.fullmatch(self.note_pattern, text) else ""


def make_folder(folder: Path, recipe: Recipe, fill: Callable[[Path], None]) -> Path:
    """Return `folder` as `fill` makes it: with a sub-folder a label, all of it or nothing.

    What was made before is kept as it is. Raises DataError where something else is in the
    folder, OutputError where it cannot be written.
    """
    with output_errors(folder):
        if recipe.is_in(folder):
            return folder
        place = folder.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        with _studio(place.parent) as studio:
            whole = studio / "whole"
            for label in recipe.labels:
                (whole / label).mkdir(parents=True)
            fill(whole)
            recipe.write_note(whole)
            os.sync()  # before it gets its name: a power cut leaves all of the pictures or none
            _move(whole, place, recipe)
    return folder


@contextmanager
def _studio(parent: Path) -> Iterator[Path]:
    """Yield a folder to work in, on the same disk, where moving is one step."""
    _clear_away(parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as made:
        studio = Path(made)
        with (studio / f"{_LOCK}.new").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Locked before it has its name: nobody takes it for a dead one's in between.
            (studio / f"{_LOCK}.new").rename(studio / _LOCK)
            yield studio


def _clear_away(parent: Path) -> None:
    """Remove what killed runs left: folders whose lock nobody holds."""
    for left in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), (left / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)


def _move(whole: Path, place: Path, recipe: Recipe) -> None:
    try:
        whole.rename(place)
    except OSError:
        if not recipe.is_in(place):  # else another process was faster
            raise
