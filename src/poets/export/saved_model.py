"""The SavedModel: scores for preprocessed floats, and for the bytes of a picture's file."""

from pathlib import Path

import numpy as np

from poets.backbones.compile import run_graph
from poets.backbones.quiet_tensorflow import quiet_stderr, tf
from poets.classifier import Classifier
from poets.export.decoding import decode
from poets.export.folders import EXTRA, MANIFEST_FILE
from poets.export.joined import joined_graph
from poets.export.proof import Picture, Runtime
from poets.files import write_bytes
from poets.labels import encode_labels
from poets.manifest import Manifest
from poets.preprocess import FloatArray

LABELS_FILE = f"{EXTRA}/labels.txt"
# A name that ends in _bytes says, by a rule of TensorFlow Serving, that a string is no text.
FLOATS, BYTES, SCORES = "image", "image_bytes", "prediction"
SERVING_DEFAULT = tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY


def write(classifier: Classifier, path: Path) -> None:
    """Write the folder; signatures `serving_default`, `image` (the same) and `bytes`."""
    with quiet_stderr():
        served = _Served(classifier)
        signatures = {SERVING_DEFAULT: served.image, "image": served.image, "bytes": served.bytes}
        try:
            tf.saved_model.save(served, str(path), signatures=signatures)
        except tf.errors.OpError as error:  # a full disk
            raise OSError(error.message.rpartition("; ")[2]) from error


def attach(manifest: Manifest, path: Path) -> None:
    """Put the manifest and the labels into the folder."""
    write_bytes(path / MANIFEST_FILE, manifest.to_json())
    write_bytes(path / LABELS_FILE, encode_labels(manifest.labels))


def open_saved_model(path: Path, manifest: Manifest) -> dict[str, Runtime]:  # noqa: ARG001
    """Open a folder with TensorFlow: both its signatures."""
    with quiet_stderr():
        signatures = tf.saved_model.load(str(path)).signatures

    def on_floats(picture: Picture) -> FloatArray:
        return _first(signatures["image"](**{FLOATS: tf.constant(picture.values[np.newaxis])}))

    def on_bytes(picture: Picture) -> FloatArray | None:
        try:
            return _first(signatures["bytes"](**{BYTES: tf.constant([picture.content])}))
        except tf.errors.OpError:  # a format that TensorFlow does not decode
            return None

    return {"image": on_floats, "bytes": on_bytes}


class _Served(tf.Module):  # type: ignore[misc]
    """The functions behind the signatures; they share one copy of the network."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        manifest, preprocess = classifier.manifest, classifier.manifest.preprocess
        graph = joined_graph(classifier)
        floats = tf.TensorSpec((None, *preprocess.shape), tf.float32, FLOATS)
        strings = tf.TensorSpec((None,), tf.string, BYTES)

        def network(image: tf.Tensor) -> tf.Tensor:
            return run_graph(graph, image, manifest.output_name, manifest.input_name)

        def of_image(image: tf.Tensor) -> dict[str, tf.Tensor]:
            return {SCORES: shared(image)}

        def of_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
            decoded = tf.map_fn(
                lambda content: decode(content, preprocess),
                image_bytes,
                fn_output_signature=tf.TensorSpec(preprocess.shape, tf.float32),
            )
            return {SCORES: shared(decoded)}

        shared = tf.function(network, input_signature=[floats])
        self.image = tf.function(of_image, input_signature=[floats])
        self.bytes = tf.function(of_bytes, input_signature=[strings])


def _first(outputs: dict[str, tf.Tensor]) -> FloatArray:
    scores: FloatArray = outputs[SCORES].numpy()[0]
    return scores
