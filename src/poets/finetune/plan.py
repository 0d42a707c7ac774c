"""What is to be trained, with what, and for how long."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from poets.distort import Distortion
from poets.finetune.learned_file import Base
from poets.finetune.pictures import Pictures
from poets.finetune.score import Score
from poets.heads.batches import Shares
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import Preprocess


@dataclass(frozen=True)
class Plan:
    """How long to train, and what for."""

    epochs: int  # at most
    patience: int  # epochs in a row that may lead to nothing better
    learning_rate: float
    seed: int
    better: Callable[[Score, Score], bool]  # tells whether the first is
    from_scratch: bool = False  # then anything is better than the beginning, and the rate falls
    shares: Shares | None = None  # of the labels in the loss; None where all count alike
    halfway: Path | None = None  # where a training that is stopped leaves what it has

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch, from 0: it stays, or falls along half a cosine."""
        if not self.from_scratch:
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2


@dataclass(frozen=True)
class Tuning:
    """The last blocks of a network, and its head."""

    base: Base
    head: SoftmaxHead  # that the training begins with, of raw features
    training: Pictures
    validation: Pictures
    plan: Plan


@dataclass(frozen=True)
class Scratch:
    """A network that knows nothing yet."""

    preprocess: Preprocess
    n_labels: int
    distortion: Distortion  # of the training pictures, drawn anew in each epoch
    training: Pictures
    validation: Pictures
    plan: Plan
