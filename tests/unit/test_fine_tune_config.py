"""The flags of training the network itself, and what cannot be asked for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from poets.config.fine_tune import FineTuneConfig
from poets.config.retrain import RetrainConfig
from poets.errors import UsageError
from poets.pipeline import retrain
from poets.report import Reporter
from tests.support.downloads import names_in
from tests.support.retraining import config_in, with_backbone, with_split


def asked(config: RetrainConfig, **values: Any) -> RetrainConfig:  # noqa: ANN401
    return replace(config, fine_tune=FineTuneConfig(**values))


@pytest.mark.parametrize(("text", "n"), [("0", 0), ("1", 1), ("16", 16), ("all", None)])
def test_blocks_are_a_number_or_all(text: str, n: int | None) -> None:
    config = FineTuneConfig(fine_tune_blocks=text)

    assert config.n_blocks == n
    assert config.tunes == (n != 0)


@pytest.mark.parametrize("text", ["-1", "some", "", "1.5", "99999", "٣", "all "])
def test_other_words_are_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="--fine_tune_blocks"):
        FineTuneConfig(fine_tune_blocks=text)


@pytest.mark.parametrize("epochs", [0, -1, 10_001])
def test_epochs_have_a_range(epochs: int) -> None:
    with pytest.raises(UsageError, match="--epochs"):
        FineTuneConfig(epochs=epochs)


def test_nothing_is_tuned_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert not config_in(tmp_path).fine_tune.tunes


def refused(config: RetrainConfig, folder: Path) -> UsageError:
    """Return the error, raised before anything was made."""
    before = names_in(folder)
    with pytest.raises(UsageError) as caught:
        retrain(config, Reporter())
    assert set(names_in(folder)) - set(before) <= {"summaries", "intermediate", "bottlenecks"}
    return caught.value


def test_an_archive_of_2017_cannot_be_tuned(tmp_path: Path) -> None:
    error = refused(asked(config_in(tmp_path), fine_tune_blocks="1"), tmp_path)

    assert "mobilenet_0.25_128 is no Keras network" in str(error)
    assert "efficientnet_lite0" in error.hint
    assert "mobilenet_v2" in error.hint


def test_a_hub_module_cannot_be_tuned(tmp_path: Path) -> None:
    config = with_backbone(
        config_in(tmp_path), architecture="efficientnet_lite0", tfhub_module="./module"
    )

    assert "--tfhub_module" in str(refused(asked(config, fine_tune_blocks="all"), tmp_path))


@pytest.mark.parametrize(("architecture", "blocks"), [("efficientnet_lite0", "1"), ("cnn_28", "0")])
def test_without_validation_pictures_nothing_says_when_to_stop(
    architecture: str, blocks: str, tmp_path: Path
) -> None:
    config = with_backbone(config_in(tmp_path), architecture=architecture)
    config = with_split(asked(config, fine_tune_blocks=blocks), testing=10, validation=0)

    error = refused(config, tmp_path)

    assert "when to stop" in str(error)
    assert "--validation_percentage" in error.hint


def test_a_network_from_scratch_is_trained_as_a_whole(tmp_path: Path) -> None:
    config = with_backbone(config_in(tmp_path), architecture="cnn_28")

    error = refused(asked(config, fine_tune_blocks="2"), tmp_path)

    assert "cnn_28 is trained as a whole" in str(error)
    assert "--fine_tune_blocks" in error.hint
