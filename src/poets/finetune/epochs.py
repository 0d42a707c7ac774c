"""Training by epochs with Keras, stopped by pictures that are not trained on."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from poets.backbones.quiet_tensorflow import keras, tf
from poets.dataset import IntArray
from poets.finetune.arrays_file import Arrays
from poets.finetune.examples import Examples
from poets.finetune.halfway import Halfway, read_halfway, write_halfway
from poets.finetune.plan import Plan
from poets.finetune.score import Epoch, Score
from poets.heads.batches import Shares, picture_weights
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
    weights: Arrays


@dataclass
class _Run:
    """A training on its way."""

    best: _Best
    rng: np.random.Generator  # orders the pictures
    epochs: list[Epoch] = field(default_factory=list)


def compile_classifier(model: keras.Model, learning_rate: float) -> None:
    """Set how f32[n, ...] to logits f32[n, n_labels] is trained: Adam on the cross entropy."""
    tf.config.experimental.enable_op_determinism()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)  # for a training that goes on


def train(
    model: keras.Model, parts: tuple[Examples, Examples], plan: Plan, reporter: Reporter
) -> tuple[tuple[Epoch, ...], int]:
    """Train on the first part until the second gains no more; leave the best weights in `model`.

    Return what each epoch came to, and which was the best; 0 where none was better than the
    beginning, as where the loss is no number any more, which ends the training. What was stopped
    goes on after its last whole epoch, and ends as an unbroken training does.
    """
    training, validation = parts
    weights = _weights(training.pictures.label_ids, plan.shares)
    run = _begin(model, validation, plan, reporter)
    with reporter.progress("Epochs", plan.epochs * len(training), "images") as advance:
        advance(len(run.epochs) * len(training))
        for number in range(len(run.epochs) + 1, plan.epochs + 1):
            started = time.perf_counter()
            model.optimizer.learning_rate = plan.rate(number - 1)
            trained = _pass(model, training, weights, run, advance)
            run.epochs.append(Epoch(trained, measure(model, validation)))
            took = time.perf_counter() - started
            reporter.epoch(_report(number, plan, run.epochs[-1], took))
            if not np.isfinite(trained.cross_entropy):
                reporter.warning(f"the training diverged in epoch {number}, and ends there.")
                break
            if plan.better(run.epochs[-1].validation, run.best.score):
                run.best = _Best(run.epochs[-1].validation, number, model.get_weights())
            elif number - run.best.epoch >= plan.patience:
                break
            _save(run, model, plan)
    model.set_weights(run.best.weights)
    return tuple(run.epochs), run.best.epoch


def _begin(model: keras.Model, validation: Examples, plan: Plan, reporter: Reporter) -> _Run:
    start = _NOTHING if plan.from_scratch else measure(model, validation)
    run = _Run(_Best(start, 0, model.get_weights()), np.random.default_rng(plan.seed))
    halfway = read_halfway(plan.halfway) if plan.halfway else None
    if halfway is None or not _restore(model, halfway):
        return run
    run.epochs = list(halfway.epochs)
    score = run.epochs[halfway.best - 1].validation if halfway.best else start
    run.best = _Best(score, halfway.best, halfway.best_weights)
    run.rng.bit_generator.state = halfway.random_state
    reporter.network_resumed(len(run.epochs))
    return run


def _restore(model: keras.Model, halfway: Halfway) -> bool:
    """Set a network and its optimiser as they were; tell whether they were the same ones."""
    variables = [*model.variables, *model.optimizer.variables]
    values = [*halfway.variables, *halfway.optimizer]
    if [tuple(v.shape) for v in variables] != [v.shape for v in values]:
        return False
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return True


def _save(run: _Run, model: keras.Model, plan: Plan) -> None:
    if plan.halfway is not None:
        state = dict(run.rng.bit_generator.state)
        now, then = (
            [variable.numpy() for variable in variables]
            for variables in (model.variables, model.optimizer.variables)
        )
        halfway = Halfway(tuple(run.epochs), run.best.epoch, state, run.best.weights, now, then)
        write_halfway(halfway, plan.halfway)


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
    weights: FloatArray,
    run: _Run,
    advance: Callable[[int], None],
) -> Score:
    """Show the model each picture once, in a random order."""
    label_ids = part.pictures.label_ids
    right = lost = 0.0
    for rows, x in _chunks(part, run.rng.permutation(len(part)), len(run.epochs)):
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


def _weights(label_ids: IntArray, shares: Shares | None) -> FloatArray:
    """Return f32[n], 1 on average, with which each label has its share of the loss."""
    n_labels = int(label_ids.max()) + 1 if shares is None else len(shares)
    weights = picture_weights(shares, label_ids, n_labels)[label_ids]
    balanced: FloatArray = weights / weights.mean()
    return balanced


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
