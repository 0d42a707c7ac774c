"""The .keras file: the joined graph as Keras layers, to be read and trained on by Keras alone."""

import warnings
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from poets.backbones.quiet_tensorflow import keras, quiet_stderr, tf
from poets.classifier import Classifier
from poets.export.joined import joined_graph
from poets.export.keras_layers import to_keras
from poets.export.proof import Picture, Runtime
from poets.export.tflite_model import LABELS_ENTRY
from poets.labels import encode_labels
from poets.manifest import ZIP_ENTRY, Manifest
from poets.preprocess import FloatArray

_NAME = "model.keras"  # Keras goes by the ending, which a file not yet in its place has not


def write(classifier: Classifier, path: Path) -> None:
    """Write the model: f32[n, height, width, channels] in, f32[n, n_labels] out.

    Raises ModelError for a network with an operation that is no Keras layer.
    """
    manifest = classifier.manifest
    with quiet_stderr(), TemporaryDirectory(prefix=".keras-", dir=path.parent) as folder:
        keras.backend.clear_session()  # it counts layers, and their names end up in the file
        model = to_keras(joined_graph(classifier), manifest.input_name, manifest.output_name)
        # Its own, of NumPy's new rules.
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            model.save(Path(folder) / _NAME)
        (Path(folder) / _NAME).replace(path)


def attach(manifest: Manifest, path: Path) -> None:
    """Add the labels and the manifest to the zip; Keras leaves them alone."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(LABELS_ENTRY, encode_labels(manifest.labels))
        archive.writestr(ZIP_ENTRY, manifest.to_json())


def open_keras(path: Path, manifest: Manifest) -> dict[str, Runtime]:  # noqa: ARG001
    """Open a file with Keras."""
    with quiet_stderr(), TemporaryDirectory() as folder:
        (Path(folder) / _NAME).symlink_to(path.absolute())
        model = keras.saving.load_model(Path(folder) / _NAME)
    network = tf.function(lambda image: model(image, training=False))

    def run(picture: Picture) -> FloatArray:
        scores: FloatArray = network(tf.constant(picture.values[np.newaxis])).numpy()[0]
        return scores

    return {"scores": run}
