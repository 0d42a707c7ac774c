"""Running a frozen GraphDef with TensorFlow: graphs from elsewhere, and ours without a .tflite."""

import numpy as np
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.backbones.quiet_tensorflow import quiet_stderr, tf
from poets.config import LabelConfig
from poets.errors import ModelError
from poets.export.frozen_graph import manifest_of, read_graph
from poets.graph_ops import check_ops
from poets.preprocess import FloatArray
from poets.runtimes.assume import assume_preprocess
from poets.runtimes.ends import find_input, find_output, input_size
from poets.runtimes.labels import labels_for, told_otherwise
from poets.runtimes.model import Model


class FrozenGraphRunner:
    """A graph in TensorFlow, one picture at a time; threads may share it."""

    def __init__(self, graph: GraphDef, input_name: str, output_name: str) -> None:
        """Import the graph; raises ModelError where TensorFlow refuses it."""
        definition = tf.compat.v1.GraphDef.FromString(graph.SerializeToString())
        try:
            with quiet_stderr():
                wrapped = tf.compat.v1.wrap_function(
                    lambda: tf.graph_util.import_graph_def(definition, name=""), []
                )
                self._function = wrapped.prune(f"{input_name}:0", f"{output_name}:0")
        except (ValueError, KeyError, tf.errors.OpError) as error:
            raise ModelError(f"TensorFlow cannot load the graph: {error}.") from error

    def run(self, values: FloatArray) -> FloatArray:
        """Map one picture, f32[height, width, 3], to f32[d]; raises ModelError."""
        try:
            scores = self._function(tf.constant(values[np.newaxis]))
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise ModelError(f"The graph cannot run on this input: {error}.") from error
        output: FloatArray = np.asarray(scores, dtype=np.float32).reshape(-1)
        return output


def open_frozen_graph(config: LabelConfig) -> Model:
    """Open a .pb; raises ModelError for one that is none, is refused or cannot be run."""
    graph = read_graph(config.graph)
    check_ops(graph, config.graph)
    manifest = manifest_of(graph)
    if manifest is not None:
        runner = FrozenGraphRunner(graph, manifest.input_name, manifest.output_name)
        preprocess, notes = manifest.preprocess, told_otherwise(config, manifest)
    else:
        source, sink = (
            find_input(graph, config.input_layer),
            find_output(graph, config.output_layer),
        )
        size = input_size(source, config)
        preprocess, notes = assume_preprocess(size, source.name, config)
        runner = FrozenGraphRunner(graph, source.name, sink.name)
    blank = np.zeros((preprocess.height, preprocess.width, 3), np.float32)
    n_outputs = len(runner.run(blank))  # not every graph says it in its shapes
    labels = labels_for(config, manifest.labels if manifest else (), n_outputs)
    return Model(labels, preprocess, lambda: runner, notes, threads=False)
