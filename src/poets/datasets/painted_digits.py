"""The ten digits, written here by an unsteady hand: what MNIST has, without a network."""

import io
from pathlib import Path

import numpy as np

from poets.datasets.painted import Painted, draw_painted
from poets.datasets.painting.digit import write_digit
from poets.datasets.painting.digit_strokes import STROKES
from poets.report import Reporter

LABELS = tuple(STROKES)
_SILENT = Reporter()


def draw_painted_digits(
    folder: Path, *, per_label: int = 200, seed: int = 0, reporter: Reporter = _SILENT
) -> Path:
    """Return `folder` with grey PNG pictures, 28 pixels square, in a sub-folder a digit.

    What was drawn before is kept as it is. Raises UsageError for a count or a seed that cannot
    be, DataError where something else is in the folder, OutputError where it cannot be written.
    """
    return draw_painted(_DIGITS, folder, per_label, seed, reporter)


def _paint_png(label: str, rng: np.random.Generator) -> bytes:
    file = io.BytesIO()
    write_digit(label, rng).save(file, "PNG")
    return file.getvalue()


_DIGITS = Painted("painted_digits", "digits", LABELS, ".png", _paint_png)
