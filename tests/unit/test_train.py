from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from poets.config.head import HeadConfig
from poets.config.train import TrainConfig
from poets.dataset import Dataset
from poets.errors import UsageError
from poets.heads.batches import BalancedBatches
from poets.heads.softmax import SoftmaxHead, Standardization, accuracy
from poets.train import Snapshot, StepState, TrainingData, fit
from tests.support.features import clouds, dataset_of, features_of

NOTHING = replace(clouds(1), values=np.empty((0, 8), np.float32), label_ids=np.empty(0, np.int64))


def config_of(steps: int = 30, **others: float) -> TrainConfig:
    return TrainConfig(how_many_training_steps=steps, **others)  # type: ignore[arg-type]


def train(
    dataset: Dataset, config: TrainConfig, start: Snapshot | None = None
) -> tuple[SoftmaxHead, list[StepState]]:
    states: list[StepState] = []
    head = fit(TrainingData.of(dataset), config, [states.append], start)
    return head, states


def snapshots_of(dataset: Dataset, config: TrainConfig) -> list[Snapshot]:
    """Train, and take a snapshot after every step."""
    snapshots: list[Snapshot] = []
    fit(TrainingData.of(dataset), config, [lambda state: snapshots.append(state.snapshot())])
    return snapshots


def without_validation(dataset: Dataset) -> Dataset:
    return replace(dataset, validation=replace(NOTHING, images=()))


def test_what_can_be_told_apart_is_learned() -> None:
    dataset = dataset_of()

    head, _ = train(dataset, config_of(300))

    assert accuracy(head.logits(dataset.testing.values), dataset.testing.label_ids) == 1.0


def test_the_loss_falls_from_that_of_guessing() -> None:
    _, states = train(dataset_of(), config_of(300))

    assert states[0].batch.cross_entropy == pytest.approx(np.log(3), abs=0.02)
    assert states[-1].batch.cross_entropy < 0.3


def test_listeners_hear_of_every_step_in_order_and_of_the_same_head() -> None:
    _, states = train(dataset_of(), config_of(25))

    assert [state.step for state in states] == list(range(25))
    for before, after in pairwise(states):
        assert before.updated is after.head


@pytest.mark.parametrize(
    ("steps", "interval", "evaluated"),
    [
        (25, 10, [0, 10, 20, 24]),
        (21, 10, [0, 10, 20]),
        (1, 10, [0]),
        (3, 1, [0, 1, 2]),
        (5, 999, [0, 4]),
    ],
)
def test_evaluations_come_at_every_interval_and_at_the_end(
    steps: int, interval: int, evaluated: list[int]
) -> None:
    _, states = train(dataset_of(), config_of(steps, eval_step_interval=interval))

    assert [state.step for state in states if state.evaluation is not None] == evaluated


def test_an_evaluation_is_of_the_updated_head_on_the_step_s_batch_and_on_validation() -> None:
    dataset = dataset_of()

    _, states = train(dataset, config_of(1, validation_batch_size=-1))

    evaluation = states[0].evaluation
    assert evaluation is not None
    assert evaluation.training.n == 100
    assert evaluation.training.cross_entropy < states[0].batch.cross_entropy
    assert evaluation.validation is not None
    assert evaluation.validation.n == len(dataset.validation)
    standardization = Standardization.of(dataset.training.values)
    expected = states[0].updated.logits(standardization.apply(dataset.validation.values))
    assert np.sort(evaluation.validation.logits, axis=0) == pytest.approx(np.sort(expected, axis=0))


@pytest.mark.parametrize("size", [1, 7, 250])
def test_batches_have_the_size_that_was_asked_for(size: int) -> None:
    config = config_of(1, train_batch_size=size, validation_batch_size=size)

    _, states = train(dataset_of(), config)

    assert states[0].batch.n == size
    assert states[0].evaluation is not None
    assert states[0].evaluation.validation is not None
    assert states[0].evaluation.validation.n == size


def test_without_validation_pictures_there_is_no_validation() -> None:
    head, states = train(without_validation(dataset_of()), config_of(3))

    assert np.isfinite(head.weights).all()
    for state in states:
        assert state.evaluation is None or state.evaluation.validation is None


def test_every_label_is_drawn_alike_however_many_pictures_it_has() -> None:
    few_daisies = features_of(np.eye(30), [0] * 1 + [1] * 9 + [2] * 20)
    batches = BalancedBatches(few_daisies, Standardization.of(few_daisies.values))

    values, label_ids = batches.batch(30_000, np.random.default_rng(0))

    assert np.bincount(label_ids) / 30_000 == pytest.approx([1 / 3] * 3, abs=0.02)
    rows, counts = np.unique(values.argmax(axis=1), return_counts=True)
    assert len(rows) == 30
    assert counts[10:] / 30_000 == pytest.approx([1 / 60] * 20, abs=0.005)


def test_a_picture_comes_with_its_own_label() -> None:
    features = clouds(20)
    batches = BalancedBatches(features, Standardization.of(features.values))
    standard = Standardization.of(features.values).apply(features.values)
    label_of = {
        row.tobytes(): label for row, label in zip(standard, features.label_ids, strict=True)
    }

    for size in (-1, 500):
        values, label_ids = batches.batch(size, np.random.default_rng(0))
        assert [label_of[row.tobytes()] for row in values] == label_ids.tolist()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    heads = [train(dataset_of(), config_of(seed=seed))[0] for seed in (0, 0, 1)]

    assert heads[0].weights.tobytes() == heads[1].weights.tobytes()
    assert heads[0].bias.tobytes() == heads[1].bias.tobytes()
    assert heads[0].weights.tobytes() != heads[2].weights.tobytes()


def test_watching_changes_nothing() -> None:
    dataset = dataset_of()

    often, _ = train(dataset, config_of(eval_step_interval=1))
    never, _ = train(without_validation(dataset), config_of(eval_step_interval=999))

    assert often.weights.tobytes() == never.weights.tobytes()


def test_the_first_weights_are_small_and_cut_off() -> None:
    _, states = train(dataset_of(size=500), config_of(1))

    weights = states[0].head.weights
    assert np.abs(weights).max() <= 0.002
    assert weights.std() == pytest.approx(0.00088, rel=0.1)  # of a normal cut at two deviations
    assert (states[0].head.bias == 0).all()


@pytest.mark.parametrize("stopped_after", [1, 15, 29])
def test_a_training_goes_on_from_a_snapshot_to_the_same_bytes(stopped_after: int) -> None:
    unbroken, _ = train(dataset_of(), config_of(30))
    snapshot = snapshots_of(dataset_of(), config_of(30))[stopped_after - 1]

    resumed, rest = train(dataset_of(), config_of(30), snapshot)

    assert [state.step for state in rest] == list(range(stopped_after, 30))
    assert resumed.weights.tobytes() == unbroken.weights.tobytes()
    assert resumed.bias.tobytes() == unbroken.bias.tobytes()


def test_the_highest_rate_that_can_be_asked_for_ends_with_numbers() -> None:
    head, _ = train(dataset_of(), config_of(200, learning_rate=1e3))

    assert np.isfinite(head.weights).all()


def test_features_that_are_no_numbers_end_the_training_with_a_word() -> None:
    dataset = dataset_of()
    dataset.training.values[0, 0] = np.nan

    with pytest.raises(UsageError, match="diverged at step") as caught:
        train(dataset, config_of())

    assert "--learning_rate" in caught.value.hint


def test_a_penalty_that_throws_weights_to_and_fro_is_what_is_blamed() -> None:
    settings = HeadConfig(l2=1e6)

    with pytest.raises(UsageError, match="diverged at step") as caught:
        fit(TrainingData.of(dataset_of()), config_of(learning_rate=0.01), (), None, settings)

    assert "Try an --l2 below 200" in caught.value.hint
    small = HeadConfig(l2=199.0)
    head = fit(TrainingData.of(dataset_of()), config_of(learning_rate=0.01), (), None, small)
    assert np.isfinite(head.weights).all()


@pytest.mark.parametrize("steps", range(5, 45, 5))
def test_weights_that_grow_without_end_never_reach_a_listener_as_no_numbers(steps: int) -> None:
    config = config_of(steps, learning_rate=1e3, eval_step_interval=1)
    data = TrainingData.of(dataset_of())
    heard: list[StepState] = []

    with suppress(UsageError):
        fit(data, config, [heard.append], settings=HeadConfig(l2=1.0))

    assert heard
    for state in heard:
        assert state.evaluation is not None
        assert np.isfinite(state.evaluation.training.cross_entropy)


def test_a_hundred_labels_of_one_picture_each_can_be_trained() -> None:
    features = replace(clouds(34), label_ids=np.arange(102))
    dataset = Dataset(tuple(map(str, range(102))), features, features, features)

    head, _ = train(dataset, config_of(3))

    assert head.weights.shape == (8, 102)
