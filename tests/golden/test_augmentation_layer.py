"""The Keras layer distorts as the flags say, like Distortion, and in training only."""

from pathlib import Path

import numpy as np
import pytest

from poets.backbones.quiet_tensorflow import keras
from poets.config.distort import DistortConfig
from poets.decode import ByteArray
from poets.distort import Distortion
from poets.finetune.augment import augmentation_layer
from poets.preprocess import FloatArray, Preprocess
from tests.support.distorting import FRAME, MAP, angle, magnification, origin, variants

# Keras' own way of saving a model.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

COUNT = 200
MILD: ByteArray = (96 + MAP.astype(int) // 4).astype(np.uint8)
SCALED = Preprocess(*FRAME, mean=127, std=128)


def drawn(config: DistortConfig, pixels: ByteArray = MAP, count: int = COUNT) -> FloatArray:
    """Return f32[count, height, width, channels], variants of one picture as pixels."""
    layer = augmentation_layer(Distortion.of(config), SCALED)
    batch = SCALED.normalize(np.repeat(pixels[np.newaxis], count, axis=0))
    made = np.asarray(layer(batch, training=True)) * 128 + 127
    return np.asarray(made, dtype=np.float32)


def test_without_flags_or_outside_training_nothing_happens() -> None:
    batch = SCALED.normalize(MAP[np.newaxis])
    idle = augmentation_layer(Distortion(), SCALED)
    strong = augmentation_layer(Distortion(random_rotation=90, random_noise=20), SCALED)

    for layer, training in ((idle, True), (idle, False), (strong, False)):
        assert (np.asarray(layer(batch, training=training)) == batch).all()


@pytest.mark.parametrize("name", ["flip_left_right", "flip_up_down"])
def test_about_half_are_mirrored(name: str) -> None:
    mirrored = MAP[:, ::-1] if name == "flip_left_right" else MAP[::-1]

    made = drawn(DistortConfig(**{name: True}))

    same = [np.abs(one - MAP).max() < 0.1 for one in made]
    turned = [np.abs(one - mirrored).max() < 0.1 for one in made]
    assert all(a != b for a, b in zip(same, turned, strict=True))
    assert 0.35 * COUNT < sum(turned) < 0.65 * COUNT


@pytest.mark.parametrize(
    "config",
    [
        DistortConfig(random_rotation=30),
        DistortConfig(random_rotation=180),
        DistortConfig(random_zoom=50),
        DistortConfig(random_crop=100),
        DistortConfig(random_scale=80),
        DistortConfig(random_shift=20),
        DistortConfig(random_crop=50, random_zoom=30, random_rotation=20, random_shift=10),
    ],
)
def test_pictures_lie_as_distortion_lays_them(config: DistortConfig) -> None:
    """The same ranges of angles, sizes and places, at their ends and in the middle."""
    here = [origin(one) for one in drawn(config)]
    there = [origin(one) for one in variants(Distortion.of(config), MAP, COUNT)]

    for measure, share in ((angle, 0.15), (magnification, 0.15), (right, 0.15), (down, 0.15)):
        mine, theirs = (np.array([measure(one) for one in some]) for some in (here, there))
        room = share * np.ptp(theirs) + 0.5 * (measure is not magnification) + 0.03
        assert np.quantile(mine, [0, 0.5, 1]) == pytest.approx(
            np.quantile(theirs, [0, 0.5, 1]), abs=room
        )


def right(found: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    return float(found[0, 2])


def down(found: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    return float(found[1, 2])


@pytest.mark.parametrize(
    "config",
    [
        DistortConfig(random_brightness=30),
        DistortConfig(random_contrast=40),
        DistortConfig(random_saturation=50),
        DistortConfig(random_hue=30),
        DistortConfig(random_noise=10),
        DistortConfig(random_contrast=20, random_saturation=20, random_hue=10),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_colours_are_as_distortion_makes_them(config: DistortConfig, channels: int) -> None:
    pixels = MILD[..., :channels]
    here = drawn(config, pixels)
    there = np.stack(list(variants(Distortion.of(config), pixels, COUNT)))

    for measure in (np.mean, np.std):
        mine, theirs = (measure(made, axis=(1, 2)) for made in (here, there))
        room = float(0.15 * np.ptp(theirs) + 1)
        for quantile in (0, 0.5, 1):
            assert np.quantile(mine, quantile, axis=0) == pytest.approx(
                np.quantile(theirs, quantile, axis=0), abs=room
            )


def test_a_hue_is_turned_by_the_same_matrix() -> None:
    """At 180 degrees with no range left to chance but the sign: both ends are one colour."""
    red: ByteArray = np.full((*FRAME, 3), (190, 90, 80), np.uint8)
    farthest = max(drawn(DistortConfig(random_hue=180), red), key=colour_distance)

    there = max(variants(Distortion(random_hue=180), red, COUNT), key=colour_distance)

    assert farthest[0, 0] == pytest.approx(there[0, 0], abs=3)


def colour_distance(made: FloatArray) -> float:
    return float(np.abs(made[0, 0] - [190, 90, 80]).sum())


def test_the_same_seed_draws_the_same() -> None:
    batch = SCALED.normalize(np.repeat(MAP[np.newaxis], 4, axis=0))
    config = DistortConfig(random_rotation=30, random_noise=5)

    first, again, other = (
        np.asarray(augmentation_layer(Distortion.of(config), SCALED, seed)(batch, training=True))
        for seed in (1, 1, 2)
    )

    assert (first == again).all()
    assert (first != other).any()


def test_it_trains_in_a_graph_and_is_saved_with_its_model(tmp_path: Path) -> None:
    config = DistortConfig(flip_left_right=True, random_rotation=10, random_hue=10)
    shape = SCALED.shape
    model = keras.Sequential(
        [
            keras.Input(shape),
            augmentation_layer(Distortion.of(config), SCALED),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    batch = SCALED.normalize(np.repeat(MAP[np.newaxis], 6, axis=0))
    keras.utils.set_random_seed(0)
    model.fit(batch, np.array([0, 1] * 3), batch_size=4, verbose=0)

    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")

    assert loaded.layers[0].get_config() == model.layers[0].get_config()
    assert np.asarray(loaded(batch)) == pytest.approx(np.asarray(model(batch)))
