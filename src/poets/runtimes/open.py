"""Opening a graph by its content: LiteRT where it can be, TensorFlow where it must."""

import hashlib
from pathlib import Path

from poets.config.label import LabelConfig
from poets.errors import ModelError
from poets.manifest import Manifest, read_zip_manifest
from poets.parallel import first_then
from poets.registry import did_you_mean, load
from poets.runtimes.labels import labels_for, told_otherwise
from poets.runtimes.litert import LiteRTRunner, is_tflite
from poets.runtimes.model import LITERT_INNER, Model

_OPEN_GRAPH = "poets.runtimes.open_graph:open_graph"  # imports TensorFlow, and late
_OPEN_FOREIGN = "poets.runtimes.foreign_tflite:open_foreign_tflite"
_RETRAIN = "Make one with: retrain --image_dir FOLDER, or name another with --graph."


def open_model(config: LabelConfig) -> Model:
    """Open a .tflite or a frozen .pb.

    A .pb is run from the .tflite beside it when that one names this very .pb (its SHA-256).
    Raises ModelError for a file that is no graph or cannot be run.
    """
    path = config.graph
    try:
        if not path.is_file():
            raise ModelError(f"{path}: {why_no_graph(path)}", hint=_RETRAIN)
        tflite = path if is_tflite(path) else path.with_suffix(".tflite")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelError(f"{path}: {reason}.", hint=_RETRAIN) from error
    manifest = read_zip_manifest(tflite)
    if manifest is not None and (tflite == path or manifest.graph_sha256 == _sha256(path)):
        return _open_tflite(tflite, manifest, config)
    model: Model = load(_OPEN_FOREIGN if tflite == path else _OPEN_GRAPH)(config)
    return model


def _open_tflite(path: Path, manifest: Manifest, config: LabelConfig) -> Model:
    runner = LiteRTRunner(path)
    if runner.input_shape != manifest.preprocess.shape:
        raise ModelError(f"{path} is damaged: its manifest is another graph's.")
    return Model(
        labels_for(config, manifest.labels, runner.n_outputs),
        manifest.preprocess,
        first_then(runner, lambda: LiteRTRunner(path)),
        assumed=told_otherwise(config, manifest),
        manifest=manifest,
        make_inner=lambda: load(LITERT_INNER)(path),
    )


def why_no_graph(path: Path) -> str:
    """Say what is at a path that no graph can be read from."""
    if (path / "saved_model.pb").is_file():
        return "is a SavedModel; a .pb or .tflite is wanted, like the one that it was made from."
    if path.exists():
        return "is a folder." if path.is_dir() else "is no file."
    siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    return f"no such graph.{did_you_mean(path.name, siblings)}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
