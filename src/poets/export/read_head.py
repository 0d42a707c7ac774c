"""The head of a file that `retrain` wrote, and what is known of it; without TensorFlow."""

from pathlib import Path

from poets.errors import ModelError
from poets.export.frozen_graph import manifest_of, read_graph, take_apart
from poets.heads.softmax import Hidden, SoftmaxHead
from poets.manifest import Manifest, read_zip_manifest
from poets.runtimes.litert import is_tflite
from poets.runtimes.litert_inner import LiteRTInner

_NOT_OURS = "Name a .pb or .tflite that retrain wrote."


def read_head(path: Path) -> tuple[SoftmaxHead, Manifest]:
    """Return the head of a .pb or .tflite, weights of 8 or 16 bits as numbers, and the manifest.

    Raises ModelError for any other file.
    """
    try:
        tflite = is_tflite(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelError(f"{path}: {reason}.", hint=_NOT_OURS) from error
    if tflite:
        manifest = _known(read_zip_manifest(path), path)
        return _head_of_tflite(path, manifest), manifest
    graph = read_graph(path)
    manifest = _known(manifest_of(graph), path)
    return take_apart(graph, manifest)[1], manifest


def _known(manifest: Manifest | None, path: Path) -> Manifest:
    if manifest is None:
        message = f"{path} does not say what its labels are: `retrain` did not write it."
        raise ModelError(message, hint=_NOT_OURS)
    return manifest


def _head_of_tflite(path: Path, manifest: Manifest) -> SoftmaxHead:
    layers = LiteRTInner(path).layers.layers
    if not 1 <= len(layers) <= 2 or layers[-1].weights.shape[1:] != (len(manifest.labels),):
        raise ModelError(f"{path}: its head is not one that `retrain` makes.", hint=_NOT_OURS)
    *below, last = layers
    hidden = Hidden(below[0].weights, below[0].bias) if below else None
    return SoftmaxHead(last.weights, last.bias, hidden)
