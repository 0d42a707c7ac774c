"""What was learned, in a file of --model_dir: a network's weights as others are downloaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poets.backbones.spec import BackboneSpec
from poets.finetune.arrays_file import Arrays, read_arrays, write_arrays
from poets.finetune.halfway import halfway_of
from poets.finetune.score import Epoch, Learned
from poets.locks import alone
from poets.network.remote import sha256_of
from poets.report import Reporter

_KINDS = ("weights", "head")


@dataclass(frozen=True)
class Base:
    """The network that a training began with."""

    spec: BackboneSpec
    model_dir: Path
    n_blocks: int | None  # that are trained, the last ones; None is all


@dataclass(frozen=True)
class LearnedSource:
    """Weights of this machine's own making, and those that they began with."""

    path: Path
    base: Base | None = None  # None for a network that was trained from scratch

    def is_here(self, model_dir: Path) -> bool:  # noqa: ARG002 - it has its place
        """Tell whether the file is there."""
        return self.path.exists()

    def digest(self, model_dir: Path) -> str | None:  # noqa: ARG002
        """Return the file's SHA-256."""
        return sha256_of(self.path)

    def fetch(self, model_dir: Path, reporter: Reporter) -> Path:  # noqa: ARG002
        """Return the file."""
        return self.path

    def describe(self) -> str:
        """Say where the weights come from."""
        return "trained on your pictures"


def learned_once(path: Path, learn: Callable[[], Learned], reporter: Reporter) -> Learned:
    """Return what was learned before, else learn it, in one process at a time, and write it."""
    learned = read_learned(path)
    if learned is None:
        message = f"{path.stem} is being trained by another process: waiting for it."
        with alone(path, lambda: reporter.warning(message)):
            learned = read_learned(path)
            if learned is None:
                learned = learn()
                write_learned(learned, path)
    return learned


def write_learned(learned: Learned, path: Path) -> None:
    """Write the file, whole or not at all; raises OutputError."""
    info = {"epochs": [epoch.to_dict() for epoch in learned.epochs], "best": learned.best}
    write_arrays(path, info, {kind: getattr(learned, kind) for kind in _KINDS})
    halfway_of(path).unlink(missing_ok=True)


def read_learned(path: Path) -> Learned | None:
    """Read what `write_learned` wrote; None where there is none, or it is damaged."""
    return read_arrays(path, _KINDS, _learned)


def _learned(info: dict[str, Any], groups: Sequence[Arrays]) -> Learned:
    epochs = tuple(Epoch.from_dict(values) for values in info["epochs"])
    weights, head = (tuple(values) for values in groups)
    return Learned(epochs, int(info["best"]), weights, head)
