"""Which pictures a command line means: files, folders, patterns, and paths on standard input."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from poets.errors import DataError

STANDARD_INPUT = Path("-")
# In a folder, what else lies there (a licence, notes) is not meant; a file that is named is.
_SUFFIXES = frozenset(
    """.jpg .jpeg .jpe .jfif .mpo .png .gif .bmp .dib .webp .tif .tiff
    .ppm .pgm .pbm .pnm .avif .heic .heif""".split()  # noqa: SIM905 - a list would be a column
)


def expand(named: Iterable[Path]) -> list[Path]:
    """Return the files that are meant, each in its place; folders are walked, sorted.

    A path that does not exist stays as it is: whoever reads it says so.
    Raises DataError for a folder without pictures or one that cannot be read, and for a standard
    input without paths.
    """
    return [path for name in named for path in _expand(name)]


def each_once(paths: Iterable[Path]) -> list[Path]:
    """Return the files without those that are named a second time, however they are spelled."""
    files: dict[tuple[str, str], Path] = {}
    for path in paths:
        # Not the path's own real one: a link is another file than what it leads to.
        files.setdefault((os.path.realpath(path.parent), path.name), path)
    return list(files.values())


def is_picture_name(path: Path) -> bool:
    """Tell by its name whether a file is likely a picture."""
    return path.suffix.lower() in _SUFFIXES


def _expand(name: Path) -> Iterator[Path]:
    if name == STANDARD_INPUT:
        paths = list(_read_paths(sys.stdin.buffer.read()))
        if not paths:
            raise DataError("standard input named no pictures.", hint="A path a line is wanted.")
        yield from paths
    elif name.is_dir():
        pictures = _walk(name)
        if not pictures:
            raise DataError(f"{name}: no pictures in this folder.", hint="Name another one.")
        yield from pictures
    elif not os.path.lexists(name) and glob.has_magic(str(name)):
        yield from each_once(_matches(name)) or [name]
    else:
        yield name


def _matches(pattern: Path) -> Iterator[Path]:
    """Yield the files that a pattern finds, and the pictures in folders that it finds."""
    # Not Path.glob(): that one takes no pattern that begins at the root.
    for path in map(Path, sorted(glob.glob(str(pattern), recursive=True))):  # noqa: PTH207
        yield from _walk(path) if path.is_dir() else [path]


def _read_paths(content: bytes) -> Iterator[Path]:
    """Split what `find` or `find -print0` writes."""
    separator = b"\0" if b"\0" in content else b"\n"
    for line in content.split(separator):
        path = line.removesuffix(b"\r")
        if path:
            yield Path(os.fsdecode(path))


def _walk(folder: Path) -> list[Path]:
    """Return the pictures in a folder and below, sorted; raises DataError where one is locked."""
    found = []
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(parent, name) for name in files if not name.startswith("."))
        found += [path for path in paths if is_picture_name(path)]
    return sorted(found)


def _refuse(error: OSError) -> None:
    reason = (error.strerror or str(error)).lower()
    raise DataError(f"{error.filename}: {reason}.", hint="Make the folder readable.") from error
