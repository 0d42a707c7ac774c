"""Groups of pictures that are one: under one label, under two, on both sides of the split."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from poets.check.findings import Finding
from poets.images import LabeledImage
from poets.split import Part

Group = tuple[int, ...]  # rows of pictures, ascending


@dataclass(frozen=True)
class Placed:
    """The pictures, each with the part that it falls into."""

    images: tuple[LabeledImage, ...]
    parts: tuple[Part, ...]


def exact_groups(hashes: Sequence[bytes]) -> list[Group]:
    """Return the rows of each set of files with the same bytes."""
    rows: dict[bytes, list[int]] = defaultdict(list)
    for row, sha256 in enumerate(hashes):
        if sha256:
            rows[sha256].append(row)
    return [tuple(group) for group in rows.values() if len(group) > 1]


def group_findings(name: str, groups: Iterable[Group], placed: Placed) -> Iterator[Finding]:
    """Tell what each group, `copies` or `alike`, means at worst: wrong labels, a leak, or little.

    Pictures in validation and in testing only are no leak: neither was trained on.
    """
    for group in groups:
        images = [placed.images[row] for row in group]
        labels = tuple(dict.fromkeys(image.label for image in images))
        parts = tuple(dict.fromkeys(placed.parts[row] for row in group))
        leaks = "training" in parts and len(parts) > 1
        suffix = "-in-two-labels" if len(labels) > 1 else "-across-splits" if leaks else ""
        said = [" and ".join(labels)] if len(labels) > 1 else []
        said += [f"in {' and '.join(parts)}"] if leaks else []
        paths = tuple(image.path for image in images)
        yield Finding(name + suffix, ", ".join(said), paths, labels)
