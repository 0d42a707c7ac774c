"""From what a graph gives to probabilities: not every graph ends in a softmax."""

import numpy as np

from poets.errors import ModelError
from poets.heads.softmax import softmax
from poets.preprocess import FloatArray

_SLACK = 0.05  # of a row's sum: a graph in 8 bits rounds each score
LOGITS = "The graph gives logits, not probabilities: their softmax is measured."
SHARES = "The graph's scores do not sum to 1: their shares of the sum are measured."


def as_probabilities(scores: FloatArray) -> tuple[FloatArray, frozenset[str]]:
    """Return f32[n, n_labels] as rows that sum to 1, and what was done to them, if much.

    Raises ModelError for what are no numbers.
    """
    if not np.isfinite(scores).all():
        raise ModelError("The graph's scores are no numbers for some of the pictures.")
    if scores.size and (scores.min() < 0 or scores.max() > 1 + _SLACK):
        return softmax(scores), frozenset({LOGITS})
    sums = scores.sum(axis=1, keepdims=True)
    shares = np.where(sums > 0, scores / np.where(sums > 0, sums, 1), 1 / scores.shape[1])
    notes = frozenset({SHARES} if (np.abs(sums - 1) > _SLACK).any() else ())
    # A softmax's own rounding is left as it is.
    return (scores if np.allclose(sums, 1, atol=1e-5) else shares.astype(np.float32)), notes
