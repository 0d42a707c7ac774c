"""Whether scores mean what they say: of pictures named with 0.8, 80 % should be named right."""

from dataclasses import dataclass

import numpy as np

from poets.evaluation.scores import Evaluation
from poets.heads.softmax import softmax
from poets.preprocess import FloatArray

_BINS = 15
_HALVINGS = 60  # of the interval in which the temperature is sought
_LOGARITHMS = (-8.0, 8.0)  # of 1 / temperature: far beyond what any classifier wants
_TINY = np.float32(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Calibration:
    """The expected calibration error, and what a temperature would make of it."""

    error: float  # in [0, 1]
    temperature: float | None = None  # None where there are no pictures to fit it on, or no best
    error_after: float | None = None
    fitted_on: int = 0  # validation pictures


def calibrate(evaluation: Evaluation, validation: Evaluation | None) -> Calibration:
    """Measure the error, and what it is at the temperature that fits validation pictures best."""
    error = calibration_error(evaluation)
    if validation is None or not validation.n:
        return Calibration(error)
    temperature = fit_temperature(validation)
    if temperature is None:
        return Calibration(error, fitted_on=validation.n)
    after = Evaluation(
        evaluation.labels,
        at_temperature(evaluation.probabilities, temperature),
        evaluation.label_ids,
    )
    return Calibration(error, temperature, calibration_error(after), validation.n)


def calibration_error(evaluation: Evaluation, bins: int = _BINS) -> float:
    """Return the mean distance of score and accuracy, over bins of equal width by the best score.

    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks",
    ICML 2017, equation 3. NaN for no pictures.
    """
    if not evaluation.n:
        return float("nan")
    best = evaluation.probabilities.max(axis=1).astype(np.float64)
    # A score on an edge belongs to the bin below it, as there.
    which = np.clip(np.ceil(best * bins).astype(np.int64) - 1, 0, bins - 1)
    distance = np.bincount(which, weights=best - evaluation.correct, minlength=bins)
    return float(np.abs(distance).sum() / evaluation.n)


def fit_temperature(evaluation: Evaluation) -> float | None:
    """Return the temperature at which the true labels' cross entropy is least.

    There is none where every picture is named right, for then colder is always better, nor where
    the scores are worse than chance.
    """
    logits = np.log(np.maximum(evaluation.probabilities, _TINY))
    own = logits[np.arange(evaluation.n), evaluation.label_ids]

    def slope(logarithm: float) -> float:
        """Return the derivative by 1 / temperature; it only ever grows with that."""
        expected = (softmax(logits * np.float32(np.exp(logarithm))) * logits).sum(axis=1)
        return float((expected - own).mean(dtype=np.float64))

    low, high = _LOGARITHMS
    if slope(low) >= 0 or slope(high) <= 0:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return float(np.exp(-low))


def at_temperature(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Return softmax(log(p) / temperature) of each row: flatter above 1, sharper below."""
    logits = np.log(np.maximum(probabilities, _TINY)) / np.float32(temperature)
    return softmax(logits.astype(np.float32, copy=False))
