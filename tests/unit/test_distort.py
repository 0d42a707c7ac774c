"""Distortions of training pictures: as far as they were asked for, and no further."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poets.config.distort import DistortConfig
from poets.decode import UnreadableImageError
from poets.distort import Distortion
from poets.export.frozen_graph import manifest_of, read_graph
from poets.features.recipe import DistortedRecipe, Recipe
from poets.pipeline import retrain
from poets.preprocess import FloatArray, Preprocess
from poets.report import Reporter
from tests.support.backbones import tiny_backbone_in
from tests.support.pictures import encoded, gradient
from tests.support.reporters import Recorder
from tests.support.retraining import config_in

PIXELS = Preprocess(24, 32, mean=0, std=1)
CONTENT = encoded(gradient(320, 240))
NOTHING = Distortion(flip_left_right=False, random_crop=0, random_scale=0, random_brightness=0)
FLIPPED = replace(NOTHING, flip_left_right=True)


def variants(distortion: Distortion, count: int = 40, content: bytes = CONTENT) -> list[FloatArray]:
    return [distortion.load(content, PIXELS, np.random.default_rng(seed)) for seed in range(count)]


def test_without_a_distortion_a_picture_is_as_it_is() -> None:
    for variant in variants(NOTHING):
        assert np.abs(variant - PIXELS.load(CONTENT)).max() < 1e-3


def test_flags_become_distortions() -> None:
    config = DistortConfig(flip_left_right=True, random_crop=1, random_scale=2, random_brightness=3)

    assert Distortion.of(config) == Distortion(True, 1, 2, 3)
    assert config.distorts


@pytest.mark.parametrize("variants_asked", [0, 8])
def test_no_distortion_is_asked_for_without_its_flags(variants_asked: int) -> None:
    assert not DistortConfig(distortion_variants=variants_asked).distorts


def test_about_half_are_mirrored_and_the_rest_are_as_they_are() -> None:
    upright = PIXELS.load(CONTENT)

    mirrored = 0
    for variant in variants(FLIPPED, 100):
        same, turned = (np.abs(variant - other).max() for other in (upright, upright[:, ::-1]))
        assert min(same, turned) < 1e-3
        mirrored += bool(turned < same)

    assert 30 <= mirrored <= 70


def test_brightness_scales_every_pixel_alike_and_no_further_than_asked() -> None:
    upright = PIXELS.load(CONTENT)
    bright = upright > 50

    factors = []
    for variant in variants(replace(NOTHING, random_brightness=20), 200):
        ratio = variant[bright] / upright[bright]
        assert np.ptp(ratio) < 1e-3
        factors.append(ratio.mean())

    assert 0.8 <= min(factors) < 0.85
    assert 1.15 < max(factors) <= 1.2


def test_a_crop_shows_a_part_of_the_size_that_was_asked_for() -> None:
    """The gradient's slope says how large the part is, its level where it is."""
    whole = np.diff(PIXELS.load(CONTENT)[12, :, 0]).mean()

    parts = variants(replace(NOTHING, random_crop=100), 60)

    slopes = [np.diff(part[12, :, 0]).mean() / whole for part in parts]
    assert slopes == pytest.approx([0.5] * 60, abs=0.03)
    starts = [part[12, 0, 0] for part in parts]
    assert min(starts) < 20
    assert max(starts) > 100


def test_scales_lie_between_one_and_what_was_asked_for() -> None:
    whole = np.diff(PIXELS.load(CONTENT)[12, :, 0]).mean()

    parts = variants(replace(NOTHING, random_scale=100), 100)

    slopes = [np.diff(part[12, :, 0]).mean() / whole for part in parts]
    assert 0.48 < min(slopes) < 0.6
    assert 0.9 < max(slopes) < 1.02


@pytest.mark.parametrize("side", [(1, 1), (5, 700), (224, 224)])
def test_a_picture_of_any_size_can_be_distorted(side: tuple[int, int]) -> None:
    most = Distortion(True, 400, 400, 100)

    for variant in variants(most, 5, encoded(Image.new("RGB", side, "red"))):
        assert variant.shape == (24, 32, 3)
        assert variant.dtype == np.float32


def test_a_broken_picture_says_why() -> None:
    with pytest.raises(UnreadableImageError, match="not a picture"):
        FLIPPED.load(b"no picture", PIXELS, np.random.default_rng(0))


# Recipes


def recipe_of(**changes: object) -> DistortedRecipe:
    made = DistortedRecipe("digest", PIXELS, FLIPPED, variant=0, seed=0)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_everything_that_changes_a_picture_changes_the_key() -> None:
    keys = [
        Recipe("digest", PIXELS).key,
        recipe_of().key,
        recipe_of(backbone_digest="other").key,
        recipe_of(distortion=replace(FLIPPED, random_crop=1)).key,
        recipe_of(variant=1).key,
        recipe_of(seed=1).key,
    ]

    assert len(set(keys)) == len(keys)
    assert recipe_of().key == recipe_of().key


def test_a_variant_of_a_picture_is_always_the_same_and_others_differ() -> None:
    strong = recipe_of(distortion=Distortion(True, 20, 20, 20))

    first = strong.load(CONTENT)

    assert (strong.load(CONTENT) == first).all()
    assert (replace(strong, variant=1).load(CONTENT) != first).any()


def test_the_plain_recipe_is_the_backbone_s(tmp_path: Path) -> None:
    backbone = tiny_backbone_in(tmp_path, PIXELS)

    recipe = Recipe.plain(backbone)

    assert recipe.key == backbone.digest
    assert (recipe.load(CONTENT) == PIXELS.load(CONTENT)).all()


# In a training


def test_variants_are_computed_once_and_only_for_training(tmp_path: Path) -> None:
    distort = DistortConfig(random_brightness=20, distortion_variants=3)
    config = replace(config_in(tmp_path), distort=distort)
    cold, warm = Recorder(), Recorder()

    retrain(config, cold)
    first = (tmp_path / "graph.pb").read_bytes()
    retrain(config, warm)

    assert [title for title, _, _ in cold.titles] == ["Features", "Features", "Training"]
    assert cold.new % 3 == 0
    assert 0 < cold.new < 3 * 60
    assert warm.new == 0
    assert (tmp_path / "graph.pb").read_bytes() == first


def test_fresh_distortions_need_no_cache_and_give_the_same_bytes_again(tmp_path: Path) -> None:
    distort = DistortConfig(flip_left_right=True, distortion_variants=0)
    config = config_in(tmp_path)
    config = replace(
        config,
        distort=distort,
        train=replace(config.train, how_many_training_steps=3, train_batch_size=10),
    )

    retrain(config, Reporter())
    first = (tmp_path / "graph.pb").read_bytes()
    retrain(config, Reporter())

    assert (tmp_path / "graph.pb").read_bytes() == first
    manifest = manifest_of(read_graph(tmp_path / "graph.pb"))
    assert manifest is not None
    assert manifest.training["flip_left_right"] is True
