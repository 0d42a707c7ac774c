"""What the doctor can find: a table of kinds, and one finding."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True)
class Kind:
    """One row: how serious such a finding is, what it is, and what to do about it."""

    name: str
    severity: Severity
    title: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    kind: str  # a name in KINDS
    message: str
    paths: tuple[Path, ...] = ()  # all that it is about
    labels: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How serious it is."""
        return KINDS[self.kind].severity

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return KINDS[self.kind].remedy


_NOHASH = "or let their names share what stands before _nohash_: such files stay in one part"

# In the order in which they are shown.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("unreadable", "error", "cannot be read", "Mend or remove them; `retrain` skips them."),
        Kind("truncated", "error", "ends before its picture does", "Copy or download them again."),
        Kind(
            "label-collision",
            "error",
            "labels that are one name elsewhere",
            "Rename the folders, or make them one: macOS and Windows keep only one of them.",
        ),
        Kind(
            "refused-label",
            "error",
            "a label that `retrain` refuses",
            "Rename the folder; its name becomes a line of the labels file.",
        ),
        Kind(
            "too-few-pictures",
            "error",
            "too few pictures to train with",
            "Add pictures, or take the folder away.",
        ),
        Kind(
            "copies-in-two-labels",
            "error",
            "the same file under different labels",
            "Keep the one whose label is right.",
        ),
        Kind(
            "copies-across-splits",
            "warning",
            "the same file on both sides of the split",
            "Keep one: a test with pictures that were trained on comes out too well.",
        ),
        Kind(
            "alike-in-two-labels",
            "warning",
            "nearly the same picture under different labels",
            "Look at them: at most one of the labels is right.",
        ),
        Kind(
            "alike-across-splits",
            "warning",
            "nearly the same picture on both sides of the split",
            f"Keep one, {_NOHASH}.",
        ),
        Kind(
            "suspected-label",
            "warning",
            "perhaps a wrong label",
            "Look at them: pictures that are only hard are among them. Move what is wrong.",
        ),
        Kind(
            "wrong-rotation",
            "warning",
            "turned twice: its pixels, and by its EXIF tag",
            "Remove the tag: exiftool -Orientation= FILE.",
        ),
        Kind(
            "mis-named",
            "warning",
            "the name does not say what is in it",
            "Rename them; `retrain` looks into the file, other programs believe the name.",
        ),
        Kind(
            "file-collision",
            "warning",
            "files that are one name elsewhere",
            "Rename them: macOS and Windows keep only one of them.",
        ),
        Kind(
            "unportable-name",
            "warning",
            "a name that Windows cannot hold",
            "Rename it before the folder goes to another machine.",
        ),
        Kind(
            "few-pictures",
            "warning",
            "few pictures",
            "Add some: training and test are a matter of luck with so few.",
        ),
        Kind(
            "out-of-balance",
            "warning",
            "far fewer pictures than other labels have",
            "Add some: what is rare is known least, and hardly counts in the accuracy.",
        ),
        Kind(
            "doubtful-rotation",
            "note",
            "perhaps turned the wrong way by its EXIF tag",
            "Look at them; where it is so: exiftool -Orientation= FILE.",
        ),
        Kind(
            "oversized",
            "note",
            "far larger than any network looks at",
            "Scale them down once, to about 1,000 pixels a side: it saves space and time.",
        ),
        Kind("copies", "note", "the same file more than once", "Keep one: copies teach nothing."),
        Kind("alike", "note", "nearly the same picture", "Keep one: the others teach little."),
        Kind(
            "not-used",
            "note",
            "not used",
            "Only files straight in a label's folder are pictures to `retrain`.",
        ),
        Kind(
            "most-to-gain",
            "note",
            "would gain most from more pictures",
            "When you collect more pictures, begin there.",
        ),
    )
}


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by kind, as KINDS has them; those of one kind stay in their order."""
    order = {kind: index for index, kind in enumerate(KINDS)}
    return tuple(sorted(findings, key=lambda finding: order[finding.kind]))
