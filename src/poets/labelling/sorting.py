"""Putting pictures into folders by their labels; nothing is ever overwritten."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from poets.decode import read_file
from poets.errors import ModelError, OutputError
from poets.files import output_errors


def check_folder_names(labels: tuple[str, ...]) -> None:
    """Raise ModelError for a label that is no name for a folder."""
    for label in labels:
        if label in {"", ".", ".."} or any(c in label for c in "/\\\0"):
            raise ModelError(f"the label {label!r} is no name for a folder.")


def make_folder(folder: Path, labels: tuple[str, ...]) -> None:
    """Make the folder to sort into; raises ModelError for labels that are no names, OutputError."""
    check_folder_names(labels)
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def sort_picture(path: Path, label: str, folder: Path, *, move: bool) -> Path:
    """Copy or move a picture into `folder`/`label`; return where it is.

    Another picture of the same name stays, and this one gets a number behind its own; the same
    picture is not put there twice. Raises OutputError, UnreadableImageError for one that is gone.
    """
    content = read_file(path)
    place = folder / label
    with output_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        target = _copy(path, content, place)
    if move and not path.samefile(target):
        _remove(path, target)
    return target


def _copy(path: Path, content: bytes, place: Path) -> Path:
    for target in _names(path, place):
        try:
            with target.open("xb") as file:
                try:
                    file.write(content)
                except BaseException:
                    target.unlink()
                    raise
            shutil.copystat(path, target)
        except FileExistsError:
            if target.is_file() and target.read_bytes() == content:
                return target
            continue
        return target
    raise AssertionError("names never end")


def _remove(path: Path, target: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        message = f"{path} cannot be moved: {(error.strerror or str(error)).lower()}."
        raise OutputError(
            f"{message} A copy of it is {target}.", hint="Leave --move out."
        ) from error


def _names(path: Path, place: Path) -> Iterator[Path]:
    yield place / path.name
    number = 2
    while True:
        yield place / f"{path.stem}_{number}{path.suffix}"
        number += 1
