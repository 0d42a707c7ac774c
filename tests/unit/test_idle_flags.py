"""What is said of flags that change nothing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from poets.config.backbone import BackboneConfig
from poets.config.data import DataConfig
from poets.config.distort import DistortConfig
from poets.config.fine_tune import FineTuneConfig
from poets.config.head import HeadConfig
from poets.config.retrain import RetrainConfig
from poets.config.train import TrainConfig
from poets.stages.idle import tell_idle_flags
from tests.support.reporters import Recorder

PLAIN = RetrainConfig(data=DataConfig(image_dir=Path("images")))
EPOCHS = {"fine_tune": FineTuneConfig(epochs=5)}
RATE = {"fine_tune": FineTuneConfig(fine_tune_learning_rate=1e-3)}
CNN = {"backbone": BackboneConfig(architecture="cnn_28")}
LBFGS = {"head": HeadConfig(optimizer="lbfgs")}
BATCHES = {"train": TrainConfig(learning_rate=0.5, train_batch_size=7)}
VARIANTS = {"distort": DistortConfig(distortion_variants=3)}


def told(parts: Mapping[str, Any]) -> list[str]:
    recorder, config = Recorder(), replace(PLAIN, **parts)
    tell_idle_flags(config, config.head, recorder)
    return [warning.split()[0] for warning in recorder.warnings]


@pytest.mark.parametrize(
    ("parts", "flags"),
    [
        (EPOCHS, ["--epochs"]),
        (RATE, ["--fine_tune_learning_rate"]),
        (RATE | CNN, ["--fine_tune_learning_rate"]),
        (BATCHES | LBFGS, ["--learning_rate", "--train_batch_size"]),
        (VARIANTS, ["--distortion_variants"]),
    ],
)
def test_each_is_told(parts: Mapping[str, Any], flags: list[str]) -> None:
    assert told(parts) == flags


@pytest.mark.parametrize(
    "parts",
    [
        {},
        LBFGS,
        BATCHES,
        EPOCHS | CNN,
        {"fine_tune": FineTuneConfig(fine_tune_blocks="all", epochs=3)},
        {"fine_tune": FineTuneConfig(fine_tune_blocks="2", fine_tune_learning_rate=1e-3)},
        {"distort": DistortConfig(distortion_variants=3, random_zoom=10)},
    ],
)
def test_those_that_matter_are_not(parts: Mapping[str, Any]) -> None:
    assert told(parts) == []
