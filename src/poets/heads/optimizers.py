"""How a step moves the head, a class each; lbfgs is in a module of its own."""

from typing import Protocol

import numpy as np

from poets.heads.loss import Loss, Rows, minus
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray

_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8  # of the paper


class Optimizer(Protocol):
    """Moves a head step by step."""

    moments: tuple[FloatArray, ...]  # what it remembers of steps before: a checkpoint keeps it
    converged: bool  # whether further steps would change nothing

    def step(self, head: SoftmaxHead, rows: Rows) -> SoftmaxHead:
        """Return the head after one step."""


class GradientDescent:
    """Plain: each number moves by the learning rate times its gradient."""

    converged = False

    def __init__(self, loss: Loss, learning_rate: float) -> None:
        self._loss, self._learning_rate = loss, learning_rate
        self.moments: tuple[FloatArray, ...] = ()

    def step(self, head: SoftmaxHead, rows: Rows) -> SoftmaxHead:
        """Take one step against the gradient."""
        error = self._loss.error(rows)
        error *= np.float32(self._learning_rate / len(rows.label_ids))
        return minus(head, self._loss.gradients(head, rows.values, error, self._learning_rate))


class Adam:
    """D. P. Kingma, J. Ba, "Adam: A method for stochastic optimization", ICLR 2015, algorithm 1."""

    converged = False

    def __init__(self, loss: Loss, learning_rate: float, moments: tuple[FloatArray, ...]) -> None:
        """`moments` are those of a stopped training, or none."""
        self._loss, self._learning_rate = loss, learning_rate
        self.moments = moments

    def step(self, head: SoftmaxHead, rows: Rows) -> SoftmaxHead:
        """Move each number by its mean gradient over the root of its mean squared one."""
        error = self._loss.error(rows) / np.float32(len(rows.label_ids))
        gradients = self._loss.gradients(head, rows.values, error, 1.0)
        *means, count = self.moments or (*_zeros(head), *_zeros(head), np.zeros(1, np.float32))
        count = count + np.float32(1)
        first, second = means[: len(gradients)], means[len(gradients) :]
        first = [
            np.float32(_BETA1) * m + np.float32(1 - _BETA1) * g
            for m, g in zip(first, gradients, strict=True)
        ]
        second = [
            np.float32(_BETA2) * v + np.float32(1 - _BETA2) * g * g
            for v, g in zip(second, gradients, strict=True)
        ]
        self.moments = (*first, *second, count)
        return minus(
            head, [self._move(m, v, int(count[0])) for m, v in zip(first, second, strict=True)]
        )

    def _move(self, mean: FloatArray, square: FloatArray, count: int) -> FloatArray:
        unbiased = mean / np.float32(1 - _BETA1**count)
        root = np.sqrt(square / np.float32(1 - _BETA2**count))
        moved: FloatArray = (
            np.float32(self._learning_rate) * unbiased / (root + np.float32(_EPSILON))
        )
        return moved


def _zeros(head: SoftmaxHead) -> list[FloatArray]:
    return [np.zeros_like(values) for values in head.arrays]
