"""What `retrain` asks of the files of every run: cheap, no TensorFlow, no picture."""

from pathlib import Path

import numpy as np

from poets.classifier import Classifier
from poets.dataset import Features
from poets.errors import ModelError
from poets.export.frozen_graph import read_graph, take_apart
from poets.export.noise import noise_pictures
from poets.export.proof import MAX_DIFFERENCE
from poets.preprocess import FloatArray
from poets.runtimes.litert import LiteRTRunner

_HINT = "The disk may be failing: nothing was written. Try again, or another --output_graph."


def reread_graph(path: Path, classifier: Classifier, testing: Features) -> None:
    """Raise ModelError unless the head in the .pb scores cached features as the trained one."""
    _, head = take_apart(read_graph(path), classifier.manifest)
    expected = classifier.head.probabilities(testing.values)
    _compare(head.probabilities(testing.values), expected, path)


def reread_tflite(path: Path, classifier: Classifier) -> None:
    """Raise ModelError unless the .tflite scores a generated picture as backbone and head do."""
    (picture,) = noise_pictures(classifier.manifest.preprocess, count=1)
    values = classifier.manifest.preprocess.load(picture)
    features = LiteRTRunner(classifier.backbone.tflite_path).run(values)
    expected = classifier.head.probabilities(features[np.newaxis])
    _compare(LiteRTRunner(path).run(values)[np.newaxis], expected, path)


def _compare(scores: FloatArray, expected: FloatArray, path: Path) -> None:
    if not np.all(np.abs(scores - expected) <= MAX_DIFFERENCE):
        raise ModelError(f"{path.name} does not score as the trained head does.", hint=_HINT)
