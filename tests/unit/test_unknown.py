"""What is familiar, and how far from it something else is."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poets.dataset import Features
from poets.errors import ModelError
from poets.images import LabeledImage
from poets.unknown import MIN_PICTURES, Familiar, learn_familiar
from tests.support.features import features_of

LABELS = 3
SIZE = 64
NONE = features_of(np.empty((0, SIZE)), [])


def kind(count: int, seed: int, n_labels: int = LABELS, size: int = SIZE) -> Features:
    """Pictures a label around centres of their own, which vary in some directions mostly."""
    rng = np.random.default_rng(seed)
    fixed = np.random.default_rng(99)
    centres = 3 + fixed.normal(0, 1, (n_labels, size))
    axes = fixed.normal(0, 1, (4, size))
    label_ids = np.tile(np.arange(n_labels), count)
    values = centres[label_ids] + rng.normal(0, 0.5, (len(label_ids), 4)) @ axes
    values += rng.normal(0, 0.2, values.shape)
    return Features(values.astype(np.float32), label_ids, ())


def strangers(count: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(seed)
    return (3 + rng.normal(0, 1, (count, SIZE))).astype(np.float32)


def learned(training: Features, validation: Features | None = None, depth: int = 1) -> Familiar:
    none = features_of(np.empty((0, training.values.shape[1])), [])
    familiar = learn_familiar(training, none if validation is None else validation, depth)
    assert familiar is not None
    return familiar


def share_beyond(familiar: Familiar, values: Any, share: float = 0.95) -> float:  # noqa: ANN401
    return float(np.mean([familiar.farther_than(d) > share for d in familiar.distance(values)]))


def test_its_own_kind_is_near_and_others_are_far() -> None:
    familiar = learned(kind(60, seed=1))

    assert familiar.distance(kind(100, seed=2).values).mean() == pytest.approx(1.0, abs=0.2)
    assert share_beyond(familiar, strangers(200, seed=3)) == 1.0


def test_a_picture_without_any_feature_is_like_none() -> None:
    strokes = np.abs(strangers(180, seed=1) - 3)
    strokes[np.random.default_rng(2).random(strokes.shape) > 0.3] = 0  # on black, as of digits
    familiar = learned(features_of(strokes, [0, 1, 2] * 60))

    assert share_beyond(familiar, np.zeros((1, SIZE), np.float32)) == 1.0


def test_pictures_without_any_feature_are_familiar_where_a_label_has_them() -> None:
    dark = kind(60, seed=1)
    dark.values[dark.label_ids == 0] = 0

    assert share_beyond(learned(dark), np.zeros((1, SIZE), np.float32)) == 0.0


@pytest.mark.parametrize("count", [12, 30, 100])
def test_as_many_of_its_own_kind_are_refused_as_were_allowed(count: int) -> None:
    """Also where there are few: each picture is judged by what was learned without it."""
    familiar = learned(kind(count, seed=1))

    assert share_beyond(familiar, kind(300, seed=2).values) == pytest.approx(0.05, abs=0.05)


def test_many_validation_pictures_set_the_distances_alone() -> None:
    training, validation = kind(100, seed=1), kind(70, seed=2)
    familiar = learned(training, validation)

    assert familiar.held_out == len(validation.values) == 210
    own = np.sort(familiar.distance(validation.values))
    assert familiar.distances[[0, -1]] == pytest.approx(own[[0, -1]], rel=1e-4)
    assert share_beyond(familiar, validation.values) == pytest.approx(0.05, abs=0.01)


def test_few_validation_pictures_are_joined_by_those_of_the_training() -> None:
    assert learned(kind(20, seed=1), kind(10, seed=2)).held_out == 90


def test_variants_of_a_picture_are_held_out_together() -> None:
    plain = kind(15, seed=1)
    names = tuple(LabeledImage("a", Path(f"{row}.jpg")) for row in range(len(plain.values)))
    rng = np.random.default_rng(5)
    varied = [plain.values + rng.normal(0, 0.02, plain.values.shape) for _ in range(6)]
    values = np.concatenate(varied).astype(np.float32)

    familiar = learned(Features(values, np.tile(plain.label_ids, 6), names * 6))

    assert share_beyond(familiar, kind(300, seed=2).values) == pytest.approx(0.05, abs=0.05)


def test_brightness_and_contrast_of_all_features_at_once_make_no_stranger() -> None:
    familiar = learned(kind(60, seed=1))
    values = kind(30, seed=2).values

    assert familiar.distance(values * 7) == pytest.approx(familiar.distance(values), rel=1e-4)


def test_it_comes_back_from_json_as_it_was() -> None:
    familiar = learned(kind(60, seed=1), depth=2)

    again = Familiar.from_dict(json.loads(json.dumps(familiar.to_dict())))

    assert again.depth == 2
    assert again.held_out == familiar.held_out
    assert again.distance(kind(20, seed=2).values).tobytes() == (
        familiar.distance(kind(20, seed=2).values).tobytes()
    )
    assert again.distances.tobytes() == familiar.distances.tobytes()


def test_the_same_pictures_give_the_same_numbers() -> None:
    assert learned(kind(60, seed=1)).to_dict() == learned(kind(60, seed=1)).to_dict()


def test_what_is_kept_is_small_for_few_labels_and_for_many() -> None:
    few = learned(kind(40, seed=1, n_labels=5, size=1280))
    many = learned(kind(12, seed=1, n_labels=300, size=1280))

    assert len(json.dumps(few.to_dict())) < 80_000
    assert len(json.dumps(many.to_dict())) < 400_000
    assert many.centres.shape == (300, 64)


def test_of_very_many_pictures_some_of_each_label_are_enough() -> None:
    familiar = learned(kind(4000, seed=1), kind(100, seed=2))

    assert share_beyond(familiar, kind(300, seed=3).values) == pytest.approx(0.05, abs=0.03)
    assert share_beyond(familiar, strangers(50, seed=4)) == 1.0


@pytest.mark.parametrize(
    "training",
    [
        NONE,
        features_of(np.empty((0, 0)), []),
        kind(MIN_PICTURES // LABELS, seed=1),
        kind(30, seed=1, size=1),
        kind(10, seed=1, size=10_000),
    ],
    ids=["none", "no features", "too few pictures", "one feature", "pixels of a photo"],
)
def test_too_little_or_too_much_is_not_learned_from(training: Features) -> None:
    assert learn_familiar(training, NONE) is None


def test_features_that_never_vary_are_no_trouble() -> None:
    values = kind(30, seed=1).values
    values[:, 10:] = 0.0
    same = features_of(np.ones((40, SIZE)), np.arange(40) % 2)

    familiar = learned(features_of(values, kind(30, seed=1).label_ids))

    assert np.isfinite(familiar.distance(values)).all()
    assert np.isfinite(learned(same).distance(values)).all()


def test_a_picture_without_any_feature_is_far() -> None:
    familiar = learned(kind(60, seed=1))

    assert share_beyond(familiar, np.zeros((1, SIZE), np.float32)) == 1.0


@pytest.mark.parametrize(
    "change",
    [
        {"mean": None},
        {"mean": "AAAA"},
        {"mean": "no base64!"},
        {"directions": ""},
        {"distances": ""},
        {"distances": "AADAfw=="},
        {"rest": 0},
        {"rest": "much"},
        {"rest": float("nan")},
        {"centres": ""},
        {"depth": 0},
        {"depth": float("inf")},
        {"held_out": []},
    ],
)
def test_a_damaged_manifest_is_an_error(change: dict[str, Any]) -> None:
    values = learned(kind(60, seed=1)).to_dict() | change

    with pytest.raises(ModelError, match="manifest"):
        Familiar.from_dict(values)


def test_an_empty_manifest_is_an_error() -> None:
    with pytest.raises(ModelError, match="manifest"):
        Familiar.from_dict({})
