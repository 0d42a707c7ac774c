"""What a network's features tell of the pictures and their labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from poets.check.alike import alike_groups
from poets.check.contents import Contents
from poets.check.crossfit import Labeled, cross_validate
from poets.check.duplicates import Group, Placed, group_findings
from poets.check.findings import Finding
from poets.check.gain import Gain, estimate_gains, gain_findings
from poets.check.suspects import FEWEST, find_suspects, suspect_findings, why_none
from poets.dataset import IntArray, label_ids_of
from poets.heads.softmax import Standardization
from poets.preprocess import FloatArray
from poets.report import Reporter

# Kinds of findings that there are none of without features.
BY_FEATURES = ("alike-in-two-labels", "alike-across-splits", "alike")
BY_HEADS = ("suspected-label", "most-to-gain")
BY_TURNING = ("doubtful-rotation",)


@dataclass(frozen=True)
class Opinion:
    """Findings that rest on features, and what could not be judged."""

    findings: tuple[Finding, ...] = ()
    gains: tuple[Gain, ...] = ()
    not_checked: dict[str, str] = field(default_factory=dict)  # why, by kind


def judge(
    contents: Contents, placed: Placed, copies: Sequence[Group], reporter: Reporter
) -> Opinion:
    """Compare the pictures with each other, and with their labels."""
    values = contents.values
    if values is None:
        kinds = (*BY_FEATURES, *BY_HEADS, *BY_TURNING)
        return Opinion(not_checked=dict.fromkeys(kinds, "a network is needed (no --quick)"))
    standardized = Standardization.of(values).apply(values) if len(values) else values
    alike = _alike_but_copies(standardized, copies, reporter)
    opinion = _judge_labels(placed, standardized, _merged(alike, copies), reporter)
    found = (*group_findings("alike", alike, placed), *opinion.findings)
    return Opinion(found, opinion.gains, opinion.not_checked)


def _alike_but_copies(
    standardized: FloatArray, copies: Iterable[Group], reporter: Reporter
) -> list[Group]:
    """Find what looks alike among files that differ: of copies, the first stands for all."""
    is_copy = np.zeros(len(standardized), dtype=np.bool_)
    for group in copies:
        is_copy[list(group[1:])] = True
    kept = np.flatnonzero(~is_copy)
    groups = alike_groups(standardized[kept], reporter)
    return [tuple(int(kept[row]) for row in group) for group in groups]


def _merged(alike: Iterable[Group], copies: Iterable[Group]) -> list[Group]:
    """Return groups that share no row: what looks alike with its copies, and other copies."""
    rest = {group[0]: group for group in copies}
    grown = [tuple(row for one in group for row in rest.pop(one, (one,))) for group in alike]
    return [*grown, *rest.values()]


def _judge_labels(
    placed: Placed, standardized: FloatArray, groups: Sequence[Group], reporter: Reporter
) -> Opinion:
    labels = tuple(sorted({image.label for image in placed.images}))
    label_ids: IntArray = label_ids_of(placed.images, labels)
    counts = np.bincount(label_ids, minlength=len(labels))
    if (counts >= FEWEST).sum() < 2:
        why = f"two labels with {FEWEST} pictures each are needed"
        return Opinion(not_checked=dict.fromkeys(BY_HEADS, why))
    data = Labeled(standardized, label_ids, len(labels), groups)
    judged = cross_validate(data, reporter)
    gains = tuple(g for g in estimate_gains(judged, label_ids, labels) if g.pictures >= FEWEST)
    found = find_suspects(judged.probabilities, label_ids)
    why = why_none(found, len(label_ids))
    suspects = suspect_findings([] if why else found, judged, placed.images, label_ids, labels)
    not_checked = {"suspected-label": why} if why else {}
    return Opinion((*suspects, *gain_findings(gains)), gains, not_checked)
