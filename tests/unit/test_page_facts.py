"""What the page says of a training that only its manifest knows."""

from typing import Any

import pytest

from poets.config.fine_tune import FineTuneConfig
from poets.config.flags import defaults_of
from poets.config.train import TrainConfig
from poets.page.facts import trained_with

USUAL = defaults_of(TrainConfig) | defaults_of(FineTuneConfig)


def test_what_is_as_usual_is_left_out_but_for_what_tells_most() -> None:
    told = trained_with(USUAL | {"epochs": 3})

    assert "how_many_training_steps 4000, learning_rate 0.01" in told
    assert "seed 0" in told
    assert told.endswith("epochs 3")
    assert "fine_tune" not in told


def test_a_setting_of_another_version_is_said() -> None:
    assert trained_with({"momentum": 0.9}) == "momentum 0.9"


@pytest.mark.parametrize("training", [[], "seed", 5, None])
def test_a_manifest_that_holds_something_else_tells_nothing(training: Any) -> None:  # noqa: ANN401
    assert trained_with(training) == ""
