"""Folders appear whole or not at all, and never in the place of what is not ours."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from poets.errors import ModelError, OutputError
from poets.files import check_writable, output_errors
from poets.manifest import Manifest

MODEL_FILE = "saved_model.pb"
EXTRA = "assets.extra"  # TensorFlow's name of the folder for what is not its own
MANIFEST_FILE = f"{EXTRA}/manifest.json"


def check_folder(path: Path) -> None:
    """Raise OutputError unless a SavedModel can be written to `path`: new, empty or our own."""
    with output_errors(path):
        _check_ours(path)
    check_writable(_beside(path.resolve(), "new"))


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a folder beside `path` to fill; it takes its place when the block ends well.

    Raises OutputError where the disk does not take it, or `path` is not ours to replace.
    """
    place = path.resolve()
    partial = _beside(place, "new")
    with output_errors(path):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed
        try:
            partial.mkdir()
            yield partial
            _sync(partial)
            _check_ours(path)  # it may have come meanwhile
            _put(partial, place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _check_ours(path: Path) -> None:
    place = path.resolve()
    if place.exists() and not place.is_dir():
        raise OutputError(f"{path} is a file.", hint="Name a folder.")
    if place.is_dir() and any(place.iterdir()) and not _is_ours(place):
        message = f"{path} has files in it that are no SavedModel of poets; it is left alone."
        raise OutputError(message, hint="Name a new folder.")


def _put(partial: Path, place: Path) -> None:
    old = _beside(place, "old")
    replaced = place.exists()
    if replaced:
        place.rename(old)
    try:
        partial.rename(place)
    except OSError:
        if replaced:
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        Manifest.from_json((folder / MANIFEST_FILE).read_bytes())
    except (OSError, ModelError):
        return False
    return (folder / MODEL_FILE).is_file()


def _sync(folder: Path) -> None:
    """Let a power cut leave the old folder or the new one."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _beside(place: Path, kind: str) -> Path:
    return place.with_name(f".{place.name}.{os.getpid()}.{kind}")
