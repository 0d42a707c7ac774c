"""The best head there is for all training pictures at once.

J. Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of Computation 35,
1980. SciPy has it too, but is larger than all else together that training needs.
"""

from dataclasses import dataclass

import numpy as np

from poets.heads.loss import Loss, Rows
from poets.heads.objective import Objective, Vector, flat, shaped
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray

_PAIRS = 10  # steps that are remembered
_ENOUGH = 1e-6  # the largest gradient of a head that is as good as the best
_ARMIJO = 1e-4  # share of the promised gain that a step has to bring
_HALVINGS = 30
_FLAT = 1e-10  # a step along which the gradient hardly changes tells nothing of the curvature


@dataclass(frozen=True)
class _Place:
    """A head, and the loss there."""

    head: SoftmaxHead
    value: float
    gradient: Vector

    @classmethod
    def at(cls, head: SoftmaxHead, objective: Objective) -> "_Place":
        rows = objective.rows(head)
        return cls(head, objective.value(head, rows), objective.gradient(head, rows))


class Lbfgs:
    """Steps along the gradient, bent by what the last steps told of the curvature."""

    def __init__(
        self,
        loss: Loss,
        label_weights: FloatArray,
        moments: tuple[FloatArray, ...] = (),
        enough: float = _ENOUGH,
    ) -> None:
        """`label_weights`, [n_labels], is how much a picture of each label counts.

        `moments` are the last steps, [pairs, n], and what they changed in the gradient.
        """
        self._loss, self._label_weights, self._enough = loss, label_weights, enough
        self.moments = moments
        self.converged = False
        self._known: _Place | None = None  # where the last step ended

    def step(self, head: SoftmaxHead, rows: Rows) -> SoftmaxHead:
        """Go where the loss is smaller; where there is no such place, it has converged."""
        objective = Objective.of(self._loss, rows, self._label_weights)
        known = self._known
        here = known if known and known.head is head else _Place.at(head, objective)
        found = None
        if np.abs(here.gradient).max() > self._enough:
            found = self._search(objective, here)
        if found is None:
            self.converged = True
            return head
        self._known = found
        self._remember(flat(found.head.arrays) - flat(head.arrays), found.gradient - here.gradient)
        return found.head

    def _search(self, objective: Objective, here: _Place) -> _Place | None:
        """Halve the step until it brings enough (Armijo's rule); None where none does."""
        direction = self._bend(here.gradient)
        promised = float(here.gradient @ direction)
        start = flat(here.head.arrays)
        size = 1.0 if self.moments else 1.0 / max(1.0, float(np.abs(here.gradient).sum()))
        for _ in range(_HALVINGS):
            tried = shaped(start + size * direction, here.head)
            rows = objective.rows(tried)
            value = objective.value(tried, rows)
            if value < here.value + _ARMIJO * size * promised:
                return _Place(tried, value, objective.gradient(tried, rows))
            size /= 2
        return None

    def _bend(self, gradient: Vector) -> Vector:
        """Return the way down: the two loops of Nocedal's algorithm."""
        way = -gradient
        if not self.moments:
            return way
        pairs = list(zip(*(m.astype(np.float64) for m in self.moments), strict=True))
        shares: list[float] = []
        for step, change in reversed(pairs):
            shares.append(float(step @ way) / float(step @ change))
            way -= shares[-1] * change
        step, change = pairs[-1]
        way *= float(step @ change) / float(change @ change)
        for (step, change), share in zip(pairs, reversed(shares), strict=True):
            way += (share - float(change @ way) / float(step @ change)) * step
        return way

    def _remember(self, step: Vector, change: Vector) -> None:
        if step @ change <= _FLAT * float(change @ change):
            return
        pair = (step.astype(np.float32), change.astype(np.float32))
        known = self.moments or tuple(np.empty((0, len(step)), np.float32) for _ in pair)
        self.moments = tuple(
            np.vstack([rows, row])[-_PAIRS:] for rows, row in zip(known, pair, strict=True)
        )
