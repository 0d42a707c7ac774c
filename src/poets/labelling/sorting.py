"""Putting pictures into folders by their labels; nothing is ever overwritten."""

import filecmp
import shutil
from collections.abc import Iterator
from pathlib import Path

from poets.errors import ModelError
from poets.files import output_errors


def check_folder_names(labels: tuple[str, ...]) -> None:
    """Raise ModelError for a label that is no name for a folder."""
    for label in labels:
        if label in {"", ".", ".."} or any(c in label for c in "/\\\0"):
            raise ModelError(f"the label {label!r} is no name for a folder.")


def sort_picture(path: Path, label: str, folder: Path, *, move: bool) -> Path:
    """Copy or move a picture into `folder`/`label`; return where it is.

    Another picture of the same name stays, and this one gets a number behind its own; the same
    picture is not put there twice. Raises OutputError.
    """
    place = folder / label
    with output_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        target = _put(path, place)
        if move and not path.samefile(target):
            path.unlink()
    return target


def _put(path: Path, place: Path) -> Path:
    for target in _names(path, place):
        try:
            with path.open("rb") as source, target.open("xb") as file:
                try:
                    shutil.copyfileobj(source, file)
                except BaseException:
                    target.unlink()
                    raise
            shutil.copystat(path, target)
        except FileExistsError:
            if target.is_file() and filecmp.cmp(path, target, shallow=False):
                return target
            continue
        return target
    raise AssertionError("names never end")


def _names(path: Path, place: Path) -> Iterator[Path]:
    yield place / path.name
    number = 2
    while True:
        yield place / f"{path.stem}_{number}{path.suffix}"
        number += 1
