"""How the head of this very network is trained, and what is said of it when it is."""

from dataclasses import replace

import numpy as np

from poets.backbones.compiled import Backbone
from poets.backbones.pixels_table import is_pixels
from poets.config.head import AUTO, LBFGS, SGD, HeadConfig
from poets.config.retrain import RetrainConfig
from poets.dataset import Dataset
from poets.heads.smoothing import Smoothing
from poets.heads.softmax import Standardization
from poets.report import Reporter
from poets.train import Measurement, StepState

_SURE = 14.0  # logits between the best label and the next: the others' chance is one in a million


def settle(config: RetrainConfig, backbone: Backbone) -> HeadConfig:
    """Return the settings with the optimizer that `auto` stands for.

    Pixels are many and alike: gradient descent is far from its end when its steps are up.
    """
    if config.head.optimizer != AUTO:
        return config.head
    whole = not config.distort.draws_anew and not config.head.dropout
    suits = LBFGS if is_pixels(backbone.architecture) and whole else SGD
    return replace(config.head, optimizer=suits)


def standardize(dataset: Dataset, backbone: Backbone) -> Standardization:
    """Measure the training features as suits the network."""
    values = dataset.training.values
    if is_pixels(backbone.architecture):
        return Smoothing.of_pixels(values, backbone.preprocess)
    return Standardization.of(values)


class Ending:
    """Listens to a training, and says what is odd about its end."""

    def __init__(self, n_labels: int) -> None:
        self._guessing = float(np.log(n_labels))
        self._last: StepState | None = None

    def __call__(self, state: StepState) -> None:
        """Keep the last step."""
        self._last = state

    def tell(self, steps: int, reporter: Reporter) -> None:
        """Report a training that was done before its `steps`, or whose steps were too large."""
        last = self._last
        if last is None or last.evaluation is None:
            return
        if last.step + 1 < steps:
            reporter.converged(last.step + 1)
        training = last.evaluation.training
        if training.cross_entropy > self._guessing:
            ended = f"ended with a cross entropy of {training.cross_entropy:.3g}"
            reporter.warning(
                f"the training {ended}, where guessing has {self._guessing:.3g}. "
                "Try a lower --learning_rate."
            )
        elif _saturated(training):
            reporter.warning(
                "the head is certain of nearly every picture, right or wrong. "
                "Try a lower --learning_rate, or --l2 0.01."
            )


def _saturated(measured: Measurement) -> bool:
    ranked = np.sort(measured.logits, axis=1)
    return bool(np.median(ranked[:, -1] - ranked[:, -2]) > _SURE) if ranked.shape[1] > 1 else False
