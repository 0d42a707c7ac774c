from pathlib import Path

import pytest

from poets.config.data import DataConfig
from poets.config.distort import DistortConfig
from poets.config.head import HeadConfig
from poets.config.retrain import RetrainConfig
from poets.errors import UsageError


def test_the_defaults_are_the_codelabs_head() -> None:
    config = HeadConfig()

    assert config.optimizer == "auto"
    assert config.l2 is None
    assert (config.dropout, config.hidden_units, config.label_smoothing) == (0, 0, 0)
    assert config.weight_of_label() == {}


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("optimizer", "adamw", "choose from auto, sgd, adam, lbfgs"),
        ("l2", -0.1, "from 0 to 1,000,000"),
        ("l2", float("nan"), "from 0 to 1,000,000"),
        ("dropout", 1.0, "from 0 to 0.99"),
        ("hidden_units", -1, "from 0 to 65,536"),
        ("hidden_units", 10**9, "from 0 to 65,536"),
        ("label_smoothing", 1.5, "from 0 to 0.99"),
        ("class_weights", "", "'' is no label with a number"),
        ("class_weights", "roses", "'roses' is no label with a number"),
        ("class_weights", "roses=", "is no label with a number"),
        ("class_weights", "=2", "is no label with a number"),
        ("class_weights", "roses=much", "is no label with a number"),
        ("class_weights", "roses=0", "is no label with a number"),
        ("class_weights", "roses=-1", "is no label with a number"),
        ("class_weights", "roses=nan", "is no label with a number"),
        ("class_weights", "roses=inf", "is no label with a number"),
        ("class_weights", "roses=2,", "is no label with a number"),
        ("class_weights", "roses=2,roses=3", "a label has two weights"),
    ],
)
def test_a_bad_value_is_named(name: str, value: object, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        HeadConfig(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("roses=2", {"roses": 2.0}),
        ("roses=2,tulips=0.5", {"roses": 2.0, "tulips": 0.5}),
        (" roses = 2 , tulips=1e-3", {"roses": 2.0, "tulips": 0.001}),
        ("a=b=3", {"a=b": 3.0}),
        ("雏菊=4", {"雏菊": 4.0}),
    ],
)
def test_weights_of_labels_are_read(text: str, weights: dict[str, float]) -> None:
    assert HeadConfig(class_weights=text).weight_of_label() == weights


def test_dropout_and_lbfgs_do_not_go_together() -> None:
    with pytest.raises(UsageError, match="dropout"):
        HeadConfig(optimizer="lbfgs", dropout=0.5)


def test_distortions_without_end_and_lbfgs_do_not_go_together() -> None:
    endless = DistortConfig(flip_left_right=True, distortion_variants=0)

    data = DataConfig(image_dir=Path("flowers"))
    with pytest.raises(UsageError, match="distortion_variants 0") as caught:
        RetrainConfig(data=data, head=HeadConfig(optimizer="lbfgs"), distort=endless)

    assert "--distortion_variants 8" in caught.value.hint
    assert RetrainConfig(data=data, distort=endless).head.optimizer == "auto"
