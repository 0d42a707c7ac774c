"""The table of kinds of flowers: a new one is a row, and a class that draws its head."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from poets.datasets.painting.canvas import Canvas, Colour
from poets.datasets.painting.daisy import Daisy
from poets.datasets.painting.dandelion import Dandelion
from poets.datasets.painting.greenery import Foliage
from poets.datasets.painting.pose import Pose
from poets.datasets.painting.rose import Rose
from poets.datasets.painting.sunflower import Sunflower
from poets.datasets.painting.tulip import Tulip


class Flower(Protocol):
    """A flower of a kind, with its own colours and proportions."""

    @property
    def petal(self) -> Colour:
        """The colour that a bud shows."""

    def head(self, canvas: Canvas, pose: Pose, rng: np.random.Generator) -> None:
        """Draw a head."""


@dataclass(frozen=True)
class Kind:
    """One row: how its flowers come about, what is below their heads, how they are seen."""

    grow: Callable[[np.random.Generator], Flower]
    foliage: Foliage
    tilts: tuple[float, float]  # a negative one hangs its head


KINDS: dict[str, Kind] = {
    "daisy": Kind(Daisy.grow, Foliage(95, 0.07, 2, 0.8, 0.22, (0.9, 0.5)), (-0.1, 1.25)),
    "dandelion": Kind(
        Dandelion.grow,
        Foliage(80, 0.1, 4, 2.2, 0.5, (0.9, 0.4), teeth=6, basal=True),
        (0.0, 1.3),
    ),
    "roses": Kind(Rose.grow, Foliage(115, 0.1, 3, 0.7, 0.45, (0.55, 0.6), leaflets=3), (0.0, 1.1)),
    "sunflowers": Kind(Sunflower.grow, Foliage(95, 0.13, 3, 1.0, 0.75, (0.45, 0.75)), (-0.7, 0.9)),
    "tulips": Kind(
        Tulip.grow, Foliage(110, 0.13, 3, 2.4, 0.45, (0.5, 0.9), basal=True), (0.7, 1.5)
    ),
}
