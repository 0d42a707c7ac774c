"""The names of networks from scratch."""

from pathlib import Path

import pytest

from poets.backbones.cnn_table import EXAMPLES, filters_of, find_cnn
from poets.backbones.compiled import is_ready
from poets.backbones.table import BACKBONES, find_backbone
from poets.config.backbone import BackboneConfig
from poets.errors import UsageError
from poets.report import Reporter
from poets.stages.network import get_backbone


@pytest.mark.parametrize(
    ("name", "shape"),
    [("cnn_28", (28, 28, 3)), ("cnn_28_gray", (28, 28, 1)), ("cnn_100_gray", (100, 100, 1))],
)
def test_the_name_says_what_it_takes(name: str, shape: tuple[int, int, int]) -> None:
    spec = find_backbone(name)

    assert spec.name == name
    assert spec.preprocess.shape == shape
    assert spec.feature_size > 0
    assert spec.parameters > 0


def test_examples_are_listed_and_need_nothing(tmp_path: Path) -> None:
    assert set(EXAMPLES) <= BACKBONES.keys()
    assert all(is_ready(BACKBONES[name], tmp_path) for name in EXAMPLES)


@pytest.mark.parametrize("name", ["cnn_8", "cnn_0_gray", "cnn_1000", "cnn_99999"])
def test_a_size_out_of_range_is_an_error_with_the_range(name: str) -> None:
    with pytest.raises(UsageError, match="16 to 224 pixels") as caught:
        find_backbone(name)

    assert "cnn_28" in caught.value.hint


@pytest.mark.parametrize("name", ["cnn_28_grey", "cnn", "cnn_", "cnn_28_gray_", "CNN_28"])
def test_a_wrong_name_gets_the_nearest(name: str) -> None:
    assert find_cnn(name) is None
    with pytest.raises(UsageError, match="no architecture"):
        find_backbone(name)


def test_the_name_is_its_size() -> None:
    with pytest.raises(UsageError, match="takes pictures of 28 pixels only"):
        find_backbone("cnn_28", 64)


@pytest.mark.parametrize(
    ("size", "filters"),
    [
        (16, (32, 64)),
        (28, (32, 64, 128)),
        (64, (32, 64, 128, 256)),
        (224, (32, 64, 128, *[256] * 3)),
    ],
)
def test_larger_pictures_get_more_layers(size: int, filters: tuple[int, ...]) -> None:
    assert filters_of(size) == filters


def test_where_there_is_nothing_to_train_on_it_says_so(tmp_path: Path) -> None:
    config = BackboneConfig(architecture="cnn_28", model_dir=tmp_path)

    with pytest.raises(UsageError, match="before `retrain` has trained it"):
        get_backbone(config, Reporter())
