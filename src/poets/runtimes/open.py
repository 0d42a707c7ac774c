"""Opening a graph by its content: LiteRT where it can be, TensorFlow where it must."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from poets.config import LabelConfig
from poets.errors import ModelError
from poets.manifest import Manifest, read_zip_manifest
from poets.registry import load
from poets.runtimes.assume import assume_preprocess
from poets.runtimes.labels import labels_for, told_otherwise
from poets.runtimes.litert import LiteRTRunner
from poets.runtimes.model import Model

_FROZEN_GRAPH = "poets.runtimes.frozen_graph:open_frozen_graph"  # imports TensorFlow
_RETRAIN = "Make one with: retrain --image_dir FOLDER, or name another with --graph."


def open_model(config: LabelConfig) -> Model:
    """Open a .tflite or a frozen .pb.

    A .pb is run from the .tflite beside it when that one names this very .pb (its SHA-256).
    Raises ModelError for a file that is no graph or cannot be run.
    """
    path = config.graph
    if not path.is_file():
        reason = "is a folder" if path.is_dir() else "no such graph"
        raise ModelError(f"{path}: {reason}.", hint=_RETRAIN)
    if _is_tflite(path):
        return _open_tflite(path, read_zip_manifest(path), config)
    companion = path.with_suffix(".tflite")
    manifest = read_zip_manifest(companion)
    if manifest is not None and manifest.graph_sha256 == _sha256(path):
        return _open_tflite(companion, manifest, config)
    model: Model = load(_FROZEN_GRAPH)(config)
    return model


def _open_tflite(path: Path, manifest: Manifest | None, config: LabelConfig) -> Model:
    runner = LiteRTRunner(path)
    if manifest is None:
        preprocess, notes = assume_preprocess(runner.input_size, "", config)
    else:
        preprocess, notes = manifest.preprocess, told_otherwise(config, manifest)
    known = manifest.labels if manifest else ()
    labels = labels_for(config, known, runner.n_outputs)
    return Model(labels, preprocess, _first(runner, path), notes)


def _first(runner: LiteRTRunner, path: Path) -> Callable[[], LiteRTRunner]:
    """Hand out the runner that is loaded already, then new ones."""
    ready = iter([runner])
    return lambda: next(ready, None) or LiteRTRunner(path)


def _is_tflite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8)[4:] == b"TFL3"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
