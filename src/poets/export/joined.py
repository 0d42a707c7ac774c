"""The joined graph in TensorFlow: where every exporter that needs TensorFlow starts."""

from pathlib import Path

import numpy as np

from poets.backbones.eight_bit import with_plain_weights
from poets.backbones.quiet_tensorflow import tf
from poets.classifier import Classifier
from poets.export import frozen_graph
from poets.export.proof import Picture, Runtime
from poets.manifest import Manifest
from poets.preprocess import FloatArray
from poets.runtimes.frozen_graph import load_session, make_callable


def joined_graph(classifier: Classifier) -> tf.compat.v1.GraphDef:
    """Return the graph of a classifier: plain operations on float32 constants, no manifest."""
    content = frozen_graph.join(classifier).SerializeToString()
    graph = tf.compat.v1.GraphDef.FromString(content)
    output = classifier.manifest.output_name
    return with_plain_weights(tf.compat.v1.graph_util.extract_sub_graph(graph, [output]))


def open_graph(path: Path, manifest: Manifest) -> dict[str, Runtime]:
    """Open a .pb in a session, as scripts of 2017 do."""
    session = load_session(frozen_graph.read_graph(path))
    network = make_callable(session, manifest.input_name, [manifest.output_name])

    def run(picture: Picture) -> FloatArray:
        scores: FloatArray = network(picture.values[np.newaxis])[0][0]
        return scores

    return {"scores": run}
