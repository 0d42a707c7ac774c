"""Every export proves itself: opened by its own runtime, it labels pictures as the head does."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from poets.dataset import IntArray
from poets.decode import UnreadableImageError, read_file
from poets.errors import DataError
from poets.preprocess import FloatArray, Preprocess
from poets.report import Reporter

Name = TypeVar("Name")
MAX_DIFFERENCE = 1e-3  # of a score, for formats that keep every number


@dataclass(frozen=True)
class Picture:
    """A picture as files have it and as networks take it."""

    content: bytes  # the file's
    values: FloatArray  # [height, width, channels], preprocessed


Runtime: TypeAlias = Callable[[Picture], FloatArray | None]  # its scores; None: cannot be read


@dataclass(frozen=True)
class Evidence:
    """What an export has to say of some pictures."""

    pictures: Sequence[Path | bytes]
    scores: FloatArray  # [n, n_labels], the trained head's
    label_ids: IntArray | None  # [n], the true ones; None for pictures of nothing


@dataclass(frozen=True)
class Proof:
    """How far an export's scores are from the trained head's, and what it costs."""

    pictures: int
    max_difference: float  # of a score
    mean_difference: float
    accuracy: float | None = None  # in [0, 1]
    accuracy_lost: float | None = None  # in points
    unreadable: int = 0  # pictures that the runtime's own decoder does not read

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def prove(
    runtimes: Mapping[Name, Runtime],
    evidence: Evidence,
    preprocess: Preprocess,
    reporter: Reporter,
) -> dict[Name, Proof]:
    """Let each runtime label the same pictures; raises DataError for one that is gone."""
    said: dict[Name, list[FloatArray | None]] = {name: [] for name in runtimes}
    with reporter.progress("Proving", len(evidence.pictures), "images") as advance:
        for source in evidence.pictures:
            picture = _load(source, preprocess)
            for name, run in runtimes.items():
                said[name].append(run(picture))
            advance(1)
    return {name: _compare(scores, evidence) for name, scores in said.items()}


def _load(source: Path | bytes, preprocess: Preprocess) -> Picture:
    try:
        content = source if isinstance(source, bytes) else read_file(source)
        return Picture(content, preprocess.load(content))
    except UnreadableImageError as error:
        hint = "Exports are proved with the test pictures: bring it back, or train again."
        raise DataError(f"{source!s}: {error}.", hint=hint) from error


def _compare(said: Sequence[FloatArray | None], evidence: Evidence) -> Proof:
    rows = [row for row, scores in enumerate(said) if scores is not None]
    if not rows:
        return Proof(0, math.nan, math.nan, unreadable=len(said))
    scores = np.stack([scores for scores in said if scores is not None])
    expected = evidence.scores[rows]
    difference = np.abs(scores - expected)
    proof = Proof(
        pictures=len(rows),
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        unreadable=len(said) - len(rows),
    )
    if evidence.label_ids is None:
        return proof
    truth = evidence.label_ids[rows]
    right, before = (int((of.argmax(axis=1) == truth).sum()) for of in (scores, expected))
    lost = 100 * (before - right) / len(rows)
    return replace(proof, accuracy=right / len(rows), accuracy_lost=lost)
