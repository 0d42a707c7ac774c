"""What was learned, in a file of --model_dir: a network's weights as others are downloaded."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from poets.backbones.spec import BackboneSpec
from poets.files import replacing
from poets.finetune.score import Epoch, Learned
from poets.network.remote import sha256_of
from poets.report import Reporter

_INFO, _KINDS = "info", ("weights", "head")


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


def write_learned(learned: Learned, path: Path) -> None:
    """Write the file, whole or not at all; raises OutputError."""
    epochs = [epoch.to_dict() for epoch in learned.epochs]
    counts = {kind: len(getattr(learned, kind)) for kind in _KINDS}
    info = {"epochs": epochs, "best": learned.best} | counts
    arrays = {_INFO: np.array(json.dumps(info))}
    for kind in _KINDS:
        arrays |= {f"{kind}{i}": values for i, values in enumerate(getattr(learned, kind))}
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_learned(path: Path) -> Learned | None:
    """Read what `write_learned` wrote; None where there is none, or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            info = json.loads(str(arrays[_INFO]))
            epochs = tuple(Epoch.from_dict(values) for values in info["epochs"])
            weights, head = (
                tuple(arrays[f"{kind}{i}"] for i in range(info[kind])) for kind in _KINDS
            )
            return Learned(epochs, int(info["best"]), weights, head)
    # What a file of something else, or a half of one, makes NumPy and the lines above raise.
    except (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile):
        return None
