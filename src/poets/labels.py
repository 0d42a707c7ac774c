"""The labels file: one label a line, in class order."""

from collections.abc import Sequence
from pathlib import Path

from poets.errors import DataError, ModelError
from poets.files import write_bytes


def encode_labels(labels: Sequence[str]) -> bytes:
    """Return the content of a labels file, with a trailing newline."""
    return "".join(f"{label}\n" for label in labels).encode()


def write_labels(labels: Sequence[str], path: Path) -> None:
    """Write one label a line."""
    write_bytes(path, encode_labels(labels))


def read_labels(path: Path) -> tuple[str, ...]:
    """Read a labels file; empty lines at its end, as old scripts left them, are no labels.

    Raises ModelError where there is none.
    """
    try:
        return parse_labels(path.read_bytes(), path)
    except OSError as error:
        hint = "Name the labels file with --labels."
        raise ModelError(f"{path}: {error.strerror}.", hint=hint) from error


def parse_labels(content: bytes, path: Path) -> tuple[str, ...]:
    """Return the labels in a file's content; raises ModelError naming the path."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{path} is no labels file: it is not UTF-8 text.") from error
    if not text.strip("\r\n"):
        raise ModelError(f"{path} is no labels file: it is empty.", hint="Write one label a line.")
    # Not splitlines(): a label may hold a character that Unicode counts as a line break.
    return tuple(line.removesuffix("\r") for line in text.rstrip("\r\n").split("\n"))


def check_label(label: str, folder: Path) -> None:
    """Raise DataError for a folder name that a labels file cannot hold."""
    try:
        label.encode()
    except UnicodeEncodeError as error:
        hint = "Rename the folder; its name becomes the label."
        raise DataError(f"{str(folder)!a}: the name is not UTF-8.", hint=hint) from error
    if "\n" in label or "\r" in label:
        hint = "Rename the folder; its name becomes a line of the labels file."
        raise DataError(f"{str(folder)!a}: the name has a line break in it.", hint=hint)
