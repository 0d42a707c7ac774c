"""How much of a batch is of each label."""

from pathlib import Path

import numpy as np
import pytest

from poets.config.head import HeadConfig
from poets.dataset import Features
from poets.distort import Distortion
from poets.errors import UsageError
from poets.features.fresh import FreshBatches
from poets.heads.batches import BalancedBatches, draw_labels, picture_weights, shares_of
from poets.heads.softmax import Standardization
from poets.images import find_images
from tests.support.backbones import FEATURE_SIZE, tiny_backbone
from tests.support.extraction import SMALL
from tests.support.features import LABELS, features_of
from tests.support.pictures import COLOURS, paint_folders

FEW_DAISIES = features_of(np.eye(30), [0] * 1 + [1] * 9 + [2] * 20)
STANDARD = Standardization.of(FEW_DAISIES.values)


def shares(class_weights: str) -> object:
    return shares_of(HeadConfig(class_weights=class_weights), LABELS, FEW_DAISIES.label_ids)


@pytest.mark.parametrize(
    ("class_weights", "expected"),
    [
        ("balanced", [1 / 3, 1 / 3, 1 / 3]),
        ("none", [1 / 30, 9 / 30, 20 / 30]),
        ("roses=3", [1 / 5, 3 / 5, 1 / 5]),
        ("daisy=0.5,tulips=2.5", [0.5 / 4, 1 / 4, 2.5 / 4]),
    ],
)
def test_batches_have_of_each_label_its_share(class_weights: str, expected: list[float]) -> None:
    told = shares_of(HeadConfig(class_weights=class_weights), LABELS, FEW_DAISIES.label_ids)
    batches = BalancedBatches(FEW_DAISIES, STANDARD, told)

    _, label_ids = batches.batch(30_000, np.random.default_rng(0))

    assert np.bincount(label_ids) / 30_000 == pytest.approx(expected, abs=0.02)
    weights = picture_weights(told, FEW_DAISIES.label_ids, 3) * np.array([1, 9, 20])
    assert weights / weights.sum() == pytest.approx(expected, abs=1e-6)


def test_balanced_draws_as_it_always_did() -> None:
    assert shares("balanced") is None
    drawn = draw_labels(7, None, 1000, np.random.default_rng(3))
    assert drawn.tolist() == np.random.default_rng(3).integers(7, size=1000).tolist()


def test_an_unknown_label_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no label 'rose'\. Did you mean 'roses'") as caught:
        shares("rose=2")

    assert "daisy, roses, tulips" in caught.value.hint


def test_a_label_without_pictures_in_a_part_is_not_drawn() -> None:
    two = features_of(np.eye(30)[:10], [0] * 1 + [1] * 9)
    told = shares_of(HeadConfig(class_weights="roses=3"), LABELS, FEW_DAISIES.label_ids)

    _, label_ids = BalancedBatches(two, STANDARD, told).batch(1000, np.random.default_rng(0))

    assert np.bincount(label_ids) / 1000 == pytest.approx([1 / 4, 3 / 4], abs=0.05)


def test_distortions_of_each_step_have_the_same_shares(tmp_path: Path) -> None:
    paint_folders(tmp_path / "images", 4)
    images = find_images(tmp_path / "images")
    label_ids = np.array([sorted(COLOURS).index(image.label) for image in images])
    features = Features(np.zeros((len(images), FEATURE_SIZE), np.float32), label_ids, tuple(images))
    told = shares_of(HeadConfig(class_weights="red=8"), sorted(COLOURS), label_ids)
    standard = Standardization(
        np.zeros(FEATURE_SIZE, np.float32), np.ones(FEATURE_SIZE, np.float32)
    )
    backbone = tiny_backbone(tmp_path / "backbone", SMALL)

    with FreshBatches(features, backbone, Distortion(), standard, told) as fresh:
        values, drawn = fresh.batch(300, np.random.default_rng(0))

    assert np.bincount(drawn) / 300 == pytest.approx([0.1, 0.1, 0.8], abs=0.06)
    assert values.shape == (300, FEATURE_SIZE)
