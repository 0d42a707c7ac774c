"""The codelab's five flowers, painted here: pictures to try things out with, without a network."""

import io
from pathlib import Path

import numpy as np

from poets.datasets.painted import Painted, draw_painted
from poets.datasets.painting.kinds import KINDS
from poets.datasets.painting.scene import paint
from poets.report import Reporter

LABELS = tuple(KINDS)
_SILENT = Reporter()


def draw_painted_flowers(
    folder: Path, *, per_label: int = 100, seed: int = 0, reporter: Reporter = _SILENT
) -> Path:
    """Return `folder` with JPEG pictures, 256 pixels square, in a sub-folder a label.

    What was drawn before is kept as it is. Raises UsageError for a count or a seed that cannot
    be, DataError where something else is in the folder, OutputError where it cannot be written.
    """
    return draw_painted(_FLOWERS, folder, per_label, seed, reporter)


def _paint_jpeg(label: str, rng: np.random.Generator) -> bytes:
    file = io.BytesIO()
    paint(label, rng).save(file, "JPEG", quality=90)
    return file.getvalue()


_FLOWERS = Painted("painted_flowers", "flowers", LABELS, ".jpg", _paint_jpeg)
