"""What is in the folder: like `find_images`, but nothing that is wrong stops it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from poets.check.extensions import format_by_name
from poets.check.findings import Finding
from poets.images import LabeledImage, find_images, list_folder


@dataclass(frozen=True)
class Listing:
    """The label folders and the files in them; nothing was opened."""

    folders: tuple[Path, ...]
    images: tuple[LabeledImage, ...]
    findings: tuple[Finding, ...]


def list_pictures(image_dir: Path) -> Listing:
    """List the folder; raises DataError where there is no folder with pictures to look at."""
    if not image_dir.is_dir():
        find_images(image_dir)  # says what is wrong
    entries = sorted(list_folder(image_dir))
    folders = tuple(entry for entry in entries if entry.is_dir())
    beside = [path for path in entries if not path.is_dir() and format_by_name(path)]
    images: list[LabeledImage] = []
    findings = [Finding("not-used", "beside the labels' folders", (path,)) for path in beside]
    for folder in folders:
        label = unicodedata.normalize("NFC", folder.name)
        try:
            inside = sorted(list_folder(folder))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            findings.append(Finding("unreadable", reason, (folder,), (label,)))
            continue
        own = [LabeledImage(label, path) for path in inside if not path.is_dir()]
        findings += _unused(folder, inside, label)
        images += own
    if not images:
        find_images(image_dir)
    return Listing(folders, tuple(sorted(images)), tuple(findings))


def _unused(folder: Path, inside: list[Path], label: str) -> Iterator[Finding]:
    if not inside:
        yield Finding("not-used", "an empty folder", (folder,), (label,))
    for path in inside:
        if path.is_dir():
            yield Finding("not-used", "a folder inside a label's folder", (path,), (label,))
