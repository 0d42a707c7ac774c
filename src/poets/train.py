"""Training the head as the codelab does: plain gradient descent on class-balanced batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from poets.config.train import TrainConfig
from poets.dataset import Dataset, Features, IntArray
from poets.errors import UsageError
from poets.heads.softmax import SoftmaxHead, Standardization, accuracy, cross_entropy, softmax
from poets.preprocess import FloatArray

_INITIAL_DEVIATION = 0.001


class Batches(Protocol):
    """Where batches come from."""

    def batch(self, size: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
        """Return standardised f32[n, feature_size] and i64[n]; all there is for a size of -1."""


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
class Evaluated:
    """The updated head on the step's batch and on validation pictures."""

    training: Measurement
    validation: Measurement | None  # None without validation pictures


@dataclass(frozen=True)
class TrainingData:
    """What a head is trained on and watched with."""

    training: Batches
    validation: Batches
    standardization: Standardization
    n_labels: int

    @classmethod
    def of(cls, dataset: Dataset, training: Batches | None = None) -> Self:
        """Draw from a data set's features, or from `training` in the place of its own."""
        standardization = Standardization.of(dataset.training.values)
        own = BalancedBatches(dataset.training, standardization)
        validation = BalancedBatches(dataset.validation, standardization)
        return cls(training or own, validation, standardization, len(dataset.labels))

    def blank_head(self) -> SoftmaxHead:
        """Return a head of the right shape that knows nothing."""
        n_features = len(self.standardization.mean)
        weights = np.zeros((n_features, self.n_labels), dtype=np.float32)
        return SoftmaxHead(weights, np.zeros(self.n_labels, dtype=np.float32))


@dataclass(frozen=True)
class Snapshot:
    """All that a training needs to go on."""

    step: int  # the next one
    head: SoftmaxHead  # of standardised features
    random_states: tuple[dict[str, Any], ...]  # of the generators for training and validation


@dataclass(frozen=True)
class StepState:
    """One training step: its batch before the update, and at an evaluation what came after."""

    step: int
    head: SoftmaxHead  # of standardised features, before the update
    batch: Measurement
    evaluation: Evaluated | None
    updated: SoftmaxHead
    generators: tuple[np.random.Generator, ...]

    def snapshot(self) -> Snapshot:
        """Return where the training stands after this step."""
        states = tuple(dict(rng.bit_generator.state) for rng in self.generators)
        return Snapshot(self.step + 1, self.updated, states)


StepListener = Callable[[StepState], None]


def fit(
    data: TrainingData,
    config: TrainConfig,
    listeners: Sequence[StepListener] = (),
    start: Snapshot | None = None,
) -> SoftmaxHead:
    """Train a head on standardised features; return it for raw ones.

    Each listener hears of every step. From a snapshot, the end is that of an unbroken training.
    """
    start = start or _begin(data, config)
    head = start.head
    generators = tuple(_generator(state) for state in start.random_states)
    for step in range(start.step, config.how_many_training_steps):
        values, label_ids = data.training.batch(config.train_batch_size, generators[0])
        batch = _measure(head, values, label_ids)
        _check_converges(step, batch, config)
        updated = _descend(head, batch.logits, values, label_ids, config.learning_rate)
        evaluation = None
        if step % config.eval_step_interval == 0 or step + 1 == config.how_many_training_steps:
            drawn = data.validation.batch(config.validation_batch_size, generators[1])
            validation = _measure(updated, *drawn) if len(drawn[1]) else None
            evaluation = Evaluated(_measure(updated, values, label_ids), validation)
        for listen in listeners:
            listen(StepState(step, head, batch, evaluation, updated, generators))
        head = updated
    return head.fold(data.standardization)


class BalancedBatches:
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


def _check_converges(step: int, batch: Measurement, config: TrainConfig) -> None:
    if not np.isfinite(batch.cross_entropy):
        message = f"the training diverged at step {step}: cross entropy {batch.cross_entropy}."
        raise UsageError(message, hint=f"Try a --learning_rate below {config.learning_rate:g}.")


def _begin(data: TrainingData, config: TrainConfig) -> Snapshot:
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(config.seed).spawn(3)]
    head = _initial(len(data.standardization.mean), data.n_labels, streams[0])
    return Snapshot(0, head, tuple(dict(rng.bit_generator.state) for rng in streams[1:]))


def _generator(state: dict[str, Any]) -> np.random.Generator:
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator


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
