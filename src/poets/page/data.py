"""What the page shows, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from poets.evaluation.calibration import Calibration
from poets.evaluation.scores import Evaluation


@dataclass(frozen=True)
class Heat:
    """Where the network found a label in a picture."""

    label: int
    overlay: bytes  # PNG with transparency, of the thumbnail's proportions


@dataclass(frozen=True)
class Shot:
    """A picture on the page."""

    name: str  # as its user knows it
    link: str  # a URL, relative to the page
    true: int
    scores: tuple[tuple[int, float], ...]  # labels with their probabilities, best first
    thumbnail: bytes  # JPEG; empty where the file could not be read again
    heats: tuple[Heat, ...] = ()

    @property
    def predicted(self) -> int:
        """The label that it was given."""
        return self.scores[0][0]


@dataclass(frozen=True)
class Cell:
    """The pictures of one label that were taken for one label."""

    true: int
    predicted: int
    count: int
    shots: tuple[Shot, ...]  # the most telling ones, as many as there is room for


@dataclass(frozen=True)
class Curve:
    """A figure of the batches trained on and of validation, at the evaluations."""

    name: str
    steps: Sequence[int]
    training: Sequence[float]
    validation: Sequence[float]  # empty without validation pictures
    is_share: bool  # in [0, 1]; else in nats, 0 or more
    unit: str = "step"


@dataclass(frozen=True)
class Sought:
    """What a label looks for: the weights of pixels."""

    label: int
    weights: bytes  # PNG


@dataclass(frozen=True)
class Suspects:
    """Pictures whose label is perhaps wrong: the first score is of the label that fits better."""

    count: int
    shots: tuple[Shot, ...]
    how: str  # how they were found
    why_not: str = ""  # why they were not looked for


@dataclass(frozen=True)
class Run:
    """What made the numbers."""

    command: str  # to type again
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReportData:
    """All that the page shows."""

    kind: Literal["training", "evaluation"]
    title: str
    summary: str  # a sentence on what it is
    part: str  # which pictures were tested
    evaluation: Evaluation
    calibration: Calibration
    cells: tuple[Cell, ...]  # those whose pictures are shown
    mistakes: tuple[Shot, ...]  # the worst ones
    curves: tuple[Curve, ...]
    suspects: Suspects | None
    run: Run
    sought: tuple[Sought, ...] = ()
