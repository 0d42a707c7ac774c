"""Several graphs that label together: the weighted mean of their probabilities."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from poets.errors import ModelError, UsageError
from poets.predict import ScoredPicture, score_images
from poets.preprocess import FloatArray
from poets.runtimes.model import Model


@dataclass(frozen=True)
class Ensemble:
    """Graphs with the same labels, and how much each one counts."""

    models: tuple[Model, ...]
    weights: tuple[float, ...]  # they sum to 1

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the first graph."""
        return self.models[0].labels

    def score_images(self, paths: Sequence[Path]) -> Iterator[ScoredPicture]:
        """Yield the mean scores of each picture, in order; a bad one stops nothing."""
        orders = [order_of(self.labels, model.labels) for model in self.models]
        for scored in zip(*(score_images(model, paths) for model in self.models), strict=True):
            first = scored[0]
            rows = [one.scores for one in scored]
            if any(row is None for row in rows):
                yield first
                continue
            mean = np.zeros(len(self.labels), np.float32)
            for row, order, weight in zip(rows, orders, self.weights, strict=True):
                mean += np.float32(weight) * np.asarray(row)[order]
            yield replace(first, scores=mean, seconds=sum(one.seconds for one in scored))


def make_ensemble(
    models: Sequence[Model], names: Sequence[str], weights: Sequence[float] = ()
) -> Ensemble:
    """Let graphs label together, alike where no weights are given.

    Raises ModelError for graphs with other labels, UsageError for weights that do not fit.
    """
    for model, name in zip(models[1:], names[1:], strict=True):
        _check_same_labels(models[0], names[0], model, name)
    return Ensemble(tuple(models), _normalized(weights or [1.0] * len(models), len(models)))


def fit_weights(scores: Sequence[FloatArray], label_ids: npt.NDArray[np.int64]) -> list[float]:
    """Return the weights of a mixture of graphs that make the true labels most probable.

    `scores` is f32[n, n_labels] a graph, `label_ids` i64[n]. Expectation maximisation for the
    proportions of a mixture: each round raises the likelihood, which has one maximum.
    A. P. Dempster, N. M. Laird, D. B. Rubin, "Maximum likelihood from incomplete data via the EM
    algorithm", Journal of the Royal Statistical Society B 39 (1977), 1-38.
    """
    rows = np.arange(len(label_ids))
    likelihoods = np.stack([one[rows, label_ids] for one in scores], axis=1).astype(np.float64)
    likelihoods = np.maximum(likelihoods, 1e-12)
    weights = np.full(len(scores), 1 / len(scores))
    for _ in range(_ROUNDS):
        shares = likelihoods * weights
        updated = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(updated - weights).max() < _PRECISION:
            break
        weights = updated
    return [float(weight) for weight in weights]


_ROUNDS = 10_000
_PRECISION = 1e-7
_SHOWN = 10  # labels that an error names


def _check_same_labels(first: Model, first_name: str, other: Model, other_name: str) -> None:
    # Counted: ImageNet calls two kinds of things "crane".
    ours, theirs = Counter(first.labels), Counter(other.labels)
    if ours == theirs:
        return
    lines = [f"{first_name} and {other_name} have other labels."]
    for name, only in ((first_name, ours - theirs), (other_name, theirs - ours)):
        lines += [f"only in {name}: {_some([*only.elements()])}"] if only else []
    raise ModelError("\n".join(lines), hint="Graphs that label together have the same labels.")


def _some(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - _SHOWN} more" if len(labels) > _SHOWN else ""
    return ", ".join(labels[:_SHOWN]) + more


def order_of(wanted: tuple[str, ...], own: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return where each wanted label stands in `own`, i64[n_labels].

    The labels are the same in any order; of those that are there twice, the first is the first.
    """
    order = np.empty(len(own), dtype=np.int64)
    order[_sorted_ids(wanted)] = _sorted_ids(own)
    return order


def _sorted_ids(labels: tuple[str, ...]) -> list[int]:
    return sorted(range(len(labels)), key=labels.__getitem__)


def _normalized(weights: Sequence[float], count: int) -> tuple[float, ...]:
    if len(weights) != count:
        raise UsageError(f"--weights has {len(weights)} numbers for {count} graphs.")
    total = sum(weights)
    if not (min(weights) >= 0 and 0 < total < float("inf")):
        raise UsageError("--weights: numbers from 0 up, one of them above 0.")
    return tuple(weight / total for weight in weights)
