"""Training the head as the codelab does: plain gradient descent on class-balanced batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from poets.config import TrainConfig
from poets.dataset import Dataset, Features, IntArray
from poets.heads.softmax import SoftmaxHead, Standardization, accuracy, cross_entropy, softmax
from poets.preprocess import FloatArray

_INITIAL_DEVIATION = 0.001


@dataclass(frozen=True)
class Measurement:
    """What the head makes of a batch."""

    logits: FloatArray  # [n, n_labels]
    accuracy: float
    cross_entropy: float

    @property
    def n(self) -> int:
        """How many pictures were measured."""
        return len(self.logits)


@dataclass(frozen=True)
class StepState:
    """One training step: its batch before the update, and at an evaluation what came after."""

    step: int
    head: SoftmaxHead  # of standardised features, before the update
    batch: Measurement
    evaluation: "Evaluated | None"


@dataclass(frozen=True)
class Evaluated:
    """The updated head on the step's batch and on validation pictures."""

    training: Measurement
    validation: Measurement | None  # None without validation pictures


StepListener = Callable[[StepState], None]


def fit(dataset: Dataset, config: TrainConfig, listeners: Sequence[StepListener]) -> SoftmaxHead:
    """Train a head on standardised features; return it for raw ones.

    Each listener hears of every step.
    """
    standardization = Standardization.of(dataset.training.values)
    training = _Balanced(dataset.training, standardization)
    validation = _Balanced(dataset.validation, standardization)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(config.seed).spawn(3)]
    head = _initial(dataset.training.values.shape[1], len(dataset.labels), streams[0])
    for step in range(config.how_many_training_steps):
        values, label_ids = training.batch(config.train_batch_size, streams[1])
        batch = _measure(head, values, label_ids)
        updated = _descend(head, batch.logits, values, label_ids, config.learning_rate)
        evaluation = None
        if step % config.eval_step_interval == 0 or step + 1 == config.how_many_training_steps:
            drawn = validation.batch(config.validation_batch_size, streams[2])
            evaluation = Evaluated(
                _measure(updated, values, label_ids),
                _measure(updated, *drawn) if len(drawn[1]) else None,
            )
        for listen in listeners:
            listen(StepState(step, head, batch, evaluation))
        head = updated
    return head.fold(standardization)


def _initial(feature_size: int, n_labels: int, rng: np.random.Generator) -> SoftmaxHead:
    """Draw weights from a normal distribution cut off at two deviations; bias 0."""
    weights = rng.standard_normal((feature_size, n_labels))
    while (outside := np.abs(weights) > 2.0).any():
        weights[outside] = rng.standard_normal(int(outside.sum()))
    scaled = (weights * _INITIAL_DEVIATION).astype(np.float32)
    return SoftmaxHead(scaled, np.zeros(n_labels, dtype=np.float32))


def _descend(
    head: SoftmaxHead,
    logits: FloatArray,
    values: FloatArray,
    label_ids: IntArray,
    learning_rate: float,
) -> SoftmaxHead:
    """Take one step against the gradient of the mean cross entropy."""
    error = softmax(logits)
    error[np.arange(len(label_ids)), label_ids] -= 1.0
    error *= np.float32(learning_rate / len(label_ids))
    return SoftmaxHead(head.weights - values.T @ error, head.bias - error.sum(axis=0))


def _measure(head: SoftmaxHead, values: FloatArray, label_ids: IntArray) -> Measurement:
    logits = head.logits(values)
    return Measurement(logits, accuracy(logits, label_ids), cross_entropy(logits, label_ids))


class _Balanced:
    """Draws batches in which every label is as likely, with replacement."""

    def __init__(self, features: Features, standardization: Standardization) -> None:
        order = np.argsort(features.label_ids, kind="stable")
        self._values = standardization.apply(features.values[order])
        self._label_ids = features.label_ids[order]
        _, self._starts, self._counts = np.unique(
            self._label_ids, return_index=True, return_counts=True
        )

    def batch(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Return f32[size, feature_size] and i64[size]; all there is for -1 or an empty set."""
        if size < 0 or not len(self._label_ids):
            return self._values, self._label_ids
        labels = rng.integers(len(self._starts), size=size)
        rows = self._starts[labels] + rng.integers(self._counts[labels])
        return self._values[rows], self._label_ids[rows]
