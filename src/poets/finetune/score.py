"""What training is judged by: pictures that it does not see."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from poets.dataset import Features
from poets.heads.softmax import SoftmaxHead, accuracy, cross_entropy
from poets.preprocess import FloatArray


@dataclass(frozen=True)
class Score:
    """How well pictures are named: accuracy in [0, 1], cross entropy in nats."""

    accuracy: float
    cross_entropy: float

    @classmethod
    def of(cls, head: SoftmaxHead, features: Features) -> "Score":
        """Measure a head on the pictures of one part."""
        logits = head.logits(features.values)
        return cls(accuracy(logits, features.label_ids), cross_entropy(logits, features.label_ids))

    def is_better(self, other: "Score") -> bool:
        """Tell whether more is right; where it is as much, whether it is right with less doubt."""
        if not math.isfinite(self.cross_entropy):
            return False
        return (self.accuracy, -self.cross_entropy) > (other.accuracy, -other.cross_entropy)

    def is_surer(self, other: "Score") -> bool:
        """Tell whether the cross entropy is smaller, which few pictures measure more finely."""
        return math.isfinite(self.cross_entropy) and self.cross_entropy < other.cross_entropy


@dataclass(frozen=True)
class Epoch:
    """One pass over the training pictures, and what it led to."""

    training: Score  # while the weights were changing
    validation: Score

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Epoch":
        """Return what `to_dict` told."""
        return cls(Score(**values["training"]), Score(**values["validation"]))


@dataclass(frozen=True)
class Learned:
    """What a training of a network led to."""

    epochs: tuple[Epoch, ...]
    best: int  # how many epochs led to the weights; 0: none was better than the beginning
    weights: tuple[FloatArray, ...]  # the network's that were trained, in its own order
    head: tuple[FloatArray, ...] = ()  # SoftmaxHead's arrays, where that was trained with it
