"""A backbone as it is used every day: made once, kept in --model_dir, no TensorFlow needed."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import google_crc32c

from poets.backbones.spec import INPUT_NODE, BackboneSpec
from poets.errors import ModelError
from poets.files import output_errors
from poets.locks import alone
from poets.preprocess import Preprocess
from poets.registry import load
from poets.report import Reporter

FEATURES_NODE = "features"
GRAPH_FILE = "backbone.pb"
TFLITE_FILE = "backbone.tflite"
INFO_FILE = "backbone.json"
_CHUNK = 1 << 20
_FORMAT = 1  # raise it when what is compiled changes: old folders are then made again


@dataclass(frozen=True)
class Backbone:
    """A compiled backbone: f32[n, height, width, channels] in, f32[n, feature_size] out."""

    architecture: str
    digest: str  # of weights, graph and preprocess: what features depend on beside the picture
    preprocess: Preprocess
    feature_size: int
    folder: Path
    input_node: str = INPUT_NODE  # of the graph
    quantized: bool = False  # whether exports are to have 8-bit weights

    @property
    def graph_path(self) -> Path:
        """The frozen GraphDef, from `input_node` to `features`."""
        return self.folder / GRAPH_FILE

    @property
    def tflite_path(self) -> Path:
        """The same for LiteRT, one picture at a time."""
        return self.folder / TFLITE_FILE

    def __str__(self) -> str:
        side = self.preprocess.width
        return f"{self.architecture}, {side} px, {self.feature_size} features"


def open_backbone(spec: BackboneSpec, model_dir: Path, reporter: Reporter) -> Backbone:
    """Return the compiled backbone, making it first where it is not in `model_dir` yet.

    Raises ModelError where its weights cannot be had or are broken.
    """
    source_digest = spec.source.digest(model_dir)
    if source_digest is None:
        backbone = _compiled_before(spec, model_dir)
        if backbone is not None:
            return backbone
        spec.source.fetch(model_dir, reporter)
        source_digest = spec.source.digest(model_dir)
    digest = _digest(spec, str(source_digest))
    folder = _compiled_dir(model_dir) / f"{spec.name}-{digest[:16]}"
    backbone = _load(spec, folder)
    if backbone is None:
        message = f"{spec.name} is being made by another process: waiting for it."
        with alone(folder, lambda: reporter.warning(message)):
            backbone = _load(spec, folder) or _make(spec, folder, digest, reporter)
    return backbone


def is_ready(spec: BackboneSpec, model_dir: Path) -> bool:
    """Tell, without reading the weights, whether the backbone can be had without a network."""
    return spec.source.is_here(model_dir) or _compiled_before(spec, model_dir) is not None


def _compiled_dir(model_dir: Path) -> Path:
    return model_dir / "compiled"


def _digest(spec: BackboneSpec, source_digest: str) -> str:
    recipe = {
        "name": spec.name,
        "source": source_digest,
        "preprocess": spec.preprocess.to_dict(),
        "format": _FORMAT,
    }
    return sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def _make(spec: BackboneSpec, folder: Path, digest: str, reporter: Reporter) -> Backbone:
    """Compile the weights that are in `folder`'s --model_dir; say what it took."""
    weights = spec.source.fetch(folder.parents[1], reporter)
    if spec.maker:  # else there is nothing to wait for
        reporter.making_backbone(spec.name)
    started = time.perf_counter()
    _publish(folder, lambda partial: _compile(spec, weights, digest, partial))
    backbone = _load(spec, folder)
    if backbone is None:
        raise ModelError(f"{folder} is damaged.", hint="Delete it and run again.")
    if spec.maker:
        reporter.backbone_made(folder, time.perf_counter() - started)
    return backbone


def _compile(spec: BackboneSpec, weights: Path, digest: str, folder: Path) -> None:
    feature_size = load(spec.compiler)(spec, weights, folder)
    info = {
        "architecture": spec.name,
        "preprocess": spec.preprocess.to_dict(),
        "feature_size": feature_size,
        "digest": digest,
        "sizes": {name: (folder / name).stat().st_size for name in (GRAPH_FILE, TFLITE_FILE)},
        "crc32c": {name: _checksum(folder / name) for name in (GRAPH_FILE, TFLITE_FILE)},
    }
    (folder / INFO_FILE).write_text(json.dumps(info, indent=1, sort_keys=True) + "\n")


def _publish(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a fresh folder that takes the name when it is whole."""
    prefix = f".making-{folder.name}-"
    with output_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f"{prefix}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=folder.parent) as making:
            partial = Path(making) / folder.name
            partial.mkdir()
            fill(partial)
            shutil.rmtree(folder, ignore_errors=True)  # a damaged one
            if not folder.exists():  # else another process was faster
                partial.rename(folder)


def _compiled_before(spec: BackboneSpec, model_dir: Path) -> Backbone | None:
    """Find one whose archive was deleted since."""
    found = _compiled_dir(model_dir).glob(f"{spec.name}-*")
    # Not those that were fine-tuned, NAME-tuned-DIGEST.
    folders = sorted(x for x in found if "-" not in x.name.removeprefix(f"{spec.name}-"))
    return next(filter(None, (_load(spec, folder) for folder in folders)), None)


def _load(spec: BackboneSpec, folder: Path) -> Backbone | None:
    """Read a compiled folder; None where there is none, or it is damaged or of another kind."""
    try:
        info = json.loads((folder / INFO_FILE).read_text())
        backbone = Backbone(
            spec.name,
            info["digest"],
            Preprocess(**info["preprocess"]),
            int(info["feature_size"]),
            folder,
            spec.input_node,
            spec.quantized,
        )
        usable = backbone.preprocess == spec.preprocess and _is_whole(folder, info)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return backbone if usable else None


def _is_whole(folder: Path, info: dict[str, Any]) -> bool:
    """Tell whether the files are as they were made: a few wrong numbers would show nowhere."""
    if any((folder / name).stat().st_size != size for name, size in info["sizes"].items()):
        return False
    sums = info.get("crc32c", {})  # there are none in folders of before
    return all(_checksum(folder / name) == crc for name, crc in sums.items())


def _checksum(path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            total = google_crc32c.extend(total, chunk)
    return total
