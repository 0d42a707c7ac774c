import dataclasses
import math
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from poets.config.backbone import DEFAULT_ARCHITECTURE, BackboneConfig
from poets.config.data import DataConfig, SplitConfig
from poets.config.flags import FlagGroup, defaults_of, flags_of
from poets.config.label import LabelConfig
from poets.config.output import OutputConfig
from poets.config.report import ReportConfig
from poets.config.retrain import RetrainConfig
from poets.config.train import TrainConfig
from poets.errors import UsageError

CODELAB_DEFAULTS: dict[type, dict[str, object]] = {
    TrainConfig: {
        "how_many_training_steps": 4000,
        "learning_rate": 0.01,
        "train_batch_size": 100,
        "validation_batch_size": 100,
        "test_batch_size": -1,
        "eval_step_interval": 10,
    },
    SplitConfig: {"testing_percentage": 10, "validation_percentage": 10},
    OutputConfig: {
        "final_tensor_name": "final_result",
        "output_graph": Path("tf_files/retrained_graph.pb"),
        "output_labels": Path("tf_files/retrained_labels.txt"),
        "summaries_dir": Path("tf_files/training_summaries"),
    },
    BackboneConfig: {
        "bottleneck_dir": Path("tf_files/bottlenecks"),
        "model_dir": Path("tf_files/models"),
    },
    ReportConfig: {"logging_verbosity": "INFO"},
}
CONFIGS = FlagGroup.__subclasses__()


@pytest.mark.parametrize("kind", CODELAB_DEFAULTS)
def test_the_codelab_s_flags_have_the_values_that_are_written_down(kind: type) -> None:
    expected = CODELAB_DEFAULTS[kind]

    assert {name: defaults_of(kind)[name] for name in expected} == expected


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_flag_explains_itself_in_a_sentence(kind: type) -> None:
    for name, _, flag in flags_of(kind):
        assert flag.help.endswith("."), name
        assert flag.help[0].isupper(), name


def test_no_two_stages_of_retrain_have_a_flag_of_the_same_name() -> None:
    stages = [*get_type_hints(RetrainConfig).values(), SplitConfig]
    names = [name for stage in stages for name, _, _ in flags_of(stage)]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kind", "name", "value", "complaint"),
    [
        (TrainConfig, "how_many_training_steps", 0, "from 1 to 10,000,000"),
        (TrainConfig, "how_many_training_steps", 10**400, "from 1 to 10,000,000"),
        (TrainConfig, "learning_rate", 0.0, "from 1e-09 to 1,000"),
        (TrainConfig, "learning_rate", math.nan, "from 1e-09 to 1,000"),
        (TrainConfig, "learning_rate", math.inf, "from 1e-09 to 1,000"),
        (TrainConfig, "train_batch_size", -1, "from 1 to 100,000"),
        (TrainConfig, "validation_batch_size", 0, "from 1 to 100,000, or -1"),
        (TrainConfig, "validation_batch_size", 10**400, "from 1 to 100,000, or -1"),
        (TrainConfig, "test_batch_size", -2, "it is 1 or more, or -1"),
        (TrainConfig, "eval_step_interval", 0, "it is 1 or more"),
        (TrainConfig, "seed", -1, "from 0 to "),
        (SplitConfig, "testing_percentage", 100, "from 0 to 99"),
        (SplitConfig, "validation_percentage", -1, "from 0 to 99"),
        (BackboneConfig, "image_size", 31, "from 32 to 1,024, or 0"),
        (ReportConfig, "logging_verbosity", "LOUD", "choose from DEBUG, INFO"),
        (LabelConfig, "input_height", 0, "from 1 to 4,096"),
        (LabelConfig, "input_width", 10**9, "from 1 to 4,096"),
        (LabelConfig, "input_mean", math.nan, "a finite number"),
        (LabelConfig, "input_mean", -math.inf, "a finite number"),
        (LabelConfig, "input_std", math.inf, "a finite number"),
        (LabelConfig, "input_std", 0, "nothing can be divided by it"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_those_that_can(
    kind: type, name: str, value: object, complaint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        kind(**{name: value})

    assert str(caught.value).startswith(f"--{name} {value}: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (TrainConfig, {"how_many_training_steps": 1, "learning_rate": 1e3, "seed": 2**63 - 1}),
        (TrainConfig, {"validation_batch_size": -1, "test_batch_size": 1}),
        (SplitConfig, {"testing_percentage": 0, "validation_percentage": 99}),
        (BackboneConfig, {"image_size": 0}),
        (BackboneConfig, {"image_size": 1024}),
        (LabelConfig, {"input_mean": -1.5, "input_std": -2.0, "input_height": 1}),
    ],
)
def test_values_at_the_ends_are_taken(kind: type, values: dict[str, Any]) -> None:
    made = kind(**values)

    assert {name: getattr(made, name) for name in values} == values


@pytest.mark.parametrize(("testing", "validation"), [(50, 50), (99, 1)])
def test_something_is_left_to_train_on(testing: int, validation: int) -> None:
    with pytest.raises(UsageError, match="leave no training"):
        SplitConfig(testing_percentage=testing, validation_percentage=validation)


def test_a_configuration_needs_no_more_than_the_folder_and_cannot_change() -> None:
    made = RetrainConfig(data=DataConfig(image_dir=Path("flowers")))

    assert made.backbone.architecture == DEFAULT_ARCHITECTURE
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.data.image_dir = Path("other")  # type: ignore[misc]


def test_a_required_flag_has_no_default() -> None:
    assert defaults_of(DataConfig)["image_dir"] is dataclasses.MISSING
    assert "split" not in defaults_of(DataConfig)
