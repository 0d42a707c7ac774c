"""Training by epochs with Keras, stopped by pictures that are not trained on."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from poets.backbones.quiet_tensorflow import keras, tf
from poets.dataset import IntArray
from poets.finetune.examples import Examples
from poets.finetune.plan import Plan
from poets.finetune.score import Epoch, Score
from poets.heads.softmax import accuracy, cross_entropy
from poets.preprocess import FloatArray
from poets.report import EpochReport, Reporter

BATCH_SIZE = 32
_NOTHING = Score(0.0, math.inf)
_BYTES = 1 << 27  # of examples that are handed to Keras at a time


@dataclass
class _Best:
    score: Score
    epoch: int
    weights: list[FloatArray] = field(default_factory=list)


def compile_classifier(model: keras.Model, learning_rate: float) -> None:
    """Set how f32[n, ...] to logits f32[n, n_labels] is trained: Adam on the cross entropy."""
    tf.config.experimental.enable_op_determinism()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=["accuracy"],
    )


def train(
    model: keras.Model, parts: tuple[Examples, Examples], plan: Plan, reporter: Reporter
) -> tuple[tuple[Epoch, ...], int]:
    """Train on the first part until the second gains no more; leave the best weights in `model`.

    Return what each epoch came to, and which was the best; 0 where none was better than the
    beginning, as where the loss is no number any more, which ends the training.
    """
    training, validation = parts
    rng = np.random.default_rng(plan.seed)
    epochs: list[Epoch] = []
    start = _NOTHING if plan.from_scratch else measure(model, validation)
    best = _Best(start, 0, model.get_weights())
    with reporter.progress("Epochs", plan.epochs * len(training), "images") as advance:
        for number in range(1, plan.epochs + 1):
            started = time.perf_counter()
            model.optimizer.learning_rate = plan.rate(number - 1)
            trained = _pass(model, training, number - 1, rng, advance)
            epochs.append(Epoch(trained, measure(model, validation)))
            took = time.perf_counter() - started
            reporter.epoch(_report(number, plan, epochs[-1], took))
            if not np.isfinite(trained.cross_entropy):
                reporter.warning(f"the training diverged in epoch {number}, and ends there.")
                break
            if plan.better(epochs[-1].validation, best.score):
                best = _Best(epochs[-1].validation, number, model.get_weights())
            elif number - best.epoch >= plan.patience:
                break
    model.set_weights(best.weights)
    return tuple(epochs), best.epoch


def measure(model: keras.Model, part: Examples) -> Score:
    """Return how well the pictures of a part are named, as they are."""
    logits = np.concatenate([model.predict(x, BATCH_SIZE, verbose=0) for _, x in _chunks(part)])
    label_ids = part.pictures.label_ids
    if not np.isfinite(logits).all():
        return Score(accuracy(logits, label_ids), math.inf)
    return Score(accuracy(logits, label_ids), cross_entropy(logits, label_ids))


def _pass(
    model: keras.Model,
    part: Examples,
    epoch: int,
    rng: np.random.Generator,
    advance: Callable[[int], None],
) -> Score:
    """Show the model each picture once, in a random order."""
    label_ids = part.pictures.label_ids
    # As in the training of the head, a label with few pictures counts as much as another.
    weights = _balance(label_ids)
    right = lost = 0.0
    for rows, x in _chunks(part, rng.permutation(len(part)), epoch):
        fitted = model.fit(
            x,
            label_ids[rows],
            batch_size=BATCH_SIZE,
            sample_weight=weights[rows],
            shuffle=False,
            verbose=0,
        )
        share = weights[rows].sum() / len(part)
        right += share * fitted.history["accuracy"][0]
        lost += len(rows) / len(part) * fitted.history["loss"][0]
        advance(len(rows))
    return Score(float(right), float(lost))


def _chunks(
    part: Examples, order: IntArray | None = None, epoch: int = 0
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield rows and their examples, as many whole batches at a time as memory is spent on."""
    order = np.arange(len(part)) if order is None else order
    size = part.at_once(_BYTES) // BATCH_SIZE * BATCH_SIZE or BATCH_SIZE
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        yield rows, part.batch(rows, epoch)


def _balance(label_ids: IntArray) -> FloatArray:
    """Return weights, 1 on average, with which each label has the same part in the loss."""
    _, inverse, counts = np.unique(label_ids, return_inverse=True, return_counts=True)
    weights: FloatArray = (len(label_ids) / len(counts) / counts[inverse]).astype(np.float32)
    return weights


def _report(number: int, plan: Plan, epoch: Epoch, seconds: float) -> EpochReport:
    return EpochReport(
        epoch=number,
        epochs=plan.epochs,
        train_accuracy=epoch.training.accuracy,
        cross_entropy=epoch.training.cross_entropy,
        validation_accuracy=epoch.validation.accuracy,
        validation_cross_entropy=epoch.validation.cross_entropy,
        seconds=seconds,
    )
