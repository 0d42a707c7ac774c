"""Where a training stands, in a file: a stopped run goes on and ends with the same bytes."""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from poets.config.distort import DistortConfig
from poets.config.head import HeadConfig
from poets.config.train import TrainConfig
from poets.dataset import Dataset
from poets.errors import DataError
from poets.files import write_bytes
from poets.heads.softmax import SoftmaxHead
from poets.preprocess import FloatArray
from poets.train import Snapshot, StepState

_SECONDS = 1.0  # between two saves: what a kill at any moment can lose


def fingerprint(dataset: Dataset, *configs: TrainConfig | DistortConfig | HeadConfig) -> str:
    """Return what tells one training from another: the features, the labels and the settings."""
    digest = hashlib.sha256(json.dumps([dataset.labels, *map(asdict, configs)]).encode())
    for part in (dataset.training, dataset.validation):
        digest.update(part.values.tobytes())
        digest.update(part.label_ids.tobytes())
    return digest.hexdigest()


class Checkpoint:
    """A file that a training is saved to from time to time."""

    def __init__(self, path: Path, identity: str) -> None:
        """`identity` tells this training from others that may have used the file."""
        self._path, self._identity = path, identity
        self._saved_at = time.monotonic()
        self._latest: Snapshot | None = None
        self.is_of_another = False  # whether what `load` found was another training's

    def load(self) -> Snapshot | None:
        """Return where this very training stopped; None where the file is of another or not there.

        Raises DataError for a file that is no checkpoint, which is left as it is.
        """
        try:
            with self._path.open("rb") as file:
                arrays = np.load(file, allow_pickle=False)
                info = json.loads(str(arrays["info"]))
                self.is_of_another = info["identity"] != self._identity
                if self.is_of_another:
                    return None
                head = SoftmaxHead.of(_numbered(arrays, "head"))
                moments = _numbered(arrays, "moment")
                return Snapshot(info["step"], head, tuple(info["random_states"]), moments)
        except FileNotFoundError:
            return None
        # What a file of something else, or a half of one, makes NumPy and the lines above raise.
        except (OSError, ValueError, LookupError, TypeError, EOFError, zipfile.BadZipFile) as error:
            hint = "Name another file with --checkpoint_path, or delete this one."
            raise DataError(f"{self._path} is no checkpoint.", hint=hint) from error

    @contextmanager
    def saving(self) -> Iterator["Checkpoint"]:
        """Save when the block is left early; take the file away when it ends well."""
        try:
            yield self
        except BaseException:
            if self._latest is not None:
                self._save(self._latest)
            raise
        self._path.unlink(missing_ok=True)

    def __call__(self, state: StepState) -> None:
        """Listen to a training."""
        # At once: when the training is stopped, its generators may have gone on already.
        self._latest = state.snapshot()
        if time.monotonic() - self._saved_at >= _SECONDS:
            self._save(self._latest)
            self._saved_at = time.monotonic()

    def _save(self, snapshot: Snapshot) -> None:
        info = {
            "identity": self._identity,
            "step": snapshot.step,
            "random_states": snapshot.random_states,
        }
        content = io.BytesIO()
        arrays: dict[str, Any] = {f"head{i}": a for i, a in enumerate(snapshot.head.arrays)}
        arrays |= {f"moment{i}": a for i, a in enumerate(snapshot.moments)}
        np.savez(content, **arrays, info=np.array(json.dumps(info)))
        write_bytes(self._path, content.getvalue())


def _numbered(arrays: Mapping[str, FloatArray], name: str) -> tuple[FloatArray, ...]:
    """Return the arrays that were saved as name0, name1 ..."""
    return tuple(arrays[f"{name}{i}"] for i in range(sum(n.startswith(name) for n in arrays)))
