"""What a network computes on the way to its scores: its last map, and what its head takes."""

from dataclasses import dataclass
from typing import Protocol

from poets.preprocess import FloatArray
from poets.runtimes.dense import DenseLayers


@dataclass(frozen=True)
class Inner:
    """One picture inside a network."""

    scores: FloatArray  # [n_labels]
    layer_inputs: tuple[FloatArray, ...]  # [d], what each dense layer takes, the first one first
    last_map: FloatArray | None  # [h, w, d]: its mean is what the first layer takes


class InnerRunner(Protocol):
    """A model that tells more than its scores; used by one thread at a time."""

    @property
    def layers(self) -> DenseLayers:
        """The dense layers behind the features; none where they are of a kind not known."""

    def run(self, values: FloatArray) -> Inner:
        """Look at one picture, f32[height, width, channels]; raises ModelError."""
