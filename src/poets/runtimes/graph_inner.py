"""Looking into a frozen graph with TensorFlow."""

import numpy as np
from tensorboard.compat.proto.graph_pb2 import GraphDef

from poets.backbones.quiet_tensorflow import tf
from poets.errors import ModelError
from poets.preprocess import FloatArray, Preprocess
from poets.runtimes.cut import cut
from poets.runtimes.dense import Dense, DenseLayers
from poets.runtimes.ends import Ends
from poets.runtimes.frozen_graph import REFUSALS, load_session, make_callable, reason_of
from poets.runtimes.graph_walk import way_of_graph
from poets.runtimes.inner import Inner
from poets.runtimes.nodes import dtype_of


class GraphInner:
    """A graph in a TensorFlow session of its own, one picture at a time; threads may share it."""

    def __init__(self, graph: GraphDef, ends: Ends, preprocess: Preprocess) -> None:
        """Load what a FrozenGraphRunner runs; raises ModelError where TensorFlow refuses it."""
        self._dtype = tf.dtypes.as_dtype(dtype_of(ends.source)).as_numpy_dtype
        part = cut(graph, ends, preprocess.shape, batch=1)
        way = way_of_graph(part, ends.sink.name)
        last_map = () if way.last_map is None else (way.last_map,)
        names = [way.scores, *way.layer_inputs, *last_map]
        session = load_session(part)
        self._call = make_callable(session, ends.source.name, names)
        constants = [name for one in way.layers for name in (one.weights, one.bias) if name]
        try:
            values = session.run({name: f"{name}:0" for name in constants})
        except REFUSALS as error:
            raise ModelError(f"The graph cannot be looked into: {reason_of(error)}.") from error
        self._n_inputs = len(way.layer_inputs)
        layers = (
            Dense(values[one.weights], values.get(one.bias, np.zeros(1, np.float32)), one.relu)
            for one in way.layers
        )
        self.layers = DenseLayers(tuple(layers))

    def run(self, values: FloatArray) -> Inner:
        """Look at one picture, f32[height, width, channels]; raises ModelError."""
        try:
            given = self._call(values[np.newaxis].astype(self._dtype, copy=False))
        except REFUSALS as error:
            raise ModelError(f"The graph cannot run on this input: {reason_of(error)}.") from error
        scores, *inner = (np.asarray(one, np.float32) for one in given)
        taken, maps = inner[: self._n_inputs], inner[self._n_inputs :]
        last_map = maps[0][0] if maps and maps[0].ndim == 4 else None
        return Inner(scores.reshape(-1), tuple(one.reshape(-1) for one in taken), last_map)
