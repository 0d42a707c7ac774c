"""Running a frozen GraphDef with TensorFlow: graphs from elsewhere, and ours without a .tflite."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.backbones.quiet_tensorflow import quiet_stderr, tf
from poets.errors import ModelError
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.cut import cut
from poets.runtimes.ends import Ends
from poets.runtimes.nodes import dtype_of

REFUSALS = (ValueError, TypeError, KeyError, tf.errors.OpError)  # of a graph that does not fit
_PREAMBLE = ("Graph execution error", "Detected at node", "Node: ", "<stack traces")
_TOLERANCE = 1e-4  # of a score, between a picture alone and in a batch


class FrozenGraphRunner:
    """A graph in a TensorFlow session; threads may share it, and it uses every core itself."""

    def __init__(self, graph: GraphDef, ends: Ends, preprocess: Preprocess) -> None:
        """Load what is between the ends; raises ModelError where TensorFlow refuses it."""
        self._dtype = tf.dtypes.as_dtype(dtype_of(ends.source)).as_numpy_dtype
        self._batches: bool | None = None  # whether pictures do not know of each other
        try:
            self._call = _load(cut(graph, ends, preprocess.shape, batch=-1), ends)
        except ModelError:
            self._call = _load(cut(graph, ends, preprocess.shape, batch=1), ends)
            self._batches = False
        # Not every graph says it in its shapes.
        self.n_outputs = len(self.run(np.zeros(preprocess.shape, np.float32)))

    def run(self, values: FloatArray) -> FloatArray:
        """Map one picture, f32[height, width, channels], to f32[d]; raises ModelError."""
        return self._scores(values[np.newaxis]).reshape(-1)

    def run_batch(self, values: FloatArray) -> FloatArray:
        """Map f32[n, height, width, channels] to f32[n, d], at once where the graph can."""
        if self._batches is None and len(values) > 1:
            self._batches = self._agrees(values)
        if self._batches:
            return self._scores(values).reshape(len(values), -1)
        return np.stack([self.run(one) for one in values])

    def _agrees(self, values: FloatArray) -> bool:
        """Tell whether a batch says of its first and last picture what each alone does."""
        try:
            together = self._scores(values).reshape(len(values), -1)
        except (ModelError, ValueError):
            return False
        alone = np.stack([self.run(values[0]), self.run(values[-1])])
        ends = together[[0, -1]]
        return ends.shape == alone.shape and np.allclose(ends, alone, rtol=0, atol=_TOLERANCE)

    def _scores(self, batch: FloatArray) -> FloatArray:
        try:
            (scores,) = self._call(batch.astype(self._dtype, copy=False))
        except REFUSALS as error:
            raise ModelError(f"The graph cannot run on this input: {reason_of(error)}.") from error
        return np.asarray(scores, dtype=np.float32)


def _load(graph: GraphDef, ends: Ends) -> Callable[..., list[Any]]:
    return make_callable(load_session(graph), ends.source.name, [ends.sink.name])


def load_session(graph: GraphDef) -> "tf.compat.v1.Session":
    """Load a graph as it is; raises ModelError where TensorFlow refuses it."""
    definition = tf.compat.v1.GraphDef.FromString(graph.SerializeToString())
    try:
        # Not a tf.function: those refuse operations of 2015, whatever version the graph is of.
        with quiet_stderr(), tf.Graph().as_default() as loaded:
            tf.compat.v1.import_graph_def(definition, name="")
            return tf.compat.v1.Session(graph=loaded)
    except REFUSALS as error:
        raise ModelError(f"TensorFlow cannot load the graph: {reason_of(error)}.") from error


def make_callable(
    session: "tf.compat.v1.Session", source: str, nodes: Sequence[str]
) -> Callable[..., list[Any]]:
    """Return what maps the value of one node to those of others; raises ModelError."""
    try:
        with quiet_stderr():
            made: Callable[..., list[Any]] = session.make_callable(
                [f"{node}:0" for node in nodes], [f"{source}:0"]
            )
            return made
    except REFUSALS as error:
        raise ModelError(f"TensorFlow cannot load the graph: {reason_of(error)}.") from error


def reason_of(error: Exception) -> str:
    """Return the line in which TensorFlow says what is wrong; it goes on for pages."""
    lines = (line.strip() for line in str(error).split("\n"))
    telling = (line for line in lines if line and not line.startswith(_PREAMBLE))
    return next(telling, type(error).__name__).rstrip(".")
