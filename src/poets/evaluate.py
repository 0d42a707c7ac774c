"""Moved to poets.evaluation."""

from poets.evaluation.interval import wilson_interval
from poets.evaluation.scores import Evaluation, evaluate, sample

__all__ = ["Evaluation", "evaluate", "sample", "wilson_interval"]
