"""Pictures painted here, each from a seed of its own: to try things out without a network."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from poets.datasets.making import Recipe, make_folder
from poets.errors import UsageError
from poets.parallel import CorePool
from poets.report import Reporter

_NOTE_PATTERN = r"[0-9]+ pictures a label, painted by poets with seed [0-9]+\.\n"


@dataclass(frozen=True)
class Painted:
    """A set of pictures to paint."""

    name: str
    what: str  # "flowers"
    labels: tuple[str, ...]
    suffix: str
    paint: Callable[[str, np.random.Generator], bytes]  # a picture's file of that label

    def recipe(self, per_label: int, seed: int) -> Recipe:
        """Return what a folder with that many of them holds."""
        note = f"{per_label} pictures a label, painted by poets with seed {seed}.\n"
        return Recipe(self.name, f"painted {self.what}", self.labels, note, _NOTE_PATTERN)


@dataclass(frozen=True)
class _Order:
    """One picture to be painted."""

    painted: Painted
    label: str
    number: int  # from 1
    seed: int

    @property
    def name(self) -> str:
        return f"{self.label}/{self.label}_{self.number:04}{self.painted.suffix}"

    def picture(self) -> bytes:
        """Paint it with its own randomness: how many others there are does not matter."""
        key = (self.painted.labels.index(self.label), self.number)
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key))
        return self.painted.paint(self.label, rng)


def draw_painted(
    painted: Painted, folder: Path, per_label: int, seed: int, reporter: Reporter
) -> Path:
    """Return `folder` with the pictures in a sub-folder a label.

    What was drawn before is kept as it is. Raises UsageError for a count or a seed that cannot
    be, DataError where something else is in the folder, OutputError where it cannot be written.
    """
    if per_label < 1 or seed < 0:
        message = f"{per_label} pictures a label with seed {seed} cannot be painted."
        raise UsageError(message, hint="Ask for 1 or more, with a seed of 0 or more.")
    numbers = range(1, per_label + 1)
    orders = [_Order(painted, label, n, seed) for label in painted.labels for n in numbers]

    def draw(whole: Path) -> None:
        with (
            reporter.progress(f"Painting {painted.what}", len(orders), "pictures") as advance,
            CorePool(lambda: _Order.picture) as pool,
        ):
            for order, content in zip(orders, pool.map(orders), strict=True):
                (whole / order.name).write_bytes(content)
                advance(1)

    return make_folder(folder, painted.recipe(per_label, seed), draw)
