"""Names that are one, or none, on another file system."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from poets.check.findings import Finding
from poets.check.listing import Listing
from poets.errors import DataError
from poets.images import LabeledImage
from poets.labels import check_label

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE | re.DOTALL
)
_LONGEST = 255  # UTF-16 units of a name in NTFS and APFS, bytes in ext4


def name_findings(listing: Listing) -> Iterator[Finding]:
    """Find label and file names that collide, are refused, or cannot be on Windows."""
    for folder in listing.folders:
        yield from _refused(folder)
    for twins in _collisions(listing.folders):
        yield Finding("label-collision", _are_one(twins), twins, _labels_of(twins))
    for label, paths in _by_label(listing.images):
        for twins in _collisions(paths):
            yield Finding("file-collision", _are_one(twins), twins, (label,))
    for folder in listing.folders:
        yield from _unportable(folder, folder.name)
    for image in listing.images:
        yield from _unportable(image.path, image.label)


def portable_key(name: str) -> str:
    """Return what two names share that Windows or macOS takes for one.

    Without regard to case and to how Unicode spells a letter (The Unicode Standard, section 3.13,
    definition D145), and without the dots and spaces at the end, which Windows drops.
    """
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
    return folded.rstrip(". ") or folded


def why_unportable(name: str) -> str:
    """Say what Windows has against a name; "" where it has nothing."""
    found = _FORBIDDEN.search(name)
    if found:
        return f"{found[0]!a} in its name"
    if name.endswith((".", " ")):
        return "a dot or a space at its end"
    if _DEVICE.fullmatch(name):
        return "the name of a device"
    if len(name.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST:
        return f"a name of more than {_LONGEST} characters"
    return ""


def _refused(folder: Path) -> Iterator[Finding]:
    try:
        check_label(folder.name, folder)
    except DataError as error:
        message = str(error).rpartition(": ")[2].removesuffix(".")
        yield Finding("refused-label", message, (folder,), (folder.name,))


def _unportable(path: Path, label: str) -> Iterator[Finding]:
    reason = why_unportable(path.name)
    if reason:
        yield Finding("unportable-name", reason, (path,), (label,))


def _collisions(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        groups[portable_key(path.name)].append(path)
    return [tuple(sorted(group)) for group in groups.values() if len(group) > 1]


def _are_one(paths: Sequence[Path]) -> str:
    """Say in which way the names are one, as escapes where they look the same."""
    names = [path.name for path in paths]
    if len({unicodedata.normalize("NFC", name) for name in names}) < len(names):
        return f"spelled differently in Unicode: {', '.join(map(ascii, names))}"
    if len({name.casefold() for name in names}) < len(names):
        return "they differ in upper and lower case"
    return "they differ in what is dropped or folded there"


def _labels_of(folders: Iterable[Path]) -> tuple[str, ...]:
    labels = (unicodedata.normalize("NFC", folder.name) for folder in folders)
    return tuple(dict.fromkeys(labels))


def _by_label(images: Iterable[LabeledImage]) -> Iterable[tuple[str, list[Path]]]:
    by_folder: dict[Path, list[LabeledImage]] = defaultdict(list)
    for image in images:
        by_folder[image.path.parent].append(image)
    return ((group[0].label, [image.path for image in group]) for group in by_folder.values())
