"""Training the head as the codelab does: gradient descent on class-balanced batches, or better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from poets.config.head import ADAM, LBFGS, HeadConfig
from poets.config.train import TrainConfig
from poets.dataset import Dataset, IntArray
from poets.errors import UsageError
from poets.heads.batches import BalancedBatches, Batches, Shares, picture_weights
from poets.heads.initial import initial
from poets.heads.lbfgs import Lbfgs
from poets.heads.loss import Loss, Rows
from poets.heads.optimizers import Adam, GradientDescent, Optimizer
from poets.heads.penalty import pick_l2
from poets.heads.softmax import Hidden, SoftmaxHead, Standardization, accuracy, cross_entropy
from poets.preprocess import FloatArray

_PLAIN = HeadConfig()
_OVERSHOOTS = 2.0  # times a weight that a step takes from it: what is left is larger


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
    shares: Shares | None = None  # of the labels; None where all count alike

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        training: Batches | None = None,
        standardization: Standardization | None = None,
        shares: Shares | None = None,
    ) -> Self:
        """Draw from a data set's features, or from `training` in the place of its own."""
        standardization = standardization or Standardization.of(dataset.training.values)
        own = training or BalancedBatches(dataset.training, standardization, shares)
        validation = BalancedBatches(dataset.validation, standardization, shares)
        return cls(own, validation, standardization, len(dataset.labels), shares)

    def blank_head(self, hidden_units: int = 0) -> SoftmaxHead:
        """Return a head of the right shape that knows nothing."""
        n_features, n_labels = len(self.standardization.mean), self.n_labels
        bias = np.zeros(n_labels, np.float32)
        if not hidden_units:
            return SoftmaxHead(np.zeros((n_features, n_labels), np.float32), bias)
        into = np.zeros((n_features, hidden_units), np.float32)
        hidden = Hidden(into, np.zeros(hidden_units, np.float32))
        return SoftmaxHead(np.zeros((hidden_units, n_labels), np.float32), bias, hidden)


@dataclass(frozen=True)
class Snapshot:
    """All that a training needs to go on."""

    step: int  # the next one
    head: SoftmaxHead  # of standardised features
    random_states: tuple[dict[str, Any], ...]  # of training's, validation's and dropout's generator
    moments: tuple[FloatArray, ...] = ()  # what the optimiser remembers


@dataclass(frozen=True)
class StepState:
    """One training step: its batch before the update, and at an evaluation what came after."""

    step: int
    head: SoftmaxHead  # of standardised features, before the update
    batch: Measurement
    evaluation: Evaluated | None
    updated: SoftmaxHead
    generators: tuple[np.random.Generator, ...]
    moments: tuple[FloatArray, ...] = ()  # after the update

    def snapshot(self) -> Snapshot:
        """Return where the training stands after this step."""
        states = tuple(dict(rng.bit_generator.state) for rng in self.generators)
        return Snapshot(self.step + 1, self.updated, states, self.moments)


StepListener = Callable[[StepState], None]


@np.errstate(over="ignore", invalid="ignore")  # what diverges is told in words
def fit(
    data: TrainingData,
    config: TrainConfig,
    listeners: Sequence[StepListener] = (),
    start: Snapshot | None = None,
    settings: HeadConfig = _PLAIN,
) -> SoftmaxHead:
    """Train a head on standardised features; return it for raw ones.

    Each listener hears of every step. From a snapshot, the end is that of an unbroken training.
    """
    settings = with_l2(data, config, settings)
    start = start or _begin(data, config, settings)
    head = start.head
    generators = tuple(_generator(state) for state in start.random_states)
    optimizer = _optimizer(data, config, settings, start.moments)
    size = -1 if settings.optimizer == LBFGS else config.train_batch_size
    for step in range(start.step, config.how_many_training_steps):
        values, label_ids = data.training.batch(size, generators[0])
        rows = _seen(head, values, label_ids, settings.dropout, generators[2])
        batch = _measured(rows)
        _check_converges(step, batch, config, settings)
        updated = optimizer.step(head, rows)
        last = step + 1 == config.how_many_training_steps or optimizer.converged
        evaluation = None
        if last or step % config.eval_step_interval == 0:
            drawn = data.validation.batch(config.validation_batch_size, generators[1])
            validation = _measure(updated, *drawn) if len(drawn[1]) else None
            evaluation = Evaluated(_measure(updated, values, label_ids), validation)
            for measured in filter(None, (evaluation.training, validation)):
                _check_converges(step, measured, config, settings)
        state = StepState(step, head, batch, evaluation, updated, generators, optimizer.moments)
        for listen in listeners:
            listen(state)
        head = updated
        if last:
            break
    return head.fold(data.standardization)


def _optimizer(
    data: TrainingData,
    config: TrainConfig,
    settings: HeadConfig,
    moments: tuple[FloatArray, ...],
) -> Optimizer:
    loss = Loss(settings.label_smoothing, settings.l2 or 0.0)
    if settings.optimizer == ADAM:
        return Adam(loss, config.learning_rate, moments)
    if settings.optimizer != LBFGS:
        return GradientDescent(loss, config.learning_rate)
    return Lbfgs(loss, _picture_weights(data), moments)


def with_l2(data: TrainingData, config: TrainConfig, settings: HeadConfig) -> HeadConfig:
    """Return the settings with the penalty that suits validation, where lbfgs is to find one."""
    if settings.optimizer != LBFGS or settings.l2 is not None:
        return settings
    # Of the head that trainings begin with, so that one that was stopped picks the same.
    first = _begin(data, config, settings).head
    loss = Loss(settings.label_smoothing)
    parts = _all_of(data.training), _all_of(data.validation)
    return replace(settings, l2=pick_l2(first, parts, loss, _picture_weights(data)))


def _all_of(batches: Batches) -> Rows:
    values, label_ids = batches.batch(-1, np.random.default_rng(0))  # which is not asked
    return Rows(values, label_ids, np.empty((0, 0), np.float32))


def _picture_weights(data: TrainingData) -> FloatArray:
    return picture_weights(data.shares, _all_of(data.training).label_ids, data.n_labels)


def _seen(
    head: SoftmaxHead,
    values: FloatArray,
    label_ids: IntArray,
    dropout: float,
    rng: np.random.Generator,
) -> Rows:
    """Return the rows as the step sees them: without some features, the others the larger."""
    if dropout:
        kept = rng.random(values.shape, dtype=np.float32) >= np.float32(dropout)
        values = values * (kept.astype(np.float32) / np.float32(1 - dropout))
    return Rows(values, label_ids, head.logits(values))


def _check_converges(
    step: int, batch: Measurement, config: TrainConfig, settings: HeadConfig
) -> None:
    if np.isfinite(batch.cross_entropy):
        return
    hint = f"Try a --learning_rate below {config.learning_rate:g}."
    if config.learning_rate * (settings.l2 or 0.0) >= _OVERSHOOTS:
        hint = f"Try an --l2 below {_OVERSHOOTS / config.learning_rate:g}, or --optimizer lbfgs."
    message = f"the training diverged at step {step}: cross entropy {batch.cross_entropy}."
    raise UsageError(message, hint=hint)


def _begin(data: TrainingData, config: TrainConfig, settings: HeadConfig) -> Snapshot:
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(config.seed).spawn(4)]
    head = initial(data.blank_head(settings.hidden_units), streams[0])
    return Snapshot(0, head, tuple(dict(rng.bit_generator.state) for rng in streams[1:]))


def _generator(state: dict[str, Any]) -> np.random.Generator:
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator


def _measure(head: SoftmaxHead, values: FloatArray, label_ids: IntArray) -> Measurement:
    return _measured(Rows(values, label_ids, head.logits(values)))


def _measured(rows: Rows) -> Measurement:
    logits, label_ids = rows.logits, rows.label_ids
    return Measurement(logits, accuracy(logits, label_ids), cross_entropy(logits, label_ids))
