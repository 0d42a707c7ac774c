"""Pictures unlike those of the training: how far one is from them, and what is far.

Features of length 1 (their direction tells more of the subject than their length) are taken apart
into a few directions, in which the training pictures vary most, and a rest. The distance is that of
Mahalanobis to the nearest label's centre, with one covariance for all labels, and as a covariance
of d features has more numbers than there are pictures, the rest varies alike in all directions.
K. Lee, K. Lee, H. Lee, J. Shin, "A simple unified framework for detecting out-of-distribution
samples and adversarial attacks", NeurIPS 2018; M. E. Tipping, C. M. Bishop, "Probabilistic
principal component analysis", Journal of the Royal Statistical Society B 61 (1999), 611-622.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from poets.dataset import Features, IntArray
from poets.errors import ModelError
from poets.preprocess import FloatArray

UNKNOWN = "unknown"  # the answer
MIN_PICTURES = 20  # below, one in twenty is not to be told from none
_ENOUGH_VALIDATION = 200  # pictures; with fewer, those of the training are held out in turn
_FOLDS = 5
_MOST_PICTURES = 4096  # that directions are looked for in
_MOST_FEATURES = 8192  # more are pixels rather than features, and would fill the file
_DIRECTIONS = (16, 64)  # at least, where there is room for them, and at most; else one a label
_SPARE, _ROUNDS = 8, 2  # directions and rounds that make a random search exact enough
_MOST_DISTANCES = 200


@dataclass(frozen=True)
class Familiar:
    """What the pictures of a training are like, and how far others of their kind are from them."""

    mean: FloatArray  # [d]
    directions: FloatArray  # [d, r], of length 1 and at right angles
    whitening: FloatArray  # [r, r], after which labels' pictures vary alike in all directions
    centres: FloatArray  # [n_labels, r], whitened
    rest: float  # variance in each other direction
    distances: FloatArray  # [n], sorted: of pictures that were held out, or some quantiles of them
    held_out: int = 0  # how many pictures those were
    depth: int = 1  # dense layers between features and logits

    def distance(self, values: FloatArray) -> FloatArray:
        """Return how far f32[n, d] are from the nearest label, f32[n]: about 1 for its own kind."""
        unit = _unit(values)
        centred = unit - self.mean
        inside = centred @ self.directions
        left = np.maximum((centred**2).sum(axis=1) - (inside**2).sum(axis=1), 0.0)
        # No feature at all, as black pixels have none: that is a direction of its own, and not
        # the middle of all others.
        rest = np.where(unit.any(axis=1), left, left + 1) / self.rest
        places = inside @ self.whitening
        # (a - b)^2 in parts: every picture's way to every label at once would not fit in memory.
        apart = (self.centres**2).sum(axis=1) - 2 * places @ self.centres.T
        nearest = np.maximum(apart.min(axis=1) + (places**2).sum(axis=1), 0.0)
        root: FloatArray = np.sqrt((nearest + rest) / len(self.mean)).astype(np.float32)
        return root

    def farther_than(self, distance: float) -> float:
        """Return the share of the pictures held out that are nearer than that, from 0 to 1."""
        return float(np.searchsorted(self.distances, distance) / len(self.distances))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; large arrays in 16 bits."""
        return {
            "mean": _encode(self.mean, "<f2"),
            "directions": _encode(self.directions, "<f2"),
            "whitening": _encode(self.whitening, "<f4"),
            "centres": _encode(self.centres, "<f4"),
            "rest": self.rest,
            "distances": _encode(self.distances, "<f4"),
            "held_out": self.held_out,
            "depth": self.depth,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Familiar":
        """Read what `to_dict` wrote; raises ModelError for anything else."""
        try:
            mean = _decode(values["mean"], "<f2")
            centres = _decode(values["centres"], "<f4")
            directions = _decode(values["directions"], "<f2").reshape(len(mean), -1)
            whitening = _decode(values["whitening"], "<f4").reshape(2 * directions.shape[1:])
            familiar = cls(
                mean,
                directions,
                whitening,
                centres.reshape(-1, directions.shape[1]),
                float(values["rest"]),
                _decode(values["distances"], "<f4"),
                int(values["held_out"]),
                int(values["depth"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            message = f"The graph's manifest cannot be read: what is familiar, {error!r}."
            raise ModelError(message, hint="Train again.") from error
        known = len(familiar.distances) and len(familiar.centres)
        if not (familiar.rest > 0 and known and familiar.depth >= 1):  # NaN is not
            raise ModelError("The graph's manifest is damaged: nothing is familiar to it.")
        return familiar


def learn_familiar(training: Features, validation: Features, depth: int = 1) -> Familiar | None:
    """Measure what is familiar; None for features or pictures that are too many or too few for it.

    Distances are those of the validation pictures; where these are few, all pictures are held out,
    a fifth of them at a time.
    """
    rows = _some(training.label_ids)
    values, label_ids = training.values[rows], training.label_ids[rows]
    n_features = values.shape[1] if values.ndim == 2 else 0
    if len(values) < MIN_PICTURES or not 2 <= n_features <= _MOST_FEATURES:
        return None
    stored = Familiar.from_dict({**_fit(values, label_ids).to_dict(), "depth": depth})
    if len(validation.label_ids) >= _ENOUGH_VALIDATION:
        distances = stored.distance(validation.values)
    else:
        distances = _hold_out(
            np.concatenate([values, validation.values]),
            np.concatenate([label_ids, validation.label_ids]),
            np.concatenate([_pictures(training)[rows], -1 - np.arange(len(validation.label_ids))]),
        )
    ranked = np.sort(distances).astype(np.float32)
    if len(ranked) > _MOST_DISTANCES:
        ranked = np.quantile(ranked, np.linspace(0, 1, _MOST_DISTANCES)).astype(np.float32)
    return replace(stored, distances=ranked, held_out=len(distances))


def _some(label_ids: IntArray) -> IntArray:
    """Return the rows of as many pictures of each label as there is room for, spread over all."""
    if len(label_ids) <= _MOST_PICTURES:
        return np.arange(len(label_ids))
    labels = np.unique(label_ids)
    most = max(1, _MOST_PICTURES // len(labels))
    rows = [np.flatnonzero(label_ids == label) for label in labels]
    chosen = [own[np.linspace(0, len(own) - 1, min(most, len(own))).astype(int)] for own in rows]
    return np.concatenate(chosen)


def _pictures(features: Features) -> IntArray:
    """Return which picture each row is of: distorted variants are of one, i64[n]."""
    if len(features.images) != len(features.label_ids):
        return np.arange(len(features.label_ids))
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(i.path, len(numbers)) for i in features.images], np.int64)


def _fit(values: FloatArray, label_ids: IntArray) -> Familiar:
    unit = _unit(values)
    mean = unit.mean(axis=0)
    centred = unit - mean
    labels, own = np.unique(label_ids, return_inverse=True)
    fewest, most = _DIRECTIONS
    room = min(centred.shape) // 4
    directions = _principal(centred, max(1, min(max(fewest, len(labels)), most, room)))
    inside = centred @ directions
    centres = np.stack([inside[own == label].mean(axis=0) for label in range(len(labels))])
    whitening = _whitening(inside - centres[own])
    lost = float((centred**2).sum() - (inside**2).sum()) / len(values)
    rest = max(lost / (len(mean) - directions.shape[1]), 1e-12)
    none = np.zeros(1, np.float32)
    return Familiar(mean, directions, whitening, centres @ whitening, rest, none)


def _hold_out(values: FloatArray, label_ids: IntArray, pictures: IntArray) -> FloatArray:
    """Return each row's distance from the others, those of its own fifth of the pictures left out.

    A picture's variants are held out together: each would have told of the others.
    """
    known, own = np.unique(pictures, return_inverse=True)
    folds = (np.random.default_rng(0).permutation(len(known)) % _FOLDS)[own]
    distances = np.empty(len(values), np.float32)
    for fold in range(_FOLDS):
        out, kept = folds == fold, folds != fold
        if out.any() and kept.any():
            distances[out] = _fit(values[kept], label_ids[kept]).distance(values[out])
    return distances


def _principal(centred: FloatArray, count: int) -> FloatArray:
    """Return the directions of largest variance, f32[d, count].

    N. Halko, P. G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM Review 53
    (2011), 217-288, algorithm 4.4: a full decomposition would cost a second and more.
    """
    width = min(count + _SPARE, *centred.shape)
    rng = np.random.default_rng(0)
    basis = centred.T @ rng.standard_normal((len(centred), width)).astype(np.float32)
    for _ in range(_ROUNDS):
        basis = centred.T @ (centred @ np.linalg.qr(basis)[0])
    basis = np.linalg.qr(basis)[0]
    _, _, turned = np.linalg.svd(centred @ basis, full_matrices=False)
    directions: FloatArray = (basis @ turned.T[:, :count]).astype(np.float32)
    return directions


def _whitening(deviations: FloatArray) -> FloatArray:
    """Return f32[r, r] after which f32[n, r] have the unit matrix for a covariance."""
    covariance = (deviations.T @ deviations).astype(np.float64) / len(deviations)
    variances, axes = np.linalg.eigh(covariance)
    floor = max(1e-3 * float(variances.mean()), 1e-12)
    whitening: FloatArray = (axes / np.sqrt(np.maximum(variances, floor))).astype(np.float32)
    return whitening


def _unit(values: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    unit: FloatArray = (values / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit


def _encode(values: FloatArray, dtype: str) -> str:
    return base64.b64encode(values.astype(dtype).tobytes()).decode()


def _decode(text: str, dtype: str) -> FloatArray:
    values = np.frombuffer(base64.b64decode(text, validate=True), dtype).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("not a number")
    return values
