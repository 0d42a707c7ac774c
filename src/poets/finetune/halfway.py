"""Where the training of a network stands after an epoch: a stopped one goes on from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poets.finetune.arrays_file import Arrays, read_arrays, write_arrays
from poets.finetune.score import Epoch

_GROUPS = ("best_weights", "variables", "optimizer")


@dataclass(frozen=True)
class Halfway:
    """All that a training needs to go on, and end as if it had not been stopped."""

    epochs: tuple[Epoch, ...]
    best: int  # the epoch with the best weights; 0 is the beginning
    random_state: dict[str, Any]  # of the generator that orders the pictures
    best_weights: Arrays
    variables: Arrays  # of the network: weights, and seeds of what draws in it
    optimizer: Arrays


def halfway_of(path: Path) -> Path:
    """Return where the training stands whose end will be `path`."""
    return path.with_suffix(".unfinished")


def write_halfway(halfway: Halfway, path: Path) -> None:
    """Write the file, whole or not at all; raises OutputError."""
    info = {
        "epochs": [epoch.to_dict() for epoch in halfway.epochs],
        "best": halfway.best,
        "random_state": halfway.random_state,
    }
    write_arrays(path, info, {name: getattr(halfway, name) for name in _GROUPS})


def read_halfway(path: Path) -> Halfway | None:
    """Read what `write_halfway` wrote; None where there is none, or it is damaged."""
    return read_arrays(path, _GROUPS, _halfway)


def _halfway(info: dict[str, Any], groups: Sequence[Arrays]) -> Halfway:
    epochs = tuple(Epoch.from_dict(values) for values in info["epochs"])
    return Halfway(epochs, int(info["best"]), dict(info["random_state"]), *groups)
