"""How the head learns: each optimiser, the penalties, and where a training stands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from poets.checkpoint import Checkpoint
from poets.config.head import HeadConfig
from poets.config.train import TrainConfig
from poets.dataset import Dataset, Features
from poets.heads.batches import shares_of
from poets.heads.loss import Loss, Rows
from poets.heads.objective import Objective, flat, shaped
from poets.heads.penalty import PENALTIES, WITHOUT_VALIDATION
from poets.heads.softmax import Hidden, SoftmaxHead, Standardization, accuracy
from poets.preprocess import FloatArray
from poets.train import StepState, TrainingData, fit, with_l2
from tests.support.features import clouds, dataset_of

STEPS = TrainConfig(how_many_training_steps=40)
WAYS: dict[str, HeadConfig] = {
    "sgd": HeadConfig(optimizer="sgd", l2=0.01),
    "adam": HeadConfig(optimizer="adam", l2=0.01),
    "lbfgs": HeadConfig(optimizer="lbfgs"),
    "hidden": HeadConfig(hidden_units=7),
    "hidden adam": HeadConfig(optimizer="adam", hidden_units=7, dropout=0.3),
    "hidden lbfgs": HeadConfig(optimizer="lbfgs", hidden_units=7, l2=0.01),
    "dropout": HeadConfig(dropout=0.5),
    "smoothing": HeadConfig(label_smoothing=0.1),
    "none": HeadConfig(class_weights="none"),
    "weights": HeadConfig(class_weights="roses=3"),
}


def train(
    settings: HeadConfig, config: TrainConfig = STEPS, dataset: Dataset | None = None
) -> tuple[SoftmaxHead, list[StepState]]:
    states: list[StepState] = []
    data = TrainingData.of(dataset or dataset_of())
    head = fit(data, config, [states.append], None, settings)
    return head, states


def bytes_of(head: SoftmaxHead) -> bytes:
    return b"".join(values.tobytes() for values in head.arrays)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_learns_what_can_be_told_apart(way: str) -> None:
    dataset = dataset_of()

    head, states = train(WAYS[way], replace(STEPS, how_many_training_steps=400), dataset)

    assert accuracy(head.logits(dataset.testing.values), dataset.testing.label_ids) > 0.95
    assert states[0].batch.cross_entropy > 2 * states[-1].batch.cross_entropy


@pytest.mark.parametrize("way", WAYS)
def test_the_same_seed_gives_the_same_bytes(way: str) -> None:
    heads = [train(WAYS[way])[0] for _ in range(2)]

    assert bytes_of(heads[0]) == bytes_of(heads[1])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stopped_after", [1, 7])
def test_a_stopped_training_ends_as_an_unbroken_one(
    way: str, stopped_after: int, tmp_path: Path
) -> None:
    data = TrainingData.of(dataset_of(spread=6.0))  # hard enough for some steps
    unbroken = fit(data, STEPS, (), None, WAYS[way])
    checkpoint = Checkpoint(tmp_path / "file", "identity")

    def stop(state: StepState) -> None:
        if state.step + 1 == stopped_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), checkpoint.saving():
        fit(data, STEPS, [checkpoint, stop], None, WAYS[way])
    start = checkpoint.load()
    assert start is not None
    resumed = fit(data, STEPS, (), start, WAYS[way])

    assert start.step == stopped_after
    assert bytes_of(resumed) == bytes_of(unbroken)


def some_head(hidden: int = 0) -> SoftmaxHead:
    rng = np.random.default_rng(5)

    def draw(*shape: int) -> FloatArray:
        return np.asarray(rng.normal(0, 0.5, shape), np.float32)

    if not hidden:
        return SoftmaxHead(draw(8, 3), draw(3))
    return SoftmaxHead(draw(hidden, 3), draw(3), Hidden(draw(8, hidden), draw(hidden)))


def objective_of(loss: Loss, features: Features) -> Objective:
    values = Standardization.of(features.values).apply(features.values)
    rows = Rows(values, features.label_ids, np.empty((0, 0), np.float32))
    return Objective.of(loss, rows, np.array([1, 2, 0.5], np.float32))


@pytest.mark.parametrize("hidden", [0, 6])
@pytest.mark.parametrize("loss", [Loss(), Loss(0.2), Loss(0.0, 0.3), Loss(0.1, 0.1)])
def test_gradients_are_what_the_loss_does(hidden: int, loss: Loss) -> None:
    objective, head = objective_of(loss, clouds(10)), some_head(hidden)
    numbers = flat(head.arrays)

    gradient = objective.gradient(head, objective.rows(head))

    rng = np.random.default_rng(0)
    for _ in range(10):
        way = rng.normal(size=len(numbers))
        way *= 1e-2 / np.linalg.norm(way)
        moved = [shaped(numbers + sign * way, head) for sign in (1, -1)]
        ends = [objective.value(to, objective.rows(to)) for to in moved]
        assert (ends[0] - ends[1]) / 2 == pytest.approx(gradient @ way, abs=2e-5)


def test_smoothed_labels_keep_a_head_from_being_certain() -> None:
    def surest(share: float) -> float:
        dataset = dataset_of()
        settings = HeadConfig(optimizer="lbfgs", l2=1e-6, label_smoothing=share)
        head, _ = train(settings, TrainConfig(how_many_training_steps=400))
        return float(np.median(head.probabilities(dataset.training.values).max(axis=1)))

    assert surest(0.0) > 0.99
    # Of three labels, the right one is to have 1 - 0.3 + 0.3 / 3.
    assert surest(0.3) == pytest.approx(0.8, abs=0.05)


def test_a_penalty_makes_weights_small() -> None:
    sizes = [
        np.abs(train(replace(WAYS[way], l2=l2))[1][-1].updated.weights).sum()
        for way in ("sgd", "adam", "lbfgs")
        for l2 in (0.0, 1.0)
    ]

    assert sizes[1] < sizes[0]
    assert sizes[3] < sizes[2]
    assert sizes[5] < sizes[4] / 2


# L-BFGS


@pytest.mark.parametrize("l2", [1e-3, 1e-2, 1.0])
@pytest.mark.parametrize("class_weights", ["balanced", "none", "roses=3,tulips=0.5"])
def test_lbfgs_ends_where_scikit_learn_ends(l2: float, class_weights: str) -> None:
    features = unbalanced(spread=6.0)
    dataset = Dataset(("daisy", "roses", "tulips"), features, clouds(5, seed=1), clouds(5, seed=2))
    shares = {"balanced": [1, 1, 1], "roses=3,tulips=0.5": [1, 3, 0.5]}
    counts = np.bincount(features.label_ids)
    wanted = np.array(shares.get(class_weights, counts), np.float64)
    weights = (wanted / counts)[features.label_ids]
    standardization = Standardization.of(features.values)
    values = standardization.apply(features.values).astype(np.float64)
    known = LogisticRegression(C=1 / (l2 * weights.sum()), tol=1e-10, max_iter=10_000)
    known.fit(values, features.label_ids, weights)

    from_labels = shares_from(class_weights, features)
    data = TrainingData.of(dataset, None, standardization, from_labels)
    states: list[StepState] = []
    settings = HeadConfig(optimizer="lbfgs", l2=l2)
    fit(data, TrainConfig(how_many_training_steps=1000), [states.append], None, settings)

    mine = states[-1].updated
    assert len(states) < 1000
    assert np.abs(mine.weights.T - known.coef_).max() < 1e-3
    assert (
        np.abs(mine.probabilities(values.astype(np.float32)) - known.predict_proba(values)).max()
        < 5e-5
    )


def unbalanced(spread: float) -> Features:
    whole = clouds(60, spread=spread)
    rows = np.concatenate([np.arange(60), np.arange(60, 90), np.arange(120, 130)])
    images = tuple(whole.images[row] for row in rows)
    return Features(whole.values[rows], whole.label_ids[rows], images)


def shares_from(class_weights: str, features: Features) -> Any:  # noqa: ANN401
    labels = ("daisy", "roses", "tulips")
    return shares_of(HeadConfig(class_weights=class_weights), labels, features.label_ids)


def test_lbfgs_never_makes_the_loss_larger() -> None:
    _, states = train(HeadConfig(optimizer="lbfgs", l2=1e-4), dataset=dataset_of(spread=8.0))

    losses = [state.batch.cross_entropy for state in states]
    assert len(losses) > 5
    assert losses[-1] == min(losses)


def test_lbfgs_is_done_when_nothing_changes_any_more() -> None:
    config = TrainConfig(how_many_training_steps=5000, eval_step_interval=1000)

    head, states = train(HeadConfig(optimizer="lbfgs", l2=0.1), config)

    assert len(states) < 200
    assert states[-1].evaluation is not None
    data = TrainingData.of(dataset_of())
    assert bytes_of(head) == bytes_of(states[-1].updated.fold(data.standardization))


def test_the_penalty_is_picked_by_validation() -> None:
    hard, easy = dataset_of(12, size=60, spread=9.0), dataset_of(200, spread=0.5)
    settings = HeadConfig(optimizer="lbfgs")

    picked = [with_l2(TrainingData.of(dataset), STEPS, settings).l2 for dataset in (hard, easy)]

    assert set(picked) <= set(PENALTIES)
    assert picked[0] is not None
    assert picked[1] is not None
    assert picked[0] > 30 * picked[1]


def test_without_validation_pictures_the_penalty_is_a_usual_one() -> None:
    dataset = dataset_of()
    nothing = Features(dataset.validation.values[:0], dataset.validation.label_ids[:0], ())
    data = TrainingData.of(replace(dataset, validation=nothing))

    assert with_l2(data, STEPS, HeadConfig(optimizer="lbfgs")).l2 == WITHOUT_VALIDATION


@pytest.mark.parametrize("settings", [HeadConfig(), HeadConfig(optimizer="lbfgs", l2=0.0)])
def test_nothing_is_picked_where_nothing_is_asked(settings: HeadConfig) -> None:
    assert with_l2(TrainingData.of(dataset_of()), STEPS, settings) == settings


# Dropout


def test_dropout_leaves_out_its_share_in_training_and_nothing_in_evaluation() -> None:
    config = TrainConfig(how_many_training_steps=1, learning_rate=1e-9)
    plain = train(HeadConfig(), config)[1][0]
    dropped = train(HeadConfig(dropout=0.5), config)[1][0]

    assert plain.evaluation is not None
    assert dropped.evaluation is not None
    assert not np.allclose(dropped.batch.logits, plain.batch.logits)
    expected = plain.evaluation.training.logits
    assert dropped.evaluation.training.logits == pytest.approx(expected, abs=1e-6)


def test_other_settings_draw_the_same_pictures() -> None:
    names = ("sgd", "adam", "dropout", "smoothing", "hidden")
    drawn = [train(WAYS[name])[1][-1].generators[0].bit_generator.state for name in names]

    assert all(state == drawn[0] for state in drawn)
