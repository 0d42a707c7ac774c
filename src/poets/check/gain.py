"""Which label would gain most from more pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from poets.check.crossfit import OutOfFold
from poets.check.findings import Finding
from poets.dataset import IntArray
from poets.evaluation.interval import wilson_interval


@dataclass(frozen=True)
class Gain:
    """How well a label is known from half and from all of the training pictures."""

    label: str
    pictures: int
    recall: float  # in [0, 1], out of fold
    recall_from_half: float
    standard_error: float  # of the difference of the two

    @property
    def gain(self) -> float:
        """What the second half of the pictures brought; another doubling hardly brings more."""
        return self.recall - self.recall_from_half


def estimate_gains(
    judged: OutOfFold, label_ids: IntArray, labels: Sequence[str]
) -> tuple[Gain, ...]:
    """Measure a point of the learning curve for each label, in label order.

    The error is that of a mean of differences, each picture being judged by both heads. It knows
    of the luck of which pictures there are, not of the luck of which half was drawn.
    """
    gains = []
    for index, label in enumerate(labels):
        rows = label_ids == index
        after, before = judged.right[rows].mean(), judged.right_from_half[rows].mean()
        differences = judged.right[rows] - judged.right_from_half[rows]
        n = len(differences)
        error = float(differences.std() / np.sqrt(max(n - 1, 1)))
        gains.append(Gain(label, n, float(after), float(before), error))
    return tuple(gains)


def gain_findings(gains: Sequence[Gain]) -> Iterator[Finding]:
    """Name the label that gained most, where that is more than luck makes likely."""
    top = max(gains, key=lambda one: one.gain, default=None)
    if top is None or top.gain <= top.standard_error:
        return
    low, high = wilson_interval(round(top.recall * top.pictures), top.pictures)
    said = (
        f"{top.label}: {100 * top.recall:.0f} % are known ({100 * low:.0f} to {100 * high:.0f}), "
        f"{100 * top.recall_from_half:.0f} % from half as many pictures: "
        f"{100 * top.gain:+.1f} points, give or take {100 * top.standard_error:.1f}"
    )
    yield Finding("most-to-gain", said, labels=(top.label,))
