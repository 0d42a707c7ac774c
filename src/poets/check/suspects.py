"""Pictures whose label is perhaps wrong."""

from collections.abc import Iterator, Sequence

import numpy as np

from poets.check.crossfit import OutOfFold
from poets.check.findings import Finding
from poets.dataset import IntArray
from poets.images import LabeledImage
from poets.preprocess import FloatArray

FEWEST = 10  # pictures of a label: a head that has seen fewer cannot tell which is wrong
_MOST = 1 / 3  # of the pictures: where labels say nothing of what is seen, it is half and more

Found = Sequence[tuple[int, int]]  # rows and better labels


def suspect_findings(
    found: Found,
    judged: OutOfFold,
    images: Sequence[LabeledImage],
    label_ids: IntArray,
    labels: Sequence[str],
) -> Iterator[Finding]:
    """Name the pictures that another label fits well and their own does not, the worst first."""
    for row, other in found:
        image = images[row]
        own = judged.probabilities[row, label_ids[row]]
        said = f"{labels[other]} {judged.probabilities[row, other]:.2f}, {image.label} {own:.2f}"
        yield Finding("suspected-label", said, (image.path,), (image.label, labels[other]))


def why_none(found: Found, n_pictures: int) -> str:
    """Say why so many suspects tell nothing; "" where they tell something."""
    if len(found) <= _MOST * n_pictures:
        return ""
    better = f"another label would fit {len(found):,} of {n_pictures:,} pictures better"
    return f"{better}, so the network cannot tell these labels apart"


def find_suspects(probabilities: FloatArray, label_ids: IntArray) -> list[tuple[int, int]]:
    """Return rows and better labels by "confident learning", the widest margin first.

    A label counts for a picture where its probability, f32[n, n_labels] out of fold, reaches the
    mean that it has over the pictures that bear it; a picture for which another label counts most
    is suspected. C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident learning: estimating
    uncertainty in dataset labels", Journal of Artificial Intelligence Research 70 (2021),
    equations 1 and 2, with the off-diagonal of the confident joint taken as it is.
    """
    rows = np.arange(len(label_ids))
    counts = np.bincount(label_ids, minlength=probabilities.shape[1])
    sums = np.bincount(label_ids, probabilities[rows, label_ids], minlength=len(counts))
    # A label of few pictures neither suspects nor is suspected.
    means = np.where(counts >= FEWEST, sums / np.maximum(counts, 1), np.inf)
    counted = np.where(probabilities >= means, probabilities, 0.0)
    best = counted.argmax(axis=1)
    is_suspect = (counted.max(axis=1) > 0) & (best != label_ids) & (counts[label_ids] >= FEWEST)
    margins = probabilities[rows, best] - probabilities[rows, label_ids]
    suspects = np.flatnonzero(is_suspect)
    return [(int(row), int(best[row])) for row in suspects[np.argsort(-margins[suspects])]]
