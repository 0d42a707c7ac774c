"""Raw pixels as features: names, what is compiled, and the whole way from pictures to a label."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from poets.backbones.compiled import open_backbone
from poets.backbones.pixels_table import MAX_SIZE, is_pixels
from poets.backbones.table import find_backbone
from poets.config.backbone import BackboneConfig
from poets.config.distort import DistortConfig
from poets.config.head import HeadConfig
from poets.config.label import LabelConfig
from poets.config.retrain import RetrainConfig
from poets.errors import UsageError
from poets.pipeline import retrain
from poets.preprocess import Preprocess
from poets.report import Reporter
from poets.runtimes.litert import LiteRTRunner
from poets.runtimes.open import open_model
from tests.support.labelling import label_images
from tests.support.pictures import encoded, gradient
from tests.support.retraining import config_in


def config_of(folder: Path, architecture: str = "pixels_8") -> RetrainConfig:
    backbone = BackboneConfig(
        architecture=architecture,
        model_dir=folder / "models",
        bottleneck_dir=folder / "bottlenecks",
    )
    return replace(config_in(folder), backbone=backbone)


@pytest.mark.parametrize(
    ("name", "size", "channels"),
    [
        ("pixels_28", 28, 3),
        ("pixels_28_gray", 28, 1),
        ("pixels_1", 1, 3),
        ("pixels_128_gray", 128, 1),
    ],
)
def test_a_name_says_size_and_channels(name: str, size: int, channels: int) -> None:
    spec = find_backbone(name)

    assert spec.preprocess == Preprocess(size, size, mean=0.0, std=255.0, channels=channels)
    assert spec.feature_size == size * size * channels
    assert is_pixels(name)


@pytest.mark.parametrize("name", ["pixels_0", f"pixels_{MAX_SIZE + 1}", "pixels_99999_gray"])
def test_a_size_out_of_range_is_told_the_range(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name}: .* 1 to {MAX_SIZE} pixels") as caught:
        find_backbone(name)

    assert "pixels_28" in caught.value.hint


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("pixels_28_grey", "pixels_28_gray"),
        ("pixel_28", "pixels_28"),
        ("pixels_", "pixels_"),
        ("Pixels_28", "pixels_28"),
        ("pixels_28_gray_", "pixels_28_gray"),
        ("pixels_٢٨", "pixels_"),
        ("pixels_028", "pixels_28"),
    ],
)
def test_a_name_that_is_nearly_right_gets_a_suggestion(wrong: str, right: str) -> None:
    assert not is_pixels(wrong)
    with pytest.raises(UsageError, match=f"no architecture '{wrong}'. Did you mean '{right}"):
        find_backbone(wrong)


def test_another_size_is_another_name() -> None:
    with pytest.raises(UsageError, match="28 pixels only"):
        find_backbone("pixels_28", 32)


@pytest.mark.parametrize("name", ["pixels_9", "pixels_9_gray", "pixels_1"])
def test_the_features_are_the_pixels_row_by_row(tmp_path: Path, name: str) -> None:
    backbone = open_backbone(find_backbone(name), tmp_path, Reporter())
    content = encoded(gradient())
    values = backbone.preprocess.load(content)

    features = LiteRTRunner(backbone.tflite_path).run(values)

    assert features.tolist() == values.reshape(-1).tolist()
    assert 0 <= features.min() < features.max() <= 1 or name == "pixels_1"


def test_what_is_compiled_is_the_same_each_time(tmp_path: Path) -> None:
    made = [open_backbone(find_backbone("pixels_9"), tmp_path / n, Reporter()) for n in "ab"]

    for file in ("graph_path", "tflite_path"):
        first, second = (getattr(backbone, file).read_bytes() for backbone in made)
        assert first == second


def test_two_sizes_have_features_of_their_own(tmp_path: Path) -> None:
    names = ("pixels_8", "pixels_8_gray", "pixels_9")
    digests = {open_backbone(find_backbone(n), tmp_path, Reporter()).digest for n in names}

    assert len(digests) == 3


@pytest.mark.parametrize("architecture", ["pixels_8", "pixels_8_gray"])
def test_pictures_are_told_apart_by_their_pixels(tmp_path: Path, architecture: str) -> None:
    result = retrain(config_of(tmp_path, architecture), Reporter())

    # Blue, green and red are of different brightness, too.
    assert result.evaluation.accuracy == 1.0
    paths = [tmp_path / "images" / label / f"{label}_003.png" for label in ("blue", "green", "red")]
    for name in ("graph.pb", "graph.tflite"):
        model = open_model(LabelConfig(graph=tmp_path / name))
        named = [one.predictions[0].label for one in label_images(model, paths)]
        assert named == ["blue", "green", "red"]


class Told(Reporter):
    """Remembers how the training ended."""

    def __init__(self) -> None:
        self.l2: list[float] = []
        self.steps: list[int] = []

    def l2_picked(self, l2: float) -> None:
        self.l2.append(l2)

    def converged(self, steps: int) -> None:
        self.steps.append(steps)


def test_pixels_are_learned_to_the_end_with_a_penalty_that_suits(tmp_path: Path) -> None:
    config, told = config_of(tmp_path), Told()

    retrain(replace(config, train=replace(config.train, how_many_training_steps=2000)), told)

    assert len(told.l2) == 1
    assert told.steps[0] < 2000


@pytest.mark.parametrize(
    ("head", "distort"),
    [
        (HeadConfig(optimizer="sgd"), DistortConfig()),
        (HeadConfig(dropout=0.2), DistortConfig()),
        (HeadConfig(), DistortConfig(flip_left_right=True, distortion_variants=0)),
    ],
)
def test_where_lbfgs_cannot_be_or_is_not_wanted_it_is_gradient_descent(
    tmp_path: Path, head: HeadConfig, distort: DistortConfig
) -> None:
    told = Told()

    retrain(replace(config_of(tmp_path), head=head, distort=distort), told)

    assert told.l2 == told.steps == []


def test_variants_of_pictures_are_pixels_too(tmp_path: Path) -> None:
    distort = DistortConfig(random_crop=10, flip_left_right=True, distortion_variants=2)

    result = retrain(replace(config_of(tmp_path), distort=distort), Reporter())

    assert result.evaluation.accuracy > 0.9


def test_a_hidden_layer_is_in_both_files(tmp_path: Path) -> None:
    head = HeadConfig(hidden_units=6, optimizer="adam")

    result = retrain(replace(config_of(tmp_path), head=head), Reporter())

    expected = result.evaluation.probabilities
    paths = [image.path for image in result.testing]
    model = open_model(LabelConfig(graph=tmp_path / "graph.tflite"))
    runner = model.make_runner()
    scores = np.stack([runner.run(model.preprocess.load(path)) for path in paths])
    assert scores == pytest.approx(expected, abs=1e-5)
    assert b"final_training_ops/hidden/weights" in (tmp_path / "graph.pb").read_bytes()
