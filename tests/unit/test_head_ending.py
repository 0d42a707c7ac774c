"""What is said of a training when it has ended."""

import pytest

from poets.config.head import HeadConfig
from poets.config.train import TrainConfig
from poets.report import Reporter
from poets.stages.head import Ending
from poets.train import TrainingData, fit
from tests.support.features import dataset_of


class Told(Reporter):
    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.steps: list[int] = []

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def converged(self, steps: int) -> None:
        self.steps.append(steps)


def told(config: TrainConfig, settings: HeadConfig = HeadConfig(), spread: float = 1.0) -> Told:  # noqa: B008
    ending, reporter = Ending(3), Told()
    fit(TrainingData.of(dataset_of(spread=spread)), config, [ending], None, settings)
    ending.tell(config.how_many_training_steps, reporter)
    return reporter


@pytest.mark.parametrize("steps", [1, 300])
def test_nothing_is_said_of_a_usual_training(steps: int) -> None:
    reporter = told(TrainConfig(how_many_training_steps=steps))

    assert (reporter.warnings, reporter.steps) == ([], [])


def test_steps_that_are_too_large_are_told() -> None:
    config = TrainConfig(how_many_training_steps=100, learning_rate=1e3)

    (warning,) = told(config, spread=20.0).warnings

    assert "where guessing has 1.1" in warning
    assert "--learning_rate" in warning


def test_a_head_that_is_certain_of_everything_is_told() -> None:
    config = TrainConfig(how_many_training_steps=100, learning_rate=1e3)

    (warning,) = told(config).warnings

    assert "certain of nearly every picture" in warning


def test_an_early_end_is_told() -> None:
    config = TrainConfig(how_many_training_steps=1000)

    reporter = told(config, HeadConfig(optimizer="lbfgs", l2=0.1))

    assert len(reporter.steps) == 1
    assert 1 < reporter.steps[0] < 1000
    assert reporter.warnings == []


def test_of_a_training_that_was_done_already_nothing_is_said() -> None:
    reporter = Told()

    Ending(3).tell(100, reporter)

    assert (reporter.warnings, reporter.steps) == ([], [])
