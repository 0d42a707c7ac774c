"""An examination as a person reads it."""

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import click

from poets.check.examination import Examination
from poets.check.findings import KINDS, SEVERITIES, Finding
from poets.cli.shown import shown
from poets.cli.tables import print_table

_SHOWN = 3  # findings of a kind; --json has them all
_PATHS = 3  # of one finding
_INDENT = "           "


def print_examination(examination: Examination) -> None:
    """Print what was found, kind by kind, the most serious first."""
    for kind, group in groupby(examination.findings, lambda finding: finding.kind):
        _print_kind(kind, list(group), examination.image_dir)
    print_table([(f"{name:9}", said) for name, said in _summary(examination)])


def _print_kind(name: str, findings: list[Finding], image_dir: Path) -> None:
    kind = KINDS[name]
    click.echo(f"{kind.severity:11}{len(findings):,} x {name}: {kind.title}")
    rows = [(_places(one, image_dir), one.message) for one in findings[:_SHOWN]]
    if not any(places for places, _ in rows):
        rows = [(message, "") for _, message in rows]
    print_table([(_INDENT[:-2], *row) for row in rows])
    if len(findings) > _SHOWN:
        click.echo(f"{_INDENT}and {len(findings) - _SHOWN:,} more")
    click.echo(f"{_INDENT}-> {kind.remedy}")
    click.echo()


def _places(finding: Finding, image_dir: Path) -> str:
    """Name the paths inside the folder, the first few of many."""
    places = [os.path.relpath(path, image_dir) for path in finding.paths[:_PATHS]]
    more = len(finding.paths) - len(places)
    return "  ".join(map(shown, [*places, *([f"and {more:,} more"] if more else [])]))


def _summary(examination: Examination) -> Iterator[tuple[str, str]]:
    pictures = sum(examination.counts.values())
    yield "Pictures", f"{pictures:,} that can be read, {len(examination.counts):,} labels"
    counts = ((examination.count(severity), severity) for severity in SEVERITIES)
    said = ", ".join(f"{count:,} {severity}{'s' * (count != 1)}" for count, severity in counts)
    yield "Found", said
    reasons: dict[str, list[str]] = {}
    for kind, why in examination.not_checked.items():
        reasons.setdefault(why, []).append(kind)
    for why, kinds in reasons.items():
        yield "Unchecked", f"{', '.join(kinds)}: {why}"
