"""What a run was told and how it ended, as TensorBoard's HParams tab compares runs."""

from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import get_args

from poets.config.flags import changed_flags, flags_of, groups_of
from poets.config.output import OutputConfig
from poets.config.page import PageConfig
from poets.config.report import ReportConfig
from poets.config.retrain import RetrainConfig
from poets.evaluation.scores import Evaluation
from poets.summaries.hparams import Setting

_USUAL = {"architecture", "how_many_training_steps", "learning_rate", "train_batch_size"}
_TELLING = (OutputConfig, ReportConfig, PageConfig)  # they change nothing of what is learned


def settings_of(config: RetrainConfig) -> dict[str, Setting]:
    """Return every flag that may change what is learned, by its name."""
    return {
        name: _told(getattr(group, name), kind)
        for group in groups_of(config)
        if not isinstance(group, _TELLING)
        for name, kind, _ in flags_of(type(group))
        if kind is not Path
    }


def _told(value: Setting | None, kind: type) -> Setting:
    """Return a value of one type whether it is given or not: TensorBoard has one for a column."""
    if NoneType in get_args(kind):
        return "" if value is None else str(value)
    assert value is not None
    return value


def told_of(config: RetrainConfig) -> frozenset[str]:
    """Return the settings that are worth a column: the usual ones, and what was told otherwise."""
    return frozenset(changed_flags(config)) | _USUAL


def results_of(testing: Evaluation, validation: Evaluation) -> Mapping[str, float]:
    """Return how the run ended, by what it is called; nothing of a part without pictures."""
    tested = {
        "test accuracy": testing.accuracy,
        "test cross entropy": testing.cross_entropy,
    }
    watched = {"validation accuracy": validation.accuracy}
    return (tested if testing.n else {}) | (watched if validation.n else {})
